"""The deterministic reader: rules over a lexicon, the same answer every time."""

from langdesign_reference.clauses import split_clauses
from langdesign_reference.frames import ClauseReading, read_clause
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import Phrase
from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Role, Scope
from langdesign_reference.words import split_words


def parse(instruction: str, lexicon: Lexicon) -> Reading | None:
    """Read an instruction by the rules of its language, an edit a clause; None when no rule fits."""
    clauses = split_clauses(split_words(instruction), lexicon)
    readings = [reading for clause in clauses if (reading := read_clause(clause, lexicon))]
    if not readings:
        return None
    certainty = min(reading.certainty for reading in readings)
    if len(readings) < len(clauses):
        certainty *= 0.5  # something was said that no rule reads
    return Reading(tuple(_edit(instruction, reading) for reading in readings), certainty)


def _edit(instruction: str, reading: ClauseReading) -> PlannedEdit:
    references = tuple(sorted(_reference(instruction, phrase, role) for phrase, role in reading.roles))
    local = references or reading.operation is Operation.ADD
    return PlannedEdit(
        reading.operation, Scope.REGION if local else Scope.GLOBAL, references, instruction=instruction
    )


def _reference(instruction: str, phrase: Phrase, role: Role) -> Reference:
    start, end = phrase.words[0].start, phrase.words[-1].end
    return Reference(start, end, instruction[start:end], role, english=instruction[start:end])
