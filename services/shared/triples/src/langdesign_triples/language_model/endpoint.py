"""Requests to an endpoint: paced, within the budget, written down first, tried again where that helps."""

from __future__ import annotations

import asyncio
import email.utils
import math
import random
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import httpx2
import openai

from ..errors import Refused, Unreachable
from ..triple import Change
from .account import Account, Charge
from .answers import Answer, plain, read_response, schema
from .prompting import Message
from .settings import Endpoint, Limits
from .spending import Ledger, Usage
from .spool import Spool

AGAIN = {408, 409, 425, 429}  # besides all above 499
BROKE = {"insufficient_quota", "billing_hard_limit_reached"}  # codes of 429 that no waiting helps
_OVERHEAD = 16  # tokens that a message costs beside its text


class Line:
    """A line to an endpoint, for all workers of a job."""

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        endpoint: Endpoint,
        limits: Limits,
        ledger: Ledger,
        spool: Spool,
        rng: random.Random,
        account: Account,
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._limits = limits
        self._ledger = ledger
        self._spool = spool
        self._rng = rng
        self._account = account
        self._pace = account.pace

    async def ask(
        self, messages: Sequence[Message], changes: Collection[Change]
    ) -> tuple[int, Usage, Answer]:
        """Return the number of the request in the spool, what it cost, and the answer.

        The caller writes down what came of it (`Spool.answered`).

        Raises:
            Refused: the endpoint refuses the request, for a reason that no second try helps.
            Unreachable: it fails again and again, or asks for too long a rest.
            BudgetSpent: there is nothing left for the request.
            AllowanceSpent: the account that the job shares has nothing left for now.

        """
        most = Usage(_most_tokens(messages), self._limits.answer_tokens)
        trouble = ""
        for attempt in range(self._limits.tries):
            if attempt:
                self._pace.rest(self._wait(attempt))
            await self._pace.turn(most.tokens)
            await self._ledger.reserve(most)
            async with self._account.request(most) as charge:
                told = await self._try(messages, changes, most, charge)
            if not isinstance(told, str):
                return told
            trouble = told
        raise Unreachable(
            f"The language model gave no answer in {self._limits.tries} tries (the last: {trouble}); look at "
            "the endpoint, and run again: what was accepted is kept"
        )

    async def _try(
        self, messages: Sequence[Message], changes: Collection[Change], most: Usage, charge: Charge
    ) -> tuple[int, Usage, Answer] | str:
        """Return what came of one request, or why it is worth another; write into the charge what it cost."""
        number = self._spool.asked(most)
        try:
            async with asyncio.timeout(self._limits.timeout):
                answer = read_response(await self._post(messages, changes))
        except openai.APIStatusError as error:
            await self._failed(number, most, charge, unpaid=error.status_code < 500)
            self._judge(error)
            return f"status {error.status_code}"
        except (openai.APIError, httpx2.HTTPError, TimeoutError) as error:
            cause = error.__cause__ or error
            await self._failed(number, most, charge, unpaid=isinstance(cause, httpx2.ConnectError))
            return type(cause).__name__
        # An endpoint that does not say what it charged is taken to have charged the most.
        charge.paid = answer.usage or most
        await self._ledger.settle(most, charge.paid)
        return number, charge.paid, answer

    async def _post(self, messages: Sequence[Message], changes: Collection[Change]) -> bytes:
        described = {"name": "triples", "schema": schema(changes), "strict": True}
        arguments: dict[str, Any] = {
            "messages": list(messages),
            "response_format": {"type": "json_schema", "json_schema": described},
            self._endpoint.limit_field: self._limits.answer_tokens,
        }
        if self._endpoint.temperature is not None:
            arguments["temperature"] = self._endpoint.temperature
        completions = self._client.chat.completions.with_raw_response
        response = await completions.create(model=self._endpoint.model, **arguments)
        content: bytes = response.http_response.content
        return content

    async def _failed(self, number: int, most: Usage, charge: Charge, *, unpaid: bool) -> None:
        """Settle a failed request: one that may have been charged counts in full, and its next try again."""
        if unpaid:
            self._spool.unpaid(number)
            charge.paid = Usage()
        await self._ledger.settle(most, charge.paid)

    def _judge(self, error: openai.APIStatusError) -> None:
        """Let the endpoint rest as it asks, or end."""
        said = plain(_message(error))
        if error.status_code not in AGAIN and error.status_code < 500:
            self._refuse(error.status_code, said)
        if str(error.code) in BROKE:  # an endpoint may send anything as its code
            self._refuse(error.status_code, said)
        asked = retry_after(error.response.headers, time.time())
        if asked > self._limits.longest_wait:
            raise Unreachable(
                f"The language model's endpoint asks to wait {asked:.0f} s, longer than the "
                f"{self._limits.longest_wait:g} s that are allowed; run again then: what was accepted is kept"
            )
        self._pace.rest(asked)

    def _refuse(self, status: int, said: str) -> NoReturn:
        raise Refused(
            f"The language model's endpoint refuses the request with status {status}: {said!r}; look at its "
            "address, key, model and limits, and run again"
        )

    def _wait(self, attempt: int) -> float:
        """Seconds before a further try: doubled each time, and drawn so that workers part."""
        most: float = min(self._limits.longest_wait, self._limits.first_wait * 2.0 ** (attempt - 1))
        return most * self._rng.uniform(0.5, 1.0)


@asynccontextmanager
async def connected(endpoint: Endpoint, limits: Limits) -> AsyncIterator[openai.AsyncOpenAI]:
    """Open a client without retries of its own, whose responses are bounded; close it at the end."""

    async def bound(response: httpx2.Response) -> None:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise httpx2.RemoteProtocolError("the response is compressed", request=response.request)
        stream = response.stream
        assert isinstance(stream, httpx2.AsyncByteStream)  # noqa: S101 - of an asynchronous client
        response.stream = _Bounded(stream, limits.answer_bytes, response.request)

    async with httpx2.AsyncClient(
        timeout=None,  # the whole request is bounded, not each read
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [bound]},
    ) as http:
        yield openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            max_retries=0,
            timeout=None,
            http_client=http,
        )


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, most: int, request: httpx2.Request) -> None:
        self._stream = stream
        self._most = most
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._stream:
            seen += len(chunk)
            if seen > self._most:
                raise httpx2.RemoteProtocolError("the response is too long", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def retry_after(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds for which an endpoint asks to be left alone; 0 where it does not say."""
    text = headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        date = email.utils.parsedate_tz(text)
        seconds = email.utils.mktime_tz(date) - now if date else 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _most_tokens(messages: Sequence[Message]) -> int:
    # Two characters a token is more than any tokenizer needs for English and JSON.
    return sum(len(message["content"]) // 2 + _OVERHEAD for message in messages)


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    told = body.get("message") if isinstance(body, dict) else None
    return told if isinstance(told, str) else error.response.text
