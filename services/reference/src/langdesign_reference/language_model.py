"""The language model as a reader: any endpoint of the OpenAI chat-completions protocol."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import openai
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from langdesign_reference.budget import TokenBudget
from langdesign_reference.candidates import candidate_spans
from langdesign_reference.errors import LanguageModelAway, LanguageModelNonsense, LanguageModelSpent
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Role, Scope
from langdesign_reference.prompts import MAX_REFERENCES, Prompt, answer_schema, name_schema

_log = logging.getLogger(__name__)
MAX_ANSWER_CHARACTERS = 4000
READING, NAMING = "reading", "naming"
"""Circuits of the breaker, apart: an endpoint that is too slow to name a thing may still read in time."""
_NO_JSON = (ValueError, RecursionError)  # the latter of what is nested without end


class Answer(BaseModel):
    """What the model says, before it is compared with the instruction."""

    model_config = ConfigDict(extra="forbid", strict=True)

    do: str = Field(max_length=16)
    what: list[str] = Field(max_length=MAX_REFERENCES)
    where: list[str] = Field(max_length=MAX_REFERENCES)


class LanguageModel:
    """Reads instructions through a chat-completions endpoint, never longer or dearer than it may.

    Args:
        client: A client of the endpoint's, without retries of its own.
        model: Name of the model.
        prompts: The prompt of each language.
        confidence: Share of its plans that are right, 0..1, from an evaluation.
        naming_confidence: Share of the names that are right, 0..1.
        timeout: Returns the seconds that a call may take now.
        max_tokens: Tokens of one answer.
        budget: Tokens that may be used.
        breaker: Leaves the endpoint alone after failures in a row, of reading and of naming apart. A late
            answer is a failure; a call that its caller cancels counts neither as that nor as a success.

    """

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        model: str,
        prompts: Mapping[str, Prompt],
        *,
        confidence: float,
        naming_confidence: float,
        timeout: Callable[[], float],
        max_tokens: int,
        budget: TokenBudget,
        breaker: AsyncCircuitBreakerFactory,
    ) -> None:
        self._client = client
        self._model = model
        self._prompts = prompts
        self.confidence = confidence
        self.naming_confidence = naming_confidence
        self._timeout = timeout
        self._max_tokens = max_tokens
        self._budget = budget
        self._breaker = breaker

    async def read(self, instruction: str, caption: str, lexicon: Lexicon) -> Reading:
        """Read an instruction; every reference is a span of it.

        Raises:
            LanguageModelError: there is no usable answer; the subclass says why.

        """
        spans = candidate_spans(instruction, lexicon)
        if not spans:
            raise LanguageModelNonsense("the instruction offers no span to choose")
        messages = self._prompts[lexicon.language].ask(instruction, caption)
        content = await self._guarded(READING, messages, answer_schema(spans), self._timeout())
        return to_reading(content, instruction, spans, self.confidence)

    async def name(self, instruction: str, lexicon: Lexicon, *, within: float | None = None) -> str | None:
        """Name the one thing that an edit is about, a span of the instruction; None for no thing.

        Args:
            instruction: What is to be done.
            lexicon: The words of its language.
            within: Seconds that the answer may take, > 0, where they are fewer than those of any call.

        Raises:
            LanguageModelError: there is no usable answer; the subclass says why.

        """
        prompt = self._prompts[lexicon.language]
        names = [*candidate_spans(instruction, lexicon), prompt.nothing]
        seconds = self._timeout() if within is None else min(within, self._timeout())
        content = await self._guarded(NAMING, prompt.ask_name(instruction), name_schema(names), seconds)
        if len(content) > MAX_ANSWER_CHARACTERS:
            raise LanguageModelNonsense("the answer is too long")
        try:
            name = json.loads(content)
        except _NO_JSON as error:
            raise LanguageModelNonsense("the answer is no JSON") from error
        if not isinstance(name, str) or name not in names:
            raise LanguageModelNonsense("the answer names what the instruction does not say")
        return None if name == prompt.nothing else name

    async def warm_up(self, seconds: float) -> None:
        """Let the endpoint read every prompt once, so that it may keep it; failures are only logged."""
        for language, prompt in self._prompts.items():
            try:
                async with asyncio.timeout(seconds):
                    await self._complete(prompt.ask("-", ""), answer_schema(["-"]))
                    await self._complete(prompt.ask_name("-"), name_schema(["-"]))
            except (openai.APIError, TimeoutError, LanguageModelNonsense, *_NO_JSON) as error:
                _log.warning("no warm-up", extra={"language": language, "reason": type(error).__name__})

    async def _guarded(
        self, circuit: str, messages: list[dict[str, str]], schema: dict[str, Any], seconds: float
    ) -> str:
        characters = sum(len(message["content"]) for message in messages)
        if not self._budget.reserve(characters // 3 + self._max_tokens):
            raise LanguageModelSpent("the budget of tokens is used up for now")
        try:
            async with self._closed(circuit), asyncio.timeout(seconds):
                return await self._complete(messages, schema)
        except OpenedState as error:
            raise LanguageModelAway("the language model is left alone after failures") from error
        except (openai.APIError, TimeoutError) as error:
            raise LanguageModelAway(f"no answer from the language model: {type(error).__name__}") from error
        except _NO_JSON as error:
            raise LanguageModelNonsense("the endpoint answers no JSON") from error

    @contextlib.asynccontextmanager
    async def _closed(self, circuit: str) -> AsyncIterator[None]:
        """Let a call through a circuit, which counts how it ends. Raises OpenedState while it rests."""
        async with contextlib.AsyncExitStack() as counted:
            await counted.enter_async_context(await self._breaker.get_breaker(circuit))
            try:
                yield
            except asyncio.CancelledError:
                counted.pop_all()  # a caller that goes away says nothing about the endpoint, good or bad
                raise

    async def _complete(self, messages: list[dict[str, str]], schema: dict[str, Any]) -> str:
        described = {"name": "answer", "schema": schema, "strict": True}
        arguments: dict[str, Any] = {
            "messages": messages,
            "response_format": {"type": "json_schema", "json_schema": described},
        }
        completion = await self._client.chat.completions.create(
            model=self._model, temperature=0, seed=0, max_tokens=self._max_tokens, **arguments
        )
        return _text(completion)


def _text(completion: object) -> str:
    """The text of a completion, which the library hands on as whatever JSON the endpoint sent."""
    try:
        content = _Completion.model_validate(completion, from_attributes=True).choices[0].message.content
    except (ValidationError, IndexError) as error:
        raise LanguageModelNonsense("the endpoint answers no completion") from error
    return content


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice]


def to_reading(content: str, instruction: str, spans: list[str], confidence: float) -> Reading:
    """Turn an answer into a reading, trusting nothing of it.

    Raises:
        LanguageModelNonsense: it breaks the schema, or names what the instruction does not say.

    """
    if len(content) > MAX_ANSWER_CHARACTERS:
        raise LanguageModelNonsense("the answer is too long")
    try:
        answer = Answer.model_validate_json(content)
        operation = Operation(answer.do)
    except (ValidationError, ValueError) as error:
        raise LanguageModelNonsense("the answer breaks its schema") from error
    references: list[Reference] = []
    for texts, role in ((answer.what, Role.TARGET), (answer.where, Role.ANCHOR)):
        for text in texts:
            references.append(_locate(text, role, instruction, spans, references))
    local = references or operation is Operation.ADD
    edit = PlannedEdit(
        operation,
        Scope.REGION if local else Scope.GLOBAL,
        tuple(sorted(references)),
        instruction=instruction,
    )
    return Reading((edit,), confidence)


def _locate(text: str, role: Role, instruction: str, spans: list[str], taken: list[Reference]) -> Reference:
    if text not in spans:
        raise LanguageModelNonsense("the answer names what the instruction does not say")
    start = instruction.find(text)
    while start >= 0:
        end = start + len(text)
        if _whole_words(instruction, start, end) and not any(r.start < end and start < r.end for r in taken):
            return Reference(start, end, text, role, english=text)
        start = instruction.find(text, start + 1)
    raise LanguageModelNonsense("the answer names the same words twice")


def _whole_words(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or after.isalnum())
