"""Says an edit in English, for those who do it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from langdesign_reference.asked import Argument, Asked
from langdesign_reference.english import instruction_of, name_of, text_of
from langdesign_reference.lexicon import LANGUAGES, Lexicon
from langdesign_reference.plan import Operation, PlannedEdit, Reference, Role, Scope
from langdesign_reference.surfaces import surfaces_of
from langdesign_reference.translation import Translated, translate

MAX_INSTRUCTION = 1000
"""Characters of an edit's instruction."""


def render(instruction: str, asked: Asked, lexicon: Lexicon) -> PlannedEdit:
    """Return the edit as others see it.

    Args:
        instruction: What the user wrote.
        asked: The edit.
        lexicon: The words of the instruction's language.

    """
    english = _in_english(asked, lexicon)
    references = tuple(
        _reference(instruction, *one)
        for one in zip(asked.arguments, english.references, english.alternatives, strict=True)
    )
    told = english.instruction
    if asked.operation is Operation.REMOVE and _leaves_some(instruction, references, lexicon):
        told = told.replace("remove ", "remove some of ", 1)
    # "Brighten up the room" asks for as little of the whole picture as "more light" does.
    adjusts = asked.scope is Scope.GLOBAL and asked.operation is Operation.OTHER
    edit = PlannedEdit(
        asked.operation,
        asked.scope,
        references,
        instruction=told[:MAX_INSTRUCTION],
        unknown_words=english.unknown_words,
        gentle=asked.wish or adjusts,
    )
    return _with_surfaces(edit, english.value)


def _leaves_some(instruction: str, removed: Sequence[Reference], lexicon: Lexicon) -> bool:
    """Whether a removal is to leave some of its things: "fewer cushions"."""
    targets = [one for one in removed if one.role is Role.TARGET]
    before = lexicon.split(instruction[: targets[0].start]) if len(targets) == 1 else []
    return lexicon.attributes.less.length_before(before, len(before)) > 0


def _in_english(asked: Asked, lexicon: Lexicon) -> Translated:
    if lexicon.language != LANGUAGES[0]:
        return translate(asked, lexicon.language)
    references = tuple(name_of(one.words, lexicon) for one in asked.arguments)
    return Translated(
        instruction_of(asked, lexicon),
        references=references,
        alternatives=((),) * len(references),
        value=text_of(asked.value, lexicon),
        unknown_words=(),
    )


def _reference(
    instruction: str, argument: Argument, english: str, alternatives: tuple[str, ...]
) -> Reference:
    start = min(word.start for word in argument.words)  # words may have been put in order
    end = max(word.end for word in argument.words)
    expression = instruction[start:end]
    return Reference(start, end, expression, argument.role, argument.relation, english, alternatives)


def _with_surfaces(edit: PlannedEdit, added: str) -> PlannedEdit:
    """Return an addition with how it stands to its surface, and what suits it where it names no place."""
    if edit.operation is not Operation.ADD or edit.scope is not Scope.REGION:
        return edit
    surfaces, relation = surfaces_of(_things(added))
    anchored = any(one.role is Role.ANCHOR for one in edit.references)
    return replace(edit, surfaces=() if anchored else surfaces, surface_relation=relation)


def _things(added: str) -> list[str]:
    """Return the things of "a rug, a plant and a lamp"; the last first names where all of them go."""
    parts: Iterable[str] = added.replace(" and ", ",").split(",")
    return [part.strip() for part in parts if part.strip()]
