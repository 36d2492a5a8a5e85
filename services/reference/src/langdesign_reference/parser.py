"""The deterministic reader: rules over a lexicon, the same answer every time."""

from collections.abc import Sequence

from langdesign_reference.clauses import split_clauses
from langdesign_reference.frames import ClauseReading, read_clause
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import Phrase
from langdesign_reference.plan import Operation, Reading, Reference, Role
from langdesign_reference.words import split_words


def parse(instruction: str, lexicon: Lexicon) -> Reading | None:
    """Read an instruction by the rules of its language; None when no rule fits.

    Clauses with one operation are that operation; with several they are `OTHER` with the references of all.
    """
    clauses = split_clauses(split_words(instruction), lexicon)
    readings = [reading for clause in clauses if (reading := read_clause(clause, lexicon))]
    if not readings:
        return None
    references = {
        _reference(instruction, phrase, role) for reading in readings for phrase, role in reading.roles
    }
    certainty = min(reading.certainty for reading in readings)
    if len(readings) < len(clauses):
        certainty *= 0.5  # something was said that no rule reads
    return Reading(_operation(readings), tuple(sorted(references)), certainty)


def _operation(readings: Sequence[ClauseReading]) -> Operation:
    operations: list[Operation] = []
    for reading in readings:
        if reading.resumes and operations:
            operations.pop()  # "remove the lamp and replace it": the second clause says what happens
        operations.append(reading.operation)
    return operations[0] if len(set(operations)) == 1 else Operation.OTHER


def _reference(instruction: str, phrase: Phrase, role: Role) -> Reference:
    start, end = phrase.words[0].start, phrase.words[-1].end
    return Reference(start, end, instruction[start:end], role)
