"""What a language model answers: data that is trusted in nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from ..triple import LONGEST_CAPTION, LONGEST_INSTRUCTION, Change
from .spending import Usage

MOST_CHARACTERS = 100_000  # of an answer
MOST_TRIPLES = 64  # of an answer
MOST_TOKENS = 10_000_000  # that an endpoint may claim for one request
_CHANGES = {
    Change.ALTER: "colour, material or pattern of something present becomes another",
    Change.ADD: "something that is absent is added",
    Change.REMOVE: "something present is taken away",
    Change.REPLACE: "something present becomes another thing",
    Change.NONE: "the instruction names something that is absent, so that nothing changes",
}
_FIELDS = {
    "input": "caption of the picture before",
    "edit": "the instruction",
    "output": "caption of the picture after: the first caption with that one change, word for word",
    "target_before": "what changes, in the picture before, such as 'the red chair'; empty for an addition; "
    "of a no-op the absent thing",
    "target_after": "the same in the picture after; empty for a removal and a no-op",
}


def schema(changes: Collection[Change]) -> dict[str, Any]:
    """Return the JSON schema of an answer: an object, all required, no keyword that endpoints refuse.

    Args:
        changes: that are asked for; a triple can have no other.

    """
    wanted = [change for change in Change if change in changes]
    change = {
        "type": "string",
        "enum": wanted,
        "description": "; ".join(f"{change}: {_CHANGES[change]}" for change in wanted),
    }
    texts = {name: {"type": "string", "description": what} for name, what in _FIELDS.items()}
    triple = _object({"change": change, **texts})
    return _object({"triples": {"type": "array", "items": triple}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class Candidate(BaseModel):
    """One triple of an answer, before it is checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    change: Change
    input: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CAPTION)]
    edit: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_INSTRUCTION)]
    output: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CAPTION)]
    target_before: Annotated[str, Field(strict=True, max_length=LONGEST_INSTRUCTION)]
    target_after: Annotated[str, Field(strict=True, max_length=LONGEST_INSTRUCTION)]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of an endpoint."""

    text: str  # of the message; "" where there is none
    usage: Usage | None  # None where the endpoint does not say, or says what cannot be
    trouble: str = ""  # why there is no text, such as a refusal


def read_response(body: bytes) -> Answer:
    """Read the body of a chat completion; whatever it is, something comes back."""
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        return Answer("", None, "the endpoint answers no chat completion")
    paid = _usage(completion.usage)
    message = completion.choices[0].message
    if message.content:
        return Answer(message.content, paid)
    return Answer("", paid, f"the model refuses: {plain(message.refusal)}" if message.refusal else "no text")


def read_triples(text: str) -> tuple[list[Candidate], list[str]]:
    """Return the candidates of an answer, and what is wrong with the rest of it.

    Of an answer that ends in the middle, the triples that are whole are read.
    """
    if len(text) > MOST_CHARACTERS:
        return [], ["the answer is too long"]
    try:
        told = from_json(text, allow_partial=True, allow_inf_nan=False)
    except ValueError:
        return [], ["the answer is no JSON; answer with the JSON object and nothing else"]
    if not isinstance(told, dict) or told.keys() != {"triples"} or not isinstance(told["triples"], list):
        return [], ['the answer must be an object with the one field "triples", a list']
    found, wrong = [], []
    for item in told["triples"][:MOST_TRIPLES]:
        try:
            found.append(Candidate.model_validate(item))
        except ValidationError as error:
            wrong.append(_told(error))
    return found, wrong


def plain(text: str, most: int = 200) -> str:
    """Return a foreign text for a message of ours: printable ASCII, one line, cut off."""
    shown = "".join(letter if " " <= letter <= "~" else " " for letter in text[: 4 * most])
    return " ".join(shown.split())[:most]


def _told(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    known = {"change", *_FIELDS}
    field = str(first["loc"][0]) if first["loc"] and first["loc"][0] in known else "an unknown field"
    return f"a triple breaks the schema: {field}: {plain(first['msg'])}"


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Tokens(BaseModel):
    prompt_tokens: Annotated[int, Field(ge=0, le=MOST_TOKENS)]
    completion_tokens: Annotated[int, Field(ge=0, le=MOST_TOKENS)]


class _Completion(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: Any = None  # read apart: an answer is not lost where its usage is odd


def _usage(told: Any) -> Usage | None:
    try:
        tokens = _Tokens.model_validate(told)
    except ValidationError:
        return None
    return Usage(tokens.prompt_tokens, tokens.completion_tokens)
