"""A vision model's opinion on pairs, over the OpenAI protocol.

Four criteria of 0 to 10, weighed as Pico-Banana-400K weighs them (arXiv:2510.19808, section 3). An answer is
kept as soon as it is there, so that none is paid for twice. A pair that the model refuses to judge, or gives
no valid answer on, is dropped with that as its reason; several in a row end the build, since then the
endpoint is wrong.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion
from pydantic import ValidationError

from ..errors import JudgeError
from ..purse import Bill, Purse
from ..recipes import Judging, digest
from ..samples import Sample
from ..store import ANSWERS, Spent, Store
from .inputs import read_samples
from .notes import pack_notes
from .opinions import (
    CRITERIA,
    PROMPT,
    SCHEMA,
    Answer,
    Opinion,
    Refusal,
    in_a_line,
    kept_answer,
    kept_bytes,
    note_of,
    question,
    refused,
    said,
)
from .stage import Made, Work

_PASSING = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)  # may go well again
_FILTERED = ("content_filter", "content_policy_violation")  # codes of requests that are refused for a picture
_OVERHEAD = 500  # tokens of the schema and of what wraps a message


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
            notes = [note_of(sample, one, self.judging) for sample, one in zip(samples, answers, strict=True)]
            return Made(pack_notes(notes), sum(one.dollars for one in answers))

        return work


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
        self._limit: dict[str, Any] = {self._judging.limit_field: self._judging.answer_tokens}
        self._failed: JudgeError | None = None  # of any thread: the others ask no more
        self._missing, self._counting = 0, threading.Lock()  # pairs in a row without an opinion

    def answer(self, sample: Sample, store: Store, purse: Purse) -> Answer:
        """Return the answer on a pair, a kept one if there is one.

        Raises:
            BudgetSpent: another request would exceed the budget.
            JudgeError: the endpoint refuses requests, or too many pairs in a row got no answer.

        """
        asked = {
            "prompt": PROMPT,
            "sample": sample.key,
            "before": _sha(sample.before),
            "after": _sha(sample.after),
        }
        address = digest({**asked, "model": self._judging.model, "endpoint": self._judging.endpoint})[7:39]
        kept = store.read(ANSWERS, address)
        try:
            answer = kept_answer(kept) if kept is not None else self._asked(sample, purse)
            if kept is None and (body := kept_bytes(answer)):
                store.write(ANSWERS, address, body, Spent(dollars=answer.dollars))
            self._count(sample, answer)
        except JudgeError as error:
            self._failed = error
            raise
        return answer

    def _count(self, sample: Sample, answer: Answer) -> None:
        """End the build where one pair after the other gets no opinion."""
        with self._counting:
            self._missing = 0 if answer.opinion else self._missing + 1
            missing = self._missing
        if missing >= self._judging.failures:
            raise JudgeError(
                f"{self._judging.model} gave no usable answer on {missing} samples in a row, the last "
                f"{sample.key} ({answer.why}); look at the endpoint, choose another judging.model, or raise "
                "judging.attempts or judging.failures, and build again: answers stay"
            )

    def _asked(self, sample: Sample, purse: Purse) -> Answer:
        complaint = trouble = ""  # what the model is told of its last answer, and what the user is told
        dollars = 0.0
        for attempt in range(self._judging.attempts):
            if self._failed is not None:
                raise self._failed
            text = question(sample, complaint)
            with purse.request(_most(text, self._judging)) as bill:
                told = self._told(sample, text, bill)
            dollars += bill.dollars
            if isinstance(told, Refusal):
                return refused(told, dollars)
            if isinstance(told, openai.OpenAIError):
                _wait(told, attempt, self._judging)
                trouble = str(told)
                continue
            try:
                return Answer(Opinion.model_validate_json(told), dollars)
            except ValidationError as error:
                complaint = trouble = f"Your answer did not fit the schema: {in_a_line(error)}"
        return Answer(None, dollars, f"no valid answer in {self._judging.attempts} requests ({trouble})")

    def _told(self, sample: Sample, text: str, bill: Bill) -> str | Refusal | openai.OpenAIError:
        """Return what the model says, or what went wrong and may go well again; put down what it cost."""
        try:
            answer = self._request(sample, text)
        except openai.OpenAIError as error:
            if not _may_be_charged(error):
                bill.settle(0.0)
            if isinstance(error, _PASSING):
                return error
            if getattr(error, "code", None) in _FILTERED:
                return Refusal(refused=str(error))
            raise JudgeError(
                f"{self._judging.endpoint} refuses to judge with {self._judging.model} ({error}); "
                "choose a vision model that answers by a JSON schema, and give its key"
            ) from error
        if answer.usage is not None:  # else it is taken to have cost what the dearest did
            bill.settle(_cost(answer.usage, self._judging))
        if self._bounded and (not bill.dollars or (bill.guessed and not bill.settled)):
            raise JudgeError(
                f"{self._judging.endpoint} does not say how many tokens it took, so that budget.dollars "
                "bounds nothing; take it away, or choose an endpoint that says so"
            )
        return said(answer)

    def _request(self, sample: Sample, text: str) -> ChatCompletion:
        answer: ChatCompletion = self._client.chat.completions.create(
            model=self._judging.model,
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": text},
                        {"type": "image_url", "image_url": {"url": _data_url(sample.before)}},
                        {"type": "image_url", "image_url": {"url": _data_url(sample.after)}},
                    ],
                }
            ],
            **self._limit,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "opinion", "strict": True, "schema": dict(SCHEMA)},
            },
        )
        return answer


def _most(text: str, judging: Judging) -> float:
    """Return the dollars that a request can cost: no token of a text is shorter than a byte."""
    read = len(text.encode()) + _OVERHEAD + 2 * judging.picture_tokens
    return (read * judging.input_price + judging.answer_tokens * judging.output_price) / 1e6


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
