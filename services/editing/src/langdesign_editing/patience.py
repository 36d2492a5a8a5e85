"""Waiting for a model server that went away, until it is there again or another one is."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from langdesign_chassis import errors, remaining
from langdesign_edits import Segment

from langdesign_editing.backend import Backend, BackendProgress, BackendRequest, Edited, InstructionCheck
from langdesign_editing.peers import RegionFinder

T = TypeVar("T")
_PAUSES = (
    0.25,
    2.0,
)  # seconds between two attempts, first and longest; each is twice as long as the one before
_log = logging.getLogger(__name__)


class PatientBackend:
    """A backend whose edits outlive its going away.

    Args:
        backend: What edits.
        patience: Seconds that a call waits for it, at most; never longer than the call's deadline.

    """

    def __init__(self, backend: Backend, patience: float) -> None:
        self._backend, self._patience = backend, patience

    async def ready(self) -> bool:
        """Return whether an edit would be taken now."""
        return await self._backend.ready()

    async def check(self, model: str, parameters: Mapping[str, Any]) -> Sequence[InstructionCheck]:
        """Return what a model makes of instructions, as soon as it is there; see `Backend.check`."""
        return await _patiently(lambda: self._check(model, parameters), self._patience)

    async def _check(self, model: str, parameters: Mapping[str, Any]) -> Sequence[InstructionCheck]:
        try:
            return await self._backend.check(model, parameters)
        except errors.DeadlineExceeded as error:
            if remaining() == 0:
                raise
            # A check takes milliseconds: this is a server that hangs, and will be ended for it.
            raise errors.Unavailable("the model does not answer", hint="try again later") from error

    async def edit(self, request: BackendRequest) -> AsyncGenerator[BackendProgress | Edited, None]:
        """Edits; see `Backend.edit`.

        An edit that is UNAVAILABLE before its result is done anew, once, when the model answers again: the
        steps of the first attempt are lost with the server. Progress that was told is not told again.
        """
        told = -1
        try:
            async with aclosing(_events(self._backend, request)) as events:
                async for event in events:
                    told = event.step if isinstance(event, BackendProgress) else told
                    yield event
            return
        except errors.Unavailable as error:
            _log.warning("the model server went away; the edit is done anew", exc_info=error)
        await self._until_it_answers(request)
        async with aclosing(_events(self._backend, request)) as events:
            async for event in events:
                if isinstance(event, Edited) or event.step > told:
                    yield event

    async def _until_it_answers(self, request: BackendRequest) -> None:
        """Wait until the model answers: one whose process is gone would say that it is ready."""
        try:
            await self.check(request.model, request.parameters)
        except errors.InvalidArgument:
            return  # said by a model that is there


class PatientFinder:
    """A finder of regions that asks again while there is no model to ask.

    Args:
        finder: What finds.
        patience: Seconds that a call waits, at most; never longer than its deadline.

    """

    def __init__(self, finder: RegionFinder, patience: float) -> None:
        self._finder, self._patience = finder, patience

    async def segment(
        self, image: bytes, expressions: Sequence[str], *, width: int, height: int
    ) -> Sequence[Segment]:
        """Return one segment an expression; see `RegionFinder.segment`."""
        return await _patiently(
            lambda: self._finder.segment(image, expressions, width=width, height=height), self._patience
        )


def _events(backend: Backend, request: BackendRequest) -> AsyncGenerator[BackendProgress | Edited, None]:
    events: AsyncIterator[BackendProgress | Edited] = backend.edit(request)
    assert isinstance(events, AsyncGenerator)  # noqa: S101 - backends are asynchronous generators
    return events


async def _patiently(ask: Callable[[], Awaitable[T]], patience: float) -> T:
    """Return what is answered; ask again while that is UNAVAILABLE, for as long as there is time.

    Raises:
        errors.Error: Of the last attempt.

    """
    left = remaining()
    end = time.monotonic() + (patience if left is None else min(patience, left))
    pause, longest = _PAUSES
    while True:
        try:
            return await ask()
        except errors.Unavailable:
            if time.monotonic() + pause > end:
                raise
        await asyncio.sleep(pause)
        pause = min(longest, 2 * pause)
