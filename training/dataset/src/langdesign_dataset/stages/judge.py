"""A vision model's opinion on pairs, over the OpenAI protocol.

Four criteria of 0 to 10, weighed as Pico-Banana-400K weighs them (arXiv:2510.19808, section 3). An answer is
kept as soon as it is there, so that none is paid for twice.
"""

from __future__ import annotations

import base64
import dataclasses
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import openai
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import JudgeError
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
    dollars: float | None = None  # that this worker may spend
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
            before = judge.dollars
            with ThreadPoolExecutor(self.judging.concurrency) as pool:
                opinions = list(pool.map(lambda sample: judge.opinion(sample, store), samples))
            notes = [_note(*row, self.judging) for row in zip(samples, opinions, strict=True)]
            return Made(pack_notes(notes), judge.dollars - before)

        return work


class _Judge:
    """One worker's connection, and what it has cost."""

    def __init__(self, stage: JudgeStage) -> None:
        self._stage, self._judging = stage, stage.judging
        self._client = openai.OpenAI(
            base_url=self._judging.endpoint,
            api_key=stage.key or "none",
            max_retries=0,  # the library would wait up to minutes, and not say that it paid again
            timeout=self._judging.seconds,
        )
        self._lock, self.dollars, self._dearest = threading.Lock(), 0.0, 0.0
        self._failed: JudgeError | None = None  # of any thread: the others ask no more

    def opinion(self, sample: Sample, store: Store) -> Opinion:
        """Return the opinion on a pair, a kept one if there is one."""
        asked = {
            "prompt": PROMPT,
            "sample": sample.key,
            "before": _sha(sample.before),
            "after": _sha(sample.after),
        }
        address = digest({**asked, "model": self._judging.model, "endpoint": self._judging.endpoint})[7:39]
        kept = store.read(ANSWERS, address)
        if kept is not None:
            return Opinion.model_validate_json(kept.body)
        before = self.dollars
        try:
            opinion = self._asked(sample)
        except JudgeError as error:
            self._failed = error
            raise
        store.write(
            ANSWERS, address, opinion.model_dump_json().encode(), Spent(dollars=self.dollars - before)
        )
        return opinion

    def _asked(self, sample: Sample) -> Opinion:
        complaint = ""
        for attempt in range(self._judging.attempts):
            self._check()
            try:
                answer = self._request(sample, complaint)
            except (openai.APITimeoutError, openai.APIConnectionError, openai.RateLimitError) as error:
                complaint = _waited(error, attempt, self._judging)
                self._pay(self._dearest)  # it may have been answered, and paid, without reaching us
                continue
            except openai.InternalServerError as error:
                complaint = _waited(error, attempt, self._judging)
                continue
            except openai.OpenAIError as error:
                raise JudgeError(
                    f"{self._judging.endpoint} refuses to judge with {self._judging.model} ({error}); "
                    "choose a vision model that answers by a JSON schema, and give its key"
                ) from error
            self._pay(_cost(answer, self._judging))
            try:
                return Opinion.model_validate_json(answer.choices[0].message.content or "")
            except (ValidationError, IndexError) as error:
                complaint = f"Your answer did not fit the schema: {error}"
        raise JudgeError(
            f"{self._judging.model} gave no usable answer on sample {sample.key} in {self._judging.attempts} "
            f"requests ({complaint}); look at the endpoint, or raise judging.attempts, and build again: "
            "answers stay"
        )

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

    def _pay(self, dollars: float) -> None:
        with self._lock:
            self.dollars += dollars
            self._dearest = max(self._dearest, dollars)

    def _check(self) -> None:
        """Raise unless there is money for one more request, and nobody was refused."""
        if self._failed is not None:
            raise self._failed
        limit = self._stage.dollars
        if limit is not None and (self.dollars >= limit or self.dollars + self._dearest > limit):
            raise JudgeError(
                f"The judge has cost ${self.dollars:.2f} of the ${limit:.2f} that this worker may spend; "
                "raise budget.dollars, or clear judging.model, and build again: answers stay"
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


def _waited(error: openai.OpenAIError, attempt: int, judging: Judging) -> str:
    """Wait as long as the endpoint asks, at most as long as an answer may take; return what went wrong."""
    response = getattr(error, "response", None)
    asked = response.headers.get("retry-after", "") if response is not None else ""
    seconds = float(asked) if asked.replace(".", "", 1).isdigit() else 0.5 * 2.0**attempt
    if attempt + 1 < judging.attempts:
        time.sleep(min(seconds, judging.seconds))
    return str(error)


def _cost(answer: ChatCompletion, judging: Judging) -> float:
    if answer.usage is None:
        return 0.0
    read = answer.usage.prompt_tokens * judging.input_price
    return (read + answer.usage.completion_tokens * judging.output_price) / 1e6


def _data_url(picture: bytes) -> str:
    kind = "png" if picture.startswith(b"\x89PNG") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def _sha(picture: bytes) -> str:
    return digest({"picture": base64.b64encode(picture).decode()})
