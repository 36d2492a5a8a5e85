"""The deterministic reader: rules over a lexicon, the same answer every time."""

from langdesign_reference.asked import Asked
from langdesign_reference.assembly import Kept, Topic, Wanted, assemble
from langdesign_reference.certainty import Evidence, confidence
from langdesign_reference.clause import ASK, KEEP, Clause
from langdesign_reference.clauses import classify
from langdesign_reference.cutting import Piece, cut, without_chat
from langdesign_reference.exceptions import take_exceptions
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import Correction, PlannedEdit, Reading
from langdesign_reference.render import render
from langdesign_reference.resolution import resolve
from langdesign_reference.spelling import corrected
from langdesign_reference.wishes import merge_wishes
from langdesign_reference.word_order import in_order

MAX_EDITS, MAX_REFERENCES = 16, 64
"""What a plan holds at most."""


def parse(instruction: str, lexicon: Lexicon) -> Reading | None:
    """Read an instruction by the rules of its language; None when no rule fits.

    A reading without edits says that nothing is asked for: a question, "don't touch the bed".
    """
    words, corrections = corrected(lexicon.split(instruction), lexicon)
    words = in_order(words, lexicon)
    said = without_chat(words, lexicon)
    said, exceptions = take_exceptions(said, lexicon)
    clauses = _clauses(cut(said, lexicon), lexicon)
    events = list(assemble(clauses, lexicon))
    events += [Kept(one.words) for one in exceptions]
    events.sort(key=_place)
    asked, evidence = resolve(events, lexicon)
    asked = merge_wishes(asked)
    evidence = evidence.seen(words, said, clauses, asked, corrections, lexicon)
    if not asked and not _asks_for_nothing(clauses, events):
        return None
    return _reading(instruction, asked, corrections, evidence, lexicon)


def _place(event: Topic | Kept | Wanted) -> int:
    if isinstance(event, Wanted):
        return event.start
    return event.words[0].start if event.words else 0


def _clauses(pieces: list[Piece], lexicon: Lexicon) -> list[Clause]:
    return [classify(piece, lexicon) for piece in pieces]


def _asks_for_nothing(clauses: list[Clause], events: list[Topic | Kept | Wanted]) -> bool:
    asks = any(clause.frame in {ASK, KEEP} for clause in clauses)
    return asks or any(isinstance(event, Kept) for event in events)


def _reading(
    instruction: str,
    asked: list[Asked],
    corrections: tuple[Correction, ...],
    evidence: Evidence,
    lexicon: Lexicon,
) -> Reading:
    edits = list[PlannedEdit]()
    for one in asked[:MAX_EDITS]:
        edits.append(render(instruction, one, lexicon))
    return Reading(
        tuple(edits),
        confidence(evidence),
        corrections,
        wish=bool(asked) and all(one.wish for one in asked),
    )
