"""The deterministic reader: rules over a lexicon, the same answer every time."""

from dataclasses import dataclass, replace

from langdesign_reference.asked import Argument, Asked
from langdesign_reference.assembly import Kept, Topic, Wanted, assemble
from langdesign_reference.certainty import Evidence, confidence
from langdesign_reference.clause import ASK, KEEP, Clause
from langdesign_reference.clauses import classify
from langdesign_reference.cutting import cut, without_chat
from langdesign_reference.exceptions import take_exceptions
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import MAX_EDITS, MAX_REFERENCES, Correction, Reading, Role
from langdesign_reference.proforms import named_again
from langdesign_reference.render import render
from langdesign_reference.resolution import resolve
from langdesign_reference.retractions import rejects_all, takes_all_back
from langdesign_reference.spelling import corrected
from langdesign_reference.wishes import merge_wishes
from langdesign_reference.word_order import in_order, in_standard_spelling
from langdesign_reference.words import Word, Words


def parse(instruction: str, lexicon: Lexicon) -> Reading | None:
    """Read an instruction by the rules of its language; None when no rule fits.

    A reading without edits says that nothing is asked for: a question, "don't touch the bed".
    """
    found = read(instruction, lexicon)
    return found[0] if found else None


def read(instruction: str, lexicon: Lexicon) -> tuple[Reading, Evidence] | None:
    """As `parse`, with what its confidence is drawn from."""
    words, corrections = spelt(instruction, lexicon)
    found = understand(words, corrections, lexicon)
    return (written(instruction, found, corrections, lexicon), found.evidence) if found else None


def spelt(instruction: str, lexicon: Lexicon) -> tuple[list[Word], tuple[Correction, ...]]:
    """Return the words of an instruction as a dictionary has them, and the slips that were corrected."""
    return corrected(in_standard_spelling(lexicon.split(instruction), lexicon), lexicon)


@dataclass(frozen=True)
class Understood:
    """What the rules make of words: edits, what speaks against them, and how many edits are left out.

    Attributes:
        asked: The edits.
        evidence: What speaks against them.
        left_out: How many edits are more than a plan holds.
        forbids: Whether all that is said is that nothing should be done: "don't remove the bed", "undo that",
            "remove the bed, actually don't".

    """

    asked: list[Asked]
    evidence: Evidence
    left_out: int
    forbids: bool = False


def written(
    instruction: str, found: Understood, corrections: tuple[Correction, ...], lexicon: Lexicon
) -> Reading:
    """Return what was understood as others see it."""
    edits = tuple(render(instruction, one, lexicon) for one in named_again(found.asked, lexicon))
    wish = bool(found.asked) and all(one.wish for one in found.asked)
    return Reading(edits, confidence(found.evidence), corrections, wish, found.left_out)


def understand(words: Words, corrections: tuple[Correction, ...], lexicon: Lexicon) -> Understood | None:
    """Return what words ask for, in words of the instruction; None when no rule fits."""
    if takes_all_back(words, lexicon) or rejects_all(words, lexicon):
        return Understood([], Evidence().seen(words, (), (), corrections, lexicon), 0, forbids=True)
    words = in_order(words, lexicon)
    said, exceptions = take_exceptions(without_chat(words, lexicon), lexicon)
    clauses = [classify(piece, lexicon) for piece in cut(said, lexicon)]
    events = list(assemble(clauses, lexicon))
    events += [Kept(one.words) for one in exceptions]
    events.sort(key=_place)
    asked, evidence = resolve(events, lexicon)
    asked, headless = _with_heads(asked, lexicon)
    asked, left_out, over = _limited(merge_wishes(asked))
    if not asked and not _asks_for_nothing(clauses, events):
        return None
    evidence = replace(evidence, dropped=evidence.dropped + headless + over)
    forbids = not asked and not exceptions and all(_forbids(one, words, lexicon) for one in clauses)
    seen = evidence.seen(words, clauses, asked, corrections, lexicon)
    return Understood(asked, seen, left_out, forbids)


def _forbids(clause: Clause, words: Words, lexicon: Lexicon) -> bool:
    """Whether a clause denies a verb, and no wish: "I don't want the bed" is an edit."""
    if clause.frame == ASK:
        return not clause.body and lexicon.statements.undoing.find(words, 0) is not None
    if clause.frame != KEEP:
        return False
    refusal = lexicon.keeping.refusals.length_at(clause.verb, 0)
    if not refusal:  # "das Bett nicht entfernen"
        return lexicon.keeping.nots.find(words, 0) is not None
    verb = lexicon.verb_at(clause.verb, refusal)
    return verb is not None and verb[0] != "want"


def _place(event: Topic | Kept | Wanted) -> int:
    if isinstance(event, Wanted):
        return event.start
    return event.words[0].start if event.words else 0


def _with_heads(asked: list[Asked], lexicon: Lexicon) -> tuple[list[Asked], int]:
    """Return the edits whose targets name something, and how many targets do not: a preposition is none."""
    kept, headless = list[Asked](), 0
    for one in asked:
        named = tuple(part for part in one.arguments if not _is_headless(part, lexicon))
        headless += len(one.arguments) - len(named)
        left = any(part.role is Role.TARGET for part in named)
        if left or len(named) == len(one.arguments):
            kept.append(replace(one, arguments=named))
    return kept, headless


def _is_headless(argument: Argument, lexicon: Lexicon) -> bool:
    places = lexicon.prepositions
    kinds = (places.covering, places.result, places.anchor)
    return argument.role is Role.TARGET and any(kind.length_at(argument.words, 0) for kind in kinds)


def _limited(asked: list[Asked]) -> tuple[list[Asked], int, int]:
    """Return as much as a plan holds, and how many edits, and references, are over that."""
    edits = [replace(one, arguments=one.arguments[:MAX_REFERENCES]) for one in asked[:MAX_EDITS]]
    over = sum(max(0, len(one.arguments) - MAX_REFERENCES) for one in asked[:MAX_EDITS])
    return edits, len(asked) - len(edits), over


def _asks_for_nothing(clauses: list[Clause], events: list[Topic | Kept | Wanted]) -> bool:
    asks = any(clause.frame in {ASK, KEEP} for clause in clauses)
    return asks or any(isinstance(event, Kept) for event in events)
