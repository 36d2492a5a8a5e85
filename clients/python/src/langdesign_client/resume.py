"""How a broken edit stream goes on: the same rules for the sync and the async client, without any I/O.

Before the operation's id is known, the same request with the same idempotency key joins the same operation;
after, `WatchEdit` streams what follows the last event seen. Events are handed on once each, in order. An edit
that the service lost (UNAVAILABLE) is asked anew with the same key: a new operation, its events from 1.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TypeVar

import grpc
from google.rpc import code_pb2  # type: ignore[import-untyped] # no py.typed
from langdesign.editing.v1 import editing_pb2

from langdesign_client import status
from langdesign_client.calls import Streaming, method
from langdesign_client.edits import EditEvent, EditResult, read_event
from langdesign_client.errors import DeadlineError, LangDesignError, OverloadedError, UnavailableError
from langdesign_client.messages import new_message, seconds, text, whole

STREAM_TIMEOUT = 3600.0
"""Seconds that one stream is asked to last where its matter takes longer; services allow no more."""

_Response = editing_pb2.EditResponse | editing_pb2.WatchEditResponse


@dataclass(frozen=True)
class ResumePolicy:
    """How often and how fast a broken stream is resumed.

    Raises:
        InvalidInputError: one of them is of another type, or out of range.

    """

    # Breaks in a row without a new event before giving up, >= 0.
    attempts: int = 6
    # Wait before the first resume, seconds; doubles with every break in a row, up to `longest`.
    first: float = 0.1
    longest: float = 5.0

    def __post_init__(self) -> None:
        whole(self.attempts, "attempts", 0)
        seconds(self.first, "first")
        seconds(self.longest, "longest")

    def wait(self, breaks: int) -> float:
        """Return the seconds to wait after so many breaks in a row, 1 or more."""
        longest = min(self.first * 2 ** (breaks - 1), self.longest)
        # Jitter, so that the streams of a server that went down do not come back all at once.
        return random.uniform(longest / 2, longest)  # noqa: S311 - no secret


class StreamBrokenError(Exception):
    """The stream ended, or skipped an event, before the edit was done."""


@contextmanager
def naming_operation(progress: "Progress[Any]") -> Iterator[None]:
    """Say with every error which operation it is about, so that the caller can ask for it again."""
    try:
        yield
    except LangDesignError as error:
        progress.name_operation(error)
        raise


T_co = TypeVar("T_co", covariant=True)


class Progress(Protocol[T_co]):
    """Where a stream stands. Open `call()`, feed `accept()`, and on a break wait `after_break()` seconds."""

    @property
    def done(self) -> bool:
        """Whether all has been told."""

    def name_operation(self, error: LangDesignError) -> None:
        """Say with an error which edit it is about; nothing where it is about none."""

    @property
    def remaining(self) -> float:
        """Seconds that the next stream may last."""

    def call(self) -> Streaming[Any]:
        """Return the call that streams what is still missing."""

    def accept(self, item: Any) -> T_co | None:
        """Take what the call read; return what is new in it."""

    def check_done(self) -> None:
        """Check at the end of a stream that all has been told; else raise StreamBrokenError."""

    def after_break(self, error: grpc.RpcError | StreamBrokenError) -> float:
        """Return the seconds to wait before the next stream, or raise the error that ends it."""


class EditProgress:
    """Where one edit stands."""

    def __init__(
        self, request: editing_pb2.EditRequest, timeout: float, policy: ResumePolicy, address: str
    ) -> None:
        self._request = request
        self._deadline = time.monotonic() + seconds(timeout)
        self._policy = policy
        self._address = address
        self._breaks = 0
        self._sequence = 0
        self._lost = 0
        self._failed = False
        self.operation_id = ""
        self.done = False

    @classmethod
    def watching(
        cls, operation_id: str, after: int, timeout: float, policy: ResumePolicy, address: str
    ) -> "EditProgress":
        """Return the progress of an operation that somebody else may have started."""
        text(operation_id, "operation_id")
        whole(after, "after_sequence", 0)
        progress = cls(editing_pb2.EditRequest(), timeout, policy, address)
        progress.operation_id, progress._sequence = operation_id, after
        return progress

    def name_operation(self, error: LangDesignError) -> None:
        """Say with an error which edit it is about, and whether its result may still come."""
        error.operation_id = self.operation_id
        begun_here = bool(self._request.idempotency_key)
        # The deadline of the call that began an edit is the edit's own.
        over = self._failed or (begun_here and isinstance(error, DeadlineError))
        lost = isinstance(error, UnavailableError | DeadlineError | OverloadedError)
        error.resumable = bool(self.operation_id) and lost and not over

    def call(self) -> Streaming[_Response]:
        """Return the call that streams what is still missing."""
        service = editing_pb2.DESCRIPTOR, "EditingService"
        if not self.operation_id:
            return Streaming(method(*service, "Edit"), self._request, _as_is)
        watch = new_message(
            editing_pb2.WatchEditRequest, operation_id=self.operation_id, after_sequence=self._sequence
        )
        return Streaming(method(*service, "WatchEdit"), watch, _as_is)

    @property
    def remaining(self) -> float:
        """Seconds that are left.

        Raises:
            DeadlineError: none.

        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError(
                "The edit did not finish in the time given", hint="give it more time with --timeout"
            )
        return left

    def accept(self, response: _Response) -> EditEvent | None:
        """Take a response; return its event, or None for one that was seen before or is not known.

        Raises:
            StreamBrokenError: an event is missing before this one, or the edit was lost and is asked anew.
            LangDesignError: the edit failed.

        """
        self.operation_id = response.operation_id
        if response.event.sequence <= self._sequence:
            return None
        if response.event.sequence > self._sequence + 1:
            raise StreamBrokenError
        self._sequence += 1
        self._breaks = 0
        if self._is_lost(response.event):
            self._ask_again()
        self._failed = response.event.HasField("failed")
        event = read_event(self.operation_id, response.event)
        self.done = isinstance(event, EditResult)
        return event

    def _is_lost(self, event: editing_pb2.EditEvent) -> bool:
        """Tell whether the service lost the edit, as a restart does, and may be asked for it anew."""
        held = bool(self._request.idempotency_key)  # a watcher has only the id
        lost = event.HasField("failed") and event.failed.code == code_pb2.UNAVAILABLE
        return held and lost and self._lost < self._policy.attempts

    def _ask_again(self) -> NoReturn:
        """Forget the operation, so that the next call is `Edit` with the same key."""
        # Counted over the whole edit, as each new operation brings new events.
        self._breaks = self._lost
        self._lost += 1
        self.operation_id, self._sequence = "", 0
        raise StreamBrokenError

    def check_done(self) -> None:
        """Check at the end of a stream that the edit is done.

        Raises:
            StreamBrokenError: it is not.

        """
        if not self.done:
            raise StreamBrokenError

    def after_break(self, error: grpc.RpcError | StreamBrokenError) -> float:
        """Return the seconds to wait before the stream is resumed.

        Raises:
            LangDesignError: it is not to be resumed: the service said why, or it broke too often.

        """
        if isinstance(error, grpc.RpcError) and not status.is_broken_connection(error):
            raise status.from_rpc(error, "editing", self._address) from None
        self._breaks += 1
        if self._breaks > self._policy.attempts:
            raise self._given_up(error) from None
        return min(self._policy.wait(self._breaks), self.remaining)

    def _given_up(self, error: grpc.RpcError | StreamBrokenError) -> LangDesignError:
        if not self.operation_id and isinstance(error, grpc.RpcError):
            return status.from_rpc(error, "editing", self._address)
        return UnavailableError(
            f"The stream of edit {self.operation_id} broke {self._breaks} times in a row without a new event",
            hint="the edit goes on in the service: watch it again by this id when the service is back",
        )


def _as_is(response: _Response) -> _Response:
    return response
