"""A vision model's opinion on pairs, over the OpenAI protocol.

Four criteria of 0 to 10, weighed as Pico-Banana-400K weighs them (arXiv:2510.19808, section 3). An answer is
kept as soon as it is there, so that none is paid for twice.
"""

from __future__ import annotations

import base64
import dataclasses
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import JudgeError
from ..purse import Bill, Purse
from ..recipes import Judging, digest
from ..samples import KEPT, Sample
from ..store import ANSWERS, Spent, Store
from .inputs import read_samples
from .notes import Note, pack_notes
from .stage import Made, Work

CRITERIA = {
    "instruction": "the second picture is what the instruction asks for, fully and nothing else",
    "realism": "the edit looks real: light, perspective and materials fit the scene",
    "preservation": "everything that the instruction does not name is unchanged",
    "technical": "the second picture is sharp, without artefacts, seams or noise",
}
_PASSING = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)  # may go well again
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


@dataclass(frozen=True)
class JudgeStage:
    """Asks the judge about pairs that passed so far."""

    judging: Judging
    dollars: float | None = None  # that all requests of all builds on a store may cost; None for no bound
    key: str = field(default="", repr=False)  # of the endpoint
    name: ClassVar[str] = "judge"

    @property
    def depends(self) -> Mapping[str, Any]:
        """Return version, model, weights and threshold."""
        weights = {name: getattr(self.judging, name) for name in CRITERIA}
        asked = {"model": self.judging.model, "endpoint": self.judging.endpoint}
        return {"version": 1, "least": self.judging.least, **asked, **weights}

    def open(self) -> Work:
        """Open a connection."""
        judge = _Judge(self)

        def work(payload: Mapping[str, Any], store: Store) -> Made:
            samples = [one for one in read_samples(payload, store) if one.kept and one.source != "rendered"]
            purse = Purse(store, self.dollars)
            with ThreadPoolExecutor(self.judging.concurrency) as pool:
                answers = list(pool.map(lambda sample: judge.answer(sample, store, purse), samples))
            notes = [
                _note(sample, one.opinion, self.judging) for sample, one in zip(samples, answers, strict=True)
            ]
            return Made(pack_notes(notes), sum(one.dollars for one in answers))

        return work


@dataclass(frozen=True)
class _Answer:
    """An opinion, and what the requests for it cost, those that failed too."""

    opinion: Opinion
    dollars: float


class _Judge:
    """One worker's connection."""

    def __init__(self, stage: JudgeStage) -> None:
        self._judging, self._bounded = stage.judging, stage.dollars is not None
        self._client = openai.OpenAI(
            base_url=self._judging.endpoint,
            api_key=stage.key or "none",
            max_retries=0,  # the library would wait up to minutes, and not say that it paid again
            timeout=self._judging.seconds,
        )
        self._failed: JudgeError | None = None  # of any thread: the others ask no more

    def answer(self, sample: Sample, store: Store, purse: Purse) -> _Answer:
        """Return the answer on a pair, a kept one if there is one."""
        asked = {
            "prompt": PROMPT,
            "sample": sample.key,
            "before": _sha(sample.before),
            "after": _sha(sample.after),
        }
        address = digest({**asked, "model": self._judging.model, "endpoint": self._judging.endpoint})[7:39]
        kept = store.read(ANSWERS, address)
        if kept is not None:
            return _Answer(Opinion.model_validate_json(kept.body), kept.spent.dollars)
        try:
            answer = self._asked(sample, purse)
        except JudgeError as error:
            self._failed = error
            raise
        store.write(
            ANSWERS, address, answer.opinion.model_dump_json().encode(), Spent(dollars=answer.dollars)
        )
        return answer

    def _asked(self, sample: Sample, purse: Purse) -> _Answer:
        complaint = trouble = ""  # what the model is told of its last answer, and what the user is told
        dollars = 0.0
        for attempt in range(self._judging.attempts):
            if self._failed is not None:
                raise self._failed
            with purse.request() as bill:
                told = self._told(sample, complaint, bill)
            dollars += bill.dollars
            if isinstance(told, openai.OpenAIError):
                _wait(told, attempt, self._judging)
                trouble = str(told)
                continue
            try:
                return _Answer(Opinion.model_validate_json(told), dollars)
            except ValidationError as error:
                complaint = trouble = f"Your answer did not fit the schema: {error}"
        raise JudgeError(
            f"{self._judging.model} gave no usable answer on sample {sample.key} in {self._judging.attempts} "
            f"requests ({trouble}); look at the endpoint, or raise judging.attempts, and build again: "
            "answers stay"
        )

    def _told(self, sample: Sample, complaint: str, bill: Bill) -> str | openai.OpenAIError:
        """Return what the model says, or what went wrong and may go well again; put down what it cost."""
        try:
            answer = self._request(sample, complaint)
        except openai.OpenAIError as error:
            if not _may_be_charged(error):
                bill.dollars = 0.0
            if isinstance(error, _PASSING):
                return error
            raise JudgeError(
                f"{self._judging.endpoint} refuses to judge with {self._judging.model} ({error}); "
                "choose a vision model that answers by a JSON schema, and give its key"
            ) from error
        if answer.usage is not None:  # else it is taken to have cost what the dearest did
            bill.dollars = _cost(answer.usage, self._judging)
        if self._bounded and not bill.dollars:
            raise JudgeError(
                f"{self._judging.endpoint} does not say how many tokens it took, so that budget.dollars "
                "bounds nothing; take it away, or choose an endpoint that says so"
            )
        return (answer.choices[0].message.content or "") if answer.choices else ""

    def _request(self, sample: Sample, complaint: str) -> ChatCompletion:
        criteria = "; ".join(f"{name}: {says}" for name, says in CRITERIA.items())
        text = PROMPT.format(edit=sample.triple.edit, criteria=criteria)
        return self._client.chat.completions.create(
            model=self._judging.model,
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": f"{text}\n{complaint}".strip()},
                        {"type": "image_url", "image_url": {"url": _data_url(sample.before)}},
                        {"type": "image_url", "image_url": {"url": _data_url(sample.after)}},
                    ],
                }
            ],
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "opinion", "strict": True, "schema": dict(SCHEMA)},
            },
        )


def _note(sample: Sample, opinion: Opinion, judging: Judging) -> Note:
    scores = {name: float(getattr(opinion, name)) / 10.0 for name in CRITERIA}
    total = float(np.float32(sum(getattr(judging, name) * score for name, score in scores.items())))
    fields = {"judge": total, **{f"judge_{name}": score for name, score in scores.items()}}
    note = Note(sample.key, fields, {"judge": judging.model})
    if total >= judging.least:
        return dataclasses.replace(note, verdict=KEPT)
    why = f"the judge gives {total:.2f}, at least {judging.least:g} is asked: {opinion.why}"
    return dataclasses.replace(note, verdict="judge", reason=why)


def _wait(error: openai.OpenAIError, attempt: int, judging: Judging) -> None:
    """Wait as long as the endpoint asks, at most as long as an answer may take."""
    response = getattr(error, "response", None)
    asked = response.headers.get("retry-after", "") if response is not None else ""
    seconds = float(asked) if asked.replace(".", "", 1).isdigit() else 0.5 * 2.0**attempt
    if attempt + 1 < judging.attempts:
        time.sleep(min(seconds, judging.seconds))


def _may_be_charged(error: openai.OpenAIError) -> bool:
    """Tell whether a failed request may have been answered, and charged, without reaching us."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code >= 500
    # By name: openai's transport is its own choice.
    return type(error.__cause__).__name__ not in {"ConnectError", "ConnectTimeout"}


def _cost(usage: CompletionUsage, judging: Judging) -> float:
    read = usage.prompt_tokens * judging.input_price
    return (read + usage.completion_tokens * judging.output_price) / 1e6


def _data_url(picture: bytes) -> str:
    kind = "png" if picture.startswith(b"\x89PNG") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def _sha(picture: bytes) -> str:
    return digest({"picture": base64.b64encode(picture).decode()})
