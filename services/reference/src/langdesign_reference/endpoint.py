"""An endpoint of the OpenAI chat-completions protocol, asked no longer, dearer or oftener than it may be."""

import asyncio
import contextlib
import http
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx2
import msgspec
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from langdesign_reference.budget import TokenBudget
from langdesign_reference.chat import ChatClient, StatusError
from langdesign_reference.errors import (
    LanguageModelAway,
    LanguageModelDeclined,
    LanguageModelNonsense,
    LanguageModelSpent,
)
from langdesign_reference.refusals import Refusals, is_about_this_request, is_refusal

_log = logging.getLogger(__name__)
Messages = Sequence[Mapping[str, str]]
_NO_ANSWER = (httpx2.HTTPError, StatusError, TimeoutError)
_NO_JSON = (ValueError, RecursionError)  # the latter of what is nested without end
_NOT_UNDERSTOOD = frozenset({http.HTTPStatus.BAD_REQUEST, http.HTTPStatus.UNPROCESSABLE_ENTITY})
_FORMATS = ("json_schema", "json_object", "text")
"""Forms of an answer, the strictest first; an endpoint that refuses one is asked for the next."""


class ChatEndpoint:
    """Asks a model of an endpoint for JSON.

    Nothing is sent that an endpoint may refuse: the model's name, messages, the form of the answer, and what
    the settings add. An answer is bounded by its time, and by the transport's bytes.

    Args:
        client: Sends to the endpoint.
        model: Name of the model.
        parameters: What to send besides: {"temperature": 0}.
        answer_tokens: Tokens that the budget counts for one answer.
        budget: Tokens that may be used.
        breaker: Leaves the endpoint alone after failures in a row, each question apart. A late answer is a
            failure; a call that its caller cancels counts neither as that nor as a success.
        refusals: Leaves it alone after a refusal.

    """

    def __init__(
        self,
        client: ChatClient,
        model: str,
        *,
        parameters: Mapping[str, Any],
        answer_tokens: int,
        budget: TokenBudget,
        breaker: AsyncCircuitBreakerFactory,
        refusals: Refusals,
    ) -> None:
        self._client = client
        self._model = model
        self._parameters = parameters
        self._answer_tokens = answer_tokens
        self._budget = budget
        self._breaker = breaker
        self._refusals = refusals
        self._form = 0

    @property
    def refusal(self) -> str:
        """Why the endpoint refuses for good, "401 Unauthorized"; empty where it does not."""
        return self._refusals.reason

    async def ask(self, question: str, messages: Messages, schema: Mapping[str, Any], seconds: float) -> str:
        """Return what the model says, which may be anything.

        Args:
            question: What is asked; each question has a circuit of its own.
            messages: The chat.
            schema: JSON schema of the answer, with an object at its root, by the rules of strict outputs.
            seconds: What the answer may take, > 0.

        Raises:
            LanguageModelError: there is no answer; the subclass says why.

        """
        self._refusals.require_none()
        characters = sum(len(message["content"]) for message in messages)
        if not self._budget.reserve(characters // 3 + self._answer_tokens):
            raise LanguageModelSpent("the budget of tokens is used up for now")
        try:
            async with self._closed(question), asyncio.timeout(seconds):
                return await self._complete(messages, schema)
        except OpenedState as error:
            raise LanguageModelAway("the language model is left alone after failures") from error
        except _NO_ANSWER as error:
            raise LanguageModelAway(f"no answer from the language model: {type(error).__name__}") from error

    async def warm_up(self, messages: Messages, schema: Mapping[str, Any], seconds: float) -> None:
        """Let the endpoint read a chat once, so that it may keep it; outside of budget and circuits.

        Raises:
            LanguageModelError: there is no answer; the subclass says why.

        """
        try:
            async with asyncio.timeout(seconds):
                await self._complete(messages, schema)
        except _NO_ANSWER as error:
            raise LanguageModelAway(f"no answer from the language model: {type(error).__name__}") from error

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

    async def _complete(self, messages: Messages, schema: Mapping[str, Any]) -> str:
        """Ask, in a looser form where the endpoint refuses the stricter one."""
        refused: StatusError | None = None
        for form in range(self._form, len(_FORMATS)):
            try:
                said = await self._say(messages, _FORMATS[form], schema)
            except StatusError as error:
                if error.status_code in _NOT_UNDERSTOOD:
                    if is_about_this_request(error):
                        raise LanguageModelDeclined("the endpoint refuses this instruction alone") from error
                    refused = refused or error
                elif is_refusal(error):
                    raise self._refusals.refused(error) from error
                else:
                    raise
            else:
                self._settle(form)
                return said
        assert refused is not None  # noqa: S101 - there is a form left to try
        raise self._refusals.refused(refused) from refused

    def _settle(self, form: int) -> None:
        self._refusals.answered()
        if form != self._form:
            self._form = form
            _log.warning(
                "the endpoint refuses stricter answers; what it says is checked all the same",
                extra={"refused": _FORMATS[form - 1], "form": _FORMATS[form]},
            )

    async def _say(self, messages: Messages, form: str, schema: Mapping[str, Any]) -> str:
        described: dict[str, Any] = {"type": form}
        if form == "json_schema":
            described["json_schema"] = {"name": "answer", "schema": schema, "strict": True}
        request: dict[str, Any] = {"model": self._model, "messages": messages, **self._parameters}
        if form != "text":
            request["response_format"] = described
        try:
            completion = await self._client.complete(request)
        except _NO_JSON as error:
            raise LanguageModelNonsense("the endpoint answers no JSON") from error
        return _text(completion)


def _text(completion: object) -> str:
    """Return the text of a completion, which is whatever JSON the endpoint sent."""
    try:
        content = msgspec.convert(completion, _Completion).choices[0].message.content
    except (msgspec.ValidationError, IndexError) as error:
        raise LanguageModelNonsense("the endpoint answers no completion") from error
    return content


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]
