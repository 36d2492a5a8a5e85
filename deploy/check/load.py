"""Clients that edit one picture after another, and what became of their edits."""

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from langdesign_client import (
    AsyncClient,
    EditOptions,
    EditResult,
    InstructPix2PixOptions,
    LangDesignError,
    Whole,
)

CLIENTS = 3
_PAUSE = 0.2  # seconds before an edit that failed is asked for again with its key
_DEADLINE = 300.0  # seconds of one attempt
_OPTIONS = EditOptions(preview_every=0, editor=InstructPix2PixOptions(steps=4))


@dataclass
class Load:
    """Edits under way while the context lasts; each has a key of its own and is asked for until it is done.

    Attributes:
        client: Calls the deployment.
        picture: The picture's file.
        results: By key: when the result came, its operation, its picture.
        failures: When which attempt began, when it failed, and how.

    """

    client: AsyncClient
    picture: Path
    results: dict[str, tuple[float, str, bytes]] = field(default_factory=dict)
    failures: list[tuple[float, float, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _prefix: str = field(default_factory=lambda: f"check {time.time_ns()}")
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _stopping: bool = False
    _clients: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        """Begin."""
        self._clients = [asyncio.create_task(self._run()) for _ in range(CLIENTS)]
        return self

    async def __aexit__(self, *error: object) -> None:
        """Let the edits under way end, and begin no others."""
        self._stopping = True
        await asyncio.gather(*self._clients)

    async def _run(self) -> None:
        while not self._stopping:
            key = f"{self._prefix} {next(self._numbers)}"
            self.asked.append(key)
            while key not in self.results:
                start = time.monotonic()
                try:
                    result = await self.edit(key)
                except LangDesignError as error:
                    self.failures.append((start, time.monotonic(), str(error)))
                    await asyncio.sleep(_PAUSE)
                else:
                    self.results[key] = (time.monotonic(), result.operation_id, result.image.data)

    async def edit(self, key: str) -> EditResult:
        """Edit the whole picture: what that does depends on no model that finds things."""
        events = self.client.edit(
            self.picture,
            "make it red",
            region=Whole(),
            options=_OPTIONS,
            idempotency_key=key,
            timeout=_DEADLINE,
        )
        async for event in events:
            if isinstance(event, EditResult):
                return event
        raise RuntimeError("an edit ended without a result")

    async def until_more(self, count: int, seconds: float) -> None:
        """Wait for so many more results.

        Raises:
            TimeoutError: They take longer.

        """
        wanted = len(self.results) + count
        async with asyncio.timeout(seconds):
            while len(self.results) < wanted:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.05)

    def failing(self, since: float) -> float:
        """Return how long edits failed after a moment: from there to the last failed attempt, seconds."""
        return max((end - since for _, end, _ in self.failures if end >= since), default=0.0)

    def failed(self, since: float) -> int:
        """Return how many attempts failed that were begun after a moment."""
        return sum(start >= since for start, *_ in self.failures)

    async def audit(self) -> tuple[int, int]:
        """Return how many edits have no result, and how many were done more than once.

        An edit that is asked for again with its key has to be the same operation with the same picture.
        """
        lost = len(set(self.asked) - self.results.keys())
        twice = len(self.results) - len({operation for _, operation, _ in self.results.values()})
        for key, (_, operation, picture) in self.results.items():
            again = await self.edit(key)
            twice += (again.operation_id, again.image.data) != (operation, picture)
        return lost, twice
