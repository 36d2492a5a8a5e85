"""Where an added or moved thing goes, seen from its anchor: read off the preposition before the anchor."""

import dataclasses

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import PlannedEdit, Reading, Reference, Relation, Role
from langdesign_reference.words import Word, split_words


def with_relations(reading: Reading, instruction: str, lexicon: Lexicon) -> Reading:
    """Return the reading with the relation of each of its anchors, whoever read it."""
    words = split_words(instruction)
    return dataclasses.replace(
        reading, edits=tuple(_related_edit(edit, words, lexicon) for edit in reading.edits)
    )


def _related_edit(edit: PlannedEdit, words: list[Word], lexicon: Lexicon) -> PlannedEdit:
    references = tuple(_related(reference, words, lexicon) for reference in edit.references)
    return dataclasses.replace(edit, references=references)


def _related(reference: Reference, words: list[Word], lexicon: Lexicon) -> Reference:
    if reference.role is not Role.ANCHOR:
        return reference
    end = sum(word.end <= reference.start for word in words)
    lengths = {name: phrases.length_before(words, end) for name, phrases in lexicon.relations.sets()}
    name = max(lengths, key=lambda one: lengths[one])
    return dataclasses.replace(reference, relation=Relation(name)) if lengths[name] else reference
