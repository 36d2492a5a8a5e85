"""How broken streams of the design service go on: rules for both clients, without any I/O.

Edits and replays are asked for again under the same idempotency key, which joins what is under way; what was
told before is not told again. A watch goes on from the last revision that was told as a whole.
"""

import time
from typing import Any, Generic, TypeVar

import grpc

from langdesign_client import designs, status
from langdesign_client.calls import Streaming
from langdesign_client.designs import Change
from langdesign_client.errors import DeadlineError, LangDesignError, UnavailableError
from langdesign_client.messages import seconds, whole
from langdesign_client.resume import STREAM_TIMEOUT, ResumePolicy, StreamBrokenError
from langdesign_client.tree import Node, NodeEvent, Replayed

T = TypeVar("T")


class _Line(Generic[T]):
    """Counts breaks in a row: what every stream of the service has in common."""

    def __init__(self, what: str, policy: ResumePolicy, address: str) -> None:
        self._what, self._policy, self._address = what, policy, address
        self._breaks = 0
        self._heard = False

    def name_operation(self, error: LangDesignError) -> None:
        """Leave the error as it is: an edit of a node is known by the node's name."""

    def _hear(self) -> None:
        self._breaks, self._heard = 0, True

    def after_break(self, error: grpc.RpcError | StreamBrokenError) -> float:
        """Return the seconds to wait before the stream is resumed.

        Raises:
            LangDesignError: it is not to be resumed: the service said why, or it broke too often.

        """
        if isinstance(error, grpc.RpcError) and not status.is_broken_connection(error):
            raise status.from_rpc(error, "design", self._address) from None
        self._breaks += 1
        if self._breaks > self._policy.attempts:
            raise self._given_up(error) from None
        return self._policy.wait(self._breaks)

    def _given_up(self, error: grpc.RpcError | StreamBrokenError) -> LangDesignError:
        if not self._heard and isinstance(error, grpc.RpcError):
            return status.from_rpc(error, "design", self._address)
        return UnavailableError(
            f"The line to {self._what} broke {self._breaks} times in a row",
            hint="it goes on in the service: look at the design when the service is back",
        )


class _Joined(_Line[T]):
    """A stream that the same request joins again; `timeout` is for all of it, seconds."""

    def __init__(
        self, call: Streaming[Any], what: str, timeout: float, policy: ResumePolicy, address: str
    ) -> None:
        super().__init__(what, policy, address)
        self._call = call
        self._deadline = time.monotonic() + seconds(timeout)
        self.done = False

    def call(self) -> Streaming[Any]:
        """Return the call that begins or joins."""
        return self._call

    @property
    def remaining(self) -> float:
        """Seconds that are left.

        Raises:
            DeadlineError: none.

        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            hint = "it goes on in the service; give it more time with --timeout"
            raise DeadlineError(f"{self._what} did not finish in the time given", hint=hint)
        return left


class CreateProgress(_Joined[Node | NodeEvent]):
    """Where the edits of one `nodes.create` stand; done when every candidate has ended."""

    def __init__(
        self,
        call: Streaming[Node | NodeEvent | None],
        candidates: int,
        timeout: float,
        policy: ResumePolicy,
        address: str,
    ) -> None:
        super().__init__(call, "the edit", timeout, policy, address)
        self._candidates = candidates
        self._sequences: dict[str, int] = {}  # of the last event by node; a node is known from its beginning
        self._ended: set[str] = set()

    def accept(self, item: Node | NodeEvent | None) -> Node | NodeEvent | None:
        """Take what came; return it where it was not told before."""
        new = self._new(item)
        if new is not None:
            self._hear()
        return new

    def _new(self, item: Node | NodeEvent | None) -> Node | NodeEvent | None:
        match item:
            case Node() if item.name not in self._ended and (item.ended or item.name not in self._sequences):
                self._sequences.setdefault(item.name, 0)
                if item.ended:
                    self._ended.add(item.name)
                    self.done = len(self._ended) >= self._candidates
                return item
            case NodeEvent(node, event) if event.sequence > self._sequences.get(node, 0):
                self._sequences[node] = event.sequence
                return item
        return None

    def check_done(self) -> None:
        """Check at the end of a stream that every candidate has ended.

        Raises:
            StreamBrokenError: one has not.

        """
        if not self.done:
            raise StreamBrokenError


class ReplayProgress(_Joined[Replayed]):
    """Where a replay stands; the stream's own end says that it is done."""

    def __init__(self, call: Streaming[Replayed], timeout: float, policy: ResumePolicy, address: str) -> None:
        super().__init__(call, "the replay", timeout, policy, address)
        self._told: set[str] = set()

    def accept(self, item: Replayed | None) -> Replayed | None:
        """Take an edit that was done again; return it where it was not told before."""
        if item is None or item.node in self._told:
            return None
        self._hear()
        self._told.add(item.node)
        return item

    def check_done(self) -> None:
        """Note that the stream came to its end."""
        self.done = True


class DesignProgress(_Line[Change]):
    """Where a watch stands; it is never done."""

    def __init__(self, name: str, after_revision: int, policy: ResumePolicy, address: str) -> None:
        super().__init__(name, policy, address)
        whole(after_revision, "after_revision", 0)
        self._name = name
        self._start = after_revision
        self._latest = after_revision
        self._told: dict[str, Change] = {}  # what may come once more, by resource name
        self._current = False
        self.done = False
        self.remaining = STREAM_TIMEOUT

    def call(self) -> Streaming[Change | None]:
        """Return the call that streams what may not have been told yet."""
        # A revision can hold several changes, and the line may have broken between them.
        known = max(self._start, self._latest - 1) if self._current else self._start
        return designs.watch(self._name, known)

    def accept(self, change: Change | None) -> Change | None:
        """Take a change; return it where it was not told before."""
        self._hear()
        if change is None or isinstance(change.item, NodeEvent):
            return change
        if change.item is None:
            first, self._current = not self._current, True
            return change if first else None
        if self._told.get(change.item.name) == change:
            return None
        if change.revision > self._latest:
            self._latest = change.revision
            if self._current:  # until then a broken line begins anew
                self._told.clear()
        self._told[change.item.name] = change
        return change

    def check_done(self) -> None:
        """Tell at the end of a stream that the watch goes on.

        Raises:
            StreamBrokenError: always.

        """
        raise StreamBrokenError

    def after_break(self, error: grpc.RpcError | StreamBrokenError) -> float:
        """Return the seconds to wait before watching again; none where the stream lasted as long as one may.

        Raises:
            LangDesignError: it is not to be watched again: the service said why, or it broke too often.

        """
        lasted = isinstance(error, grpc.RpcError) and error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        return 0.0 if lasted and self._heard else super().after_break(error)
