"""What one follower of a design has not fetched yet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from langdesign.editing.v1 import editing_pb2
from langdesign_chassis import errors

from .nodes import Node, NodeState
from .store import Change

_EVENTS = 256  # of edits that one follower has not fetched; the oldest go


@dataclass(frozen=True)
class NodeEvent:
    """An event of a node's edit, without the result's picture."""

    node: str  # id
    event: editing_pb2.EditEvent


class Listener:
    """What one follower has not fetched yet: of each item its newest change, and the last events."""

    def __init__(self) -> None:
        self._changes: dict[str, Change] = {}
        self._events: deque[NodeEvent] = deque(maxlen=_EVENTS)
        self._news = asyncio.Event()
        self._end: errors.Error | None = None

    def tell(self, item: Change | NodeEvent) -> None:
        """Add news."""
        if isinstance(item, NodeEvent):
            self._events.append(item)
        else:
            self._changes[item.item.id] = item
        self._news.set()

    def end(self, error: errors.Error) -> None:
        """Let the follower end with an error, once it has fetched everything."""
        self._end = error
        self._news.set()

    async def news(self, seconds: float | None = None) -> Sequence[Change | NodeEvent]:
        """Return what is new, in order, once there is something; nothing where nothing comes in time.

        Raises:
            errors.Error: there will be nothing more.

        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        changes = sorted(self._changes.values(), key=lambda change: change.revision)
        events = list(self._events)
        self._changes.clear()
        self._events.clear()
        if self._end is None:
            self._news.clear()
        elif not changes and not events:
            raise self._end
        return _in_order(changes, events)


def _in_order(changes: Sequence[Change], events: list[NodeEvent]) -> list[Change | NodeEvent]:
    """Return changes by revision, each node's events after its begin and before its end."""
    told: list[Change | NodeEvent] = []
    for change in changes:
        if isinstance(change.item, Node) and change.item.state is not NodeState.RUNNING:
            told += [event for event in events if event.node == change.item.id]
            events = [event for event in events if event.node != change.item.id]
        told.append(change)
    return [*told, *events]


def resumable(items: Sequence[Change | NodeEvent], known: int) -> Iterator[tuple[int, Change | NodeEvent]]:
    """Yield items, each with the revision from which one who has come so far misses nothing.

    Several items may have changed with one revision; it is reached with the last of them.

    Args:
        items: By revision.
        known: Reached before them.

    """
    for number, item in enumerate(items):
        if isinstance(item, Change):
            later = (one.revision for one in items[number + 1 :] if isinstance(one, Change))
            known = known if next(later, None) == item.revision else item.revision
        yield known, item


def without_picture(event: editing_pb2.EditEvent) -> editing_pb2.EditEvent:
    """Return an event without its result's picture."""
    if not event.result.HasField("image"):
        return event
    copy = editing_pb2.EditEvent()
    copy.CopyFrom(event)
    copy.result.ClearField("image")
    return copy
