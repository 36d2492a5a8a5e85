"""What a language model answers, its schema, and how it becomes a reading: nothing of it is trusted."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from langdesign_reference.errors import LanguageModelNonsense
from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Role, Scope
from langdesign_reference.words import PUNCTUATION, fold, split_words

MAX_ANSWER_CHARACTERS = 32_000
MAX_EDITS = 16
MAX_REFERENCES = 16
"""References of one role that an edit may have."""
MAX_WISHED = 3
"""Edits that a wish may become: more than that is another room."""
MAX_SURFACES = 8
_TARGETED = frozenset({Operation.REMOVE, Operation.REPLACE, Operation.MOVE})
_PLACED = frozenset({Operation.ADD, Operation.MOVE})
_NO_JSON = (ValueError, RecursionError)  # the latter of what is nested without end
_FENCE = re.compile(r"\A\s*```(?:json)?\s*(\{.*\})\s*```\s*\Z", re.DOTALL)
_TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
    }
)


class _Named(msgspec.Struct, forbid_unknown_fields=True):
    words: Annotated[str, Meta(max_length=1000)]
    english: Annotated[str, Meta(max_length=300)]


class _Edit(msgspec.Struct, forbid_unknown_fields=True):
    do: Annotated[str, Meta(max_length=16)]
    what: Annotated[list[_Named], Meta(max_length=MAX_REFERENCES)]
    where: Annotated[list[_Named], Meta(max_length=MAX_REFERENCES)]
    keep: Annotated[list[_Named], Meta(max_length=MAX_REFERENCES)]
    english: Annotated[str, Meta(max_length=1000)]


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What the model says, before it is compared with the instruction."""

    edits: Annotated[list[_Edit], Meta(max_length=MAX_EDITS)]
    wish: bool


def plan_schema() -> dict[str, Any]:
    """Return the JSON schema of a plan, one and the same for every instruction.

    Endpoints compile a schema once and keep it, some in seconds; one with the spans of each instruction would
    cost that every time. It is what all of them take: every property required, nothing besides, no bounds.
    """
    named = _object(words=_TEXT, english=_TEXT)
    references = {"type": "array", "items": named}
    do = {"type": "string", "enum": [operation.value for operation in Operation]}
    edit = _object(do=do, what=references, where=references, keep=references, english=_TEXT)
    return _object(edits={"type": "array", "items": edit}, wish={"type": "boolean"})


def name_schema(names: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of an answer that names one of `names`."""
    return _object(name={"type": "string", "enum": list(names)})


_TEXT = {"type": "string"}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read_name(content: str, names: Sequence[str]) -> str:
    """Return the name of an answer. Raises LanguageModelNonsense where it is none of `names`."""
    try:
        answer = json.loads(_unwrapped(content))
    except _NO_JSON as error:
        raise LanguageModelNonsense("the answer is no JSON") from error
    name = answer.get("name") if isinstance(answer, dict) else None
    if not isinstance(name, str) or name not in names:
        raise LanguageModelNonsense("the answer names what the instruction does not say")
    return name


def read_plan(content: str, instruction: str, confidence: float) -> Reading:
    """Turn an answer into a reading, whose references are spans of the instruction.

    Only the edits of a wish may name what the instruction does not: those references have an empty span. An
    addition's place that the instruction does not name is a surface.

    Raises:
        LanguageModelNonsense: it breaks the schema or contradicts itself, names what the instruction does not
            say, or its English is none.

    """
    try:
        answer = msgspec.json.decode(_unwrapped(content), type=_Answer)
    except _NO_JSON as error:
        raise LanguageModelNonsense("the answer breaks its schema") from error
    if answer.wish and not 1 <= len(answer.edits) <= MAX_WISHED:
        raise LanguageModelNonsense(f"a wish becomes one to {MAX_WISHED} edits")
    edits: list[PlannedEdit] = []
    for edit in answer.edits:
        earlier = [reference for one in edits for reference in one.references]
        edits.append(_planned(edit, instruction, earlier, wish=answer.wish))
    return Reading(tuple(edits), confidence, wish=answer.wish)


def _unwrapped(content: str) -> str:
    """Return the JSON of an answer, without the fence that some models put around it."""
    if len(content) > MAX_ANSWER_CHARACTERS:
        raise LanguageModelNonsense("the answer is too long")
    fenced = _FENCE.match(content)
    return fenced[1] if fenced else content


def _planned(edit: _Edit, instruction: str, earlier: Sequence[Reference], *, wish: bool) -> PlannedEdit:
    operation = _operation(edit)
    english = _english(edit.english)
    places, surfaces = _places(edit, operation, english, wish=wish)
    named = ((edit.what, Role.TARGET), (places, Role.ANCHOR), (edit.keep, Role.KEEP))
    references: list[Reference] = []
    for one, role in ((one, role) for some, role in named for one in some):
        references.append(_reference(one, role, instruction, (references, earlier), wish=wish))
    local = operation is Operation.ADD or any(one.role is not Role.KEEP for one in references)
    return PlannedEdit(
        operation,
        Scope.REGION if local else Scope.GLOBAL,
        tuple(sorted(references)),
        instruction=english,
        surfaces=surfaces,
        gentle=wish and not local,
    )


def _operation(edit: _Edit) -> Operation:
    try:
        operation = Operation(edit.do)
    except ValueError as error:
        raise LanguageModelNonsense("the answer breaks its schema") from error
    if operation is Operation.ADD and edit.what:
        raise LanguageModelNonsense("what is added is not there yet")
    if operation in _TARGETED and not edit.what:
        raise LanguageModelNonsense(f"the answer does not say what to {operation}")
    if edit.where and operation not in _PLACED:
        raise LanguageModelNonsense(f"the answer has a place, which {operation} does not take")
    return operation


def _places(
    edit: _Edit, operation: Operation, english: str, *, wish: bool
) -> tuple[list[_Named], tuple[str, ...]]:
    """Split the places of an edit into named ones and the surfaces that an addition may choose of."""
    if operation is not Operation.ADD:
        return edit.where, ()
    named = [one for one in edit.where if one.words or (wish and fold(one.english) in fold(english))]
    surfaces = [_english(one.english) for one in edit.where if one not in named]
    return named, () if named else tuple(dict.fromkeys(surfaces))[:MAX_SURFACES]


def _reference(
    named: _Named,
    role: Role,
    instruction: str,
    taken: tuple[Sequence[Reference], Sequence[Reference]],
    *,
    wish: bool,
) -> Reference:
    english = _english(named.english)
    if not named.words:
        if not wish:
            raise LanguageModelNonsense("the answer names what the instruction does not say")
        return Reference(0, 0, "", role, english=english)
    here, earlier = taken
    spans = [span for span in _places_of(named.words, instruction) if not _overlaps(span, here)]
    if not spans:
        raise LanguageModelNonsense(
            "the answer names what the instruction does not say, or the same words twice"
        )
    # Words that were said twice are two things; words that were said once, one thing that two edits change.
    start, end = next((span for span in spans if not _overlaps(span, earlier)), spans[0])
    return Reference(start, end, instruction[start:end], role, english=english)


def _overlaps(span: tuple[int, int], references: Iterable[Reference]) -> bool:
    return any(one.start < span[1] and span[0] < one.end for one in references)


def _places_of(text: str, instruction: str) -> list[tuple[int, int]]:
    """Where the instruction says these words, whatever their case, accents and punctuation."""
    said, wanted = split_words(instruction), _keys(text)
    keys = [word.key for word in said]
    found = [
        (said[first].start, said[first + len(wanted) - 1].end)
        for first in range(len(said) - len(wanted) + 1)
        if wanted and keys[first : first + len(wanted)] == wanted
    ]
    if found or not any(unicodedata.category(character) == "Lo" for character in text):
        return found
    # Chinese, Japanese or Thai have no spaces between words.
    return [(at.start(), at.end()) for at in re.finditer(re.escape(text), instruction)]


def _keys(text: str) -> list[str]:
    """Return the words of a text without the punctuation around them."""
    keys = [word.key for word in split_words(text)]
    inner = [index for index, key in enumerate(keys) if key not in PUNCTUATION]
    return keys[inner[0] : inner[-1] + 1] if inner else []


def _english(text: str) -> str:
    """English as networks read it. Raises LanguageModelNonsense where it cannot be English."""
    plain = " ".join(text.translate(_TYPOGRAPHY).split())
    if not plain or not plain.isprintable() or not fold(plain).isascii():
        raise LanguageModelNonsense("the answer's English is none")
    return plain
