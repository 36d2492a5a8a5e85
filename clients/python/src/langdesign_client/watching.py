"""How a broken watch of a run goes on: the same rules for the sync and the async client, without any I/O.

Runs take days, and no stream does: servers end each after an hour at most, and restart. Every watch begins
with the run as it stands, so that nothing is missed but changes that later ones replaced.
"""

import grpc

from langdesign_client import runs, status
from langdesign_client.calls import Streaming
from langdesign_client.errors import LangDesignError, UnavailableError
from langdesign_client.resume import STREAM_TIMEOUT, ResumePolicy, StreamBrokenError
from langdesign_client.runs import Run


class RunProgress:
    """Where one watch stands."""

    remaining = STREAM_TIMEOUT

    def __init__(self, name: str, policy: ResumePolicy, address: str) -> None:
        self._name, self._policy, self._address = name, policy, address
        self._breaks = 0
        self._seen: Run | None = None

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return self._seen is not None and self._seen.ended

    def call(self) -> Streaming[Run]:
        """Return the call that streams what is still to come."""
        return runs.watch(self._name)

    def accept(self, run: Run) -> Run | None:
        """Take the run as it stands; return it where it is not as it was."""
        self._breaks = 0
        if run == self._seen:
            return None
        self._seen = run
        return run

    def name_operation(self, error: LangDesignError) -> None:
        """Leave the error as it is: a run is no edit."""

    def check_done(self) -> None:
        """Check at the end of a stream that the run has ended.

        Raises:
            StreamBrokenError: it has not.

        """
        if not self.done:
            raise StreamBrokenError

    def after_break(self, error: grpc.RpcError | StreamBrokenError) -> float:
        """Return the seconds to wait before watching again.

        Raises:
            LangDesignError: it is not to be watched again: the service said why, or it broke too often.

        """
        if isinstance(error, grpc.RpcError):
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and self._seen is not None:
                return 0.0  # the stream lasted as long as one may
            if not status.is_broken_connection(error):
                raise status.from_rpc(error, "training", self._address) from None
        self._breaks += 1
        if self._breaks > self._policy.attempts:
            raise self._given_up(error) from None
        return self._policy.wait(self._breaks)

    def _given_up(self, error: grpc.RpcError | StreamBrokenError) -> Exception:
        if self._seen is None and isinstance(error, grpc.RpcError):
            return status.from_rpc(error, "training", self._address)
        return UnavailableError(
            f"The watch of {self._name} broke {self._breaks} times in a row",
            hint="the run goes on without it: watch it again when the service is back",
        )
