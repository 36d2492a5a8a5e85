"""What follows from a language model's English: where a thing goes seen from its anchor, or stands."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.parser import parse
from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Relation, Role
from langdesign_reference.relations import with_relations
from langdesign_reference.words import split_words


def completed(reading: Reading, english: Lexicon) -> Reading:
    """Return a language model's reading with relations and surfaces as the English lexicon tells them."""
    return replace(reading, edits=tuple(_completed(edit, english) for edit in reading.edits))


def _completed(edit: PlannedEdit, english: Lexicon) -> PlannedEdit:
    anchored = any(one.role is Role.ANCHOR for one in edit.references)
    references = tuple(
        replace(one, relation=_relation(one, edit, english)) if one.role is Role.ANCHOR else one
        for one in edit.references
    )
    edit = replace(edit, references=references)
    if edit.operation is not Operation.ADD or anchored:
        return edit
    known = _known_addition(edit.instruction, english)
    if known is None:
        return edit
    return replace(edit, surfaces=known.surfaces, surface_relation=known.surface_relation)


def _relation(anchor: Reference, edit: PlannedEdit, english: Lexicon) -> Relation:
    """Read the preposition before the anchor in the edit's own English instruction."""
    words, wanted = split_words(edit.instruction), [word.key for word in split_words(anchor.english)]
    keys = [word.key for word in words]
    for first in range(len(words) - len(wanted) + 1):
        if wanted and keys[first : first + len(wanted)] == wanted:
            start, end = words[first].start, words[first + len(wanted) - 1].end
            moved = replace(anchor, start=start, end=end, expression=edit.instruction[start:end])
            found = Reading((replace(edit, references=(moved,)),), 1.0)
            return with_relations(found, edit.instruction, english).edits[0].references[0].relation
    return Relation.UNSPECIFIED


def _known_addition(instruction: str, english: Lexicon) -> PlannedEdit | None:
    """Return what the parser knows of the thing that is added; None where it knows no surface for it."""
    parsed = parse(instruction, english)
    additions = [edit for edit in parsed.edits if edit.surfaces] if parsed else []
    return additions[0] if additions else None
