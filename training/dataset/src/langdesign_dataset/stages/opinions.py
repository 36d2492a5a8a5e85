"""What a judge is asked, what it answers, and what is kept and noted of an answer."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..recipes import Judging
from ..samples import KEPT, Sample
from ..store import Block
from .notes import Note

CRITERIA = {
    "instruction": "the second picture is what the instruction asks for, fully and nothing else",
    "realism": "the edit looks real: light, perspective and materials fit the scene",
    "preservation": "everything that the instruction does not name is unchanged",
    "technical": "the second picture is sharp, without artefacts, seams or noise",
}
PROMPT = (
    "You judge pairs for training an image editor. You see the picture before and the picture after the "
    "instruction {edit!r} was carried out. Score each criterion from 0 (fails) to 10 (perfect): {criteria}. "
    "Say in one sentence why."
)


class Opinion(BaseModel):
    """What the model answers."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    instruction: float = Field(ge=0, le=10)
    realism: float = Field(ge=0, le=10)
    preservation: float = Field(ge=0, le=10)
    technical: float = Field(ge=0, le=10)
    why: str


# Without bounds: endpoints drop or refuse them, so the answer is validated here whatever they promise.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {**{name: {"type": "number"} for name in CRITERIA}, "why": {"type": "string"}},
    "required": [*CRITERIA, "why"],
    "additionalProperties": False,
}


class Refusal(BaseModel):
    """A model will not judge a pair."""

    refused: str  # what it says


@dataclass(frozen=True)
class Answer:
    """An opinion, or why there is none, and what the requests for it cost, those that failed too."""

    opinion: Opinion | None
    dollars: float
    why: str = ""  # there is no opinion
    refusal: Refusal | None = None  # that is why, where the model said so


def said(answer: ChatCompletion) -> str | Refusal:
    """Return what an answer holds: a text, which may be none of a schema, or that there will be none."""
    if not answer.choices:
        return ""
    choice = answer.choices[0]
    if choice.message.refusal:
        return Refusal(refused=choice.message.refusal)
    if choice.finish_reason == "content_filter":
        return Refusal(refused="its content filter")
    return choice.message.content or ""


def in_a_line(error: ValidationError) -> str:
    """Return what is wrong with an answer, without line breaks."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(": ".join([*map(str, one["loc"]), one["msg"]]) for one in problems)


def kept_answer(block: Block) -> Answer:
    """Return an answer as `kept_bytes` kept it."""
    if "refused" in (told := json.loads(block.body)):
        return refused(Refusal.model_validate(told), block.spent.dollars)
    return Answer(Opinion.model_validate(told), block.spent.dollars)


def refused(refusal: Refusal, dollars: float) -> Answer:
    """Return the answer that a refusal is."""
    return Answer(None, dollars, f"refused ({refusal.refused})", refusal)


def kept_bytes(answer: Answer) -> bytes:
    """Return what is kept of an answer; nothing of none, which a later build asks for again."""
    kept = answer.opinion or answer.refusal
    return kept.model_dump_json().encode() if kept else b""


def question(sample: Sample, complaint: str) -> str:
    """Return the text of a request, with what was wrong with the last answer."""
    criteria = "; ".join(f"{name}: {says}" for name, says in CRITERIA.items())
    return f"{PROMPT.format(edit=sample.triple.edit, criteria=criteria)}\n{complaint}".strip()


def note_of(sample: Sample, answer: Answer, judging: Judging) -> Note:
    """Return what an answer says of a pair: scores and a verdict, or why there are none."""
    opinion = answer.opinion
    if opinion is None:
        note = Note(sample.key, models={"judge": judging.model})
        return dataclasses.replace(note, verdict="judge", reason=f"judge: {answer.why}")
    scores = {name: float(getattr(opinion, name)) / 10.0 for name in CRITERIA}
    total = float(np.float32(sum(getattr(judging, name) * score for name, score in scores.items())))
    fields = {"judge": total, **{f"judge_{name}": score for name, score in scores.items()}}
    note = Note(sample.key, fields, {"judge": judging.model})
    if total >= judging.least:
        return dataclasses.replace(note, verdict=KEPT)
    why = f"the judge gives {total:.2f}, at least {judging.least:g} is asked: {opinion.why}"
    return dataclasses.replace(note, verdict="judge", reason=why)
