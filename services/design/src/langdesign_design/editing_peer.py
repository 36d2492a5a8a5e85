"""The editing service, as this service needs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import grpc
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_chassis import errors, from_rpc
from langdesign_chassis.callstate import BEHALF_KEY

OPERATION_KEY = "operation-id"
"""Key of the initial metadata of ``Edit`` that names the operation."""
_CALL_SECONDS = 30.0
_log = logging.getLogger(__name__)


class EditingPeer:
    """Calls the editing service: edits under the service's own token, on behalf of their tenants.

    An edit outlives the call that asked for it, and may go on in another replica, where the caller's token is
    not, or has expired; a plan is part of a call, and goes under its caller's token.

    Args:
        channel: To the service, forwarding the caller's identity.
        token: File with the service's own token; None while authentication is off.
        seconds: How long one edit may take.

    """

    def __init__(self, channel: grpc.aio.Channel, token: Path | None, *, seconds: float) -> None:
        self._stub = editing_pb2_grpc.EditingServiceStub(channel)
        self._token, self._seconds = token, seconds

    async def edit(
        self, tenant: str, request: pb.EditRequest
    ) -> AsyncGenerator[tuple[str, pb.EditEvent | None], None]:
        """Run or join an edit: yield its operation without an event, then with each of its events.

        Raises:
            errors.Error: what the service answered; an edit that fails is told by its event.

        """
        call = self._stub.Edit(request, metadata=await self._behalf(tenant), timeout=self._seconds)
        try:
            metadata = await call.initial_metadata()
            if metadata is None:  # gRPC took a cancellation of this task for itself
                raise asyncio.CancelledError
            operation = dict(metadata).get(OPERATION_KEY)
            if operation is not None:
                yield str(operation), None
            async for answer in call:
                yield answer.operation_id, answer.event
                if _is_last(answer.event):
                    return
        except grpc.aio.AioRpcError as error:
            raise _translated(error) from error
        finally:
            call.cancel()

    async def watch(self, tenant: str, operation: str, after: int = 0) -> AsyncGenerator[pb.EditEvent, None]:
        """Yield an operation's events after a sequence number, then live until its last.

        Raises:
            errors.NotFound: the operation is not known there any more.
            errors.Error: what the service answered.

        """
        request = pb.WatchEditRequest(operation_id=operation, after_sequence=after)
        call = self._stub.WatchEdit(request, metadata=await self._behalf(tenant), timeout=self._seconds)
        try:
            async for answer in call:
                yield answer.event
        except grpc.aio.AioRpcError as error:
            raise _translated(error) from error
        finally:
            call.cancel()

    async def cancel(self, tenant: str, operation: str) -> None:
        """Cancel an operation; one that has ended, or is not known any more, is no error.

        Raises:
            errors.Error: what the service answered.

        """
        request = pb.CancelEditRequest(idempotency_key=f"cancel-{operation}", operation_id=operation)
        metadata = await self._behalf(tenant)
        try:
            await self._stub.CancelEdit(request, metadata=metadata, timeout=_CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise _translated(error) from error

    async def plan(self, request: pb.PlanEditRequest) -> pb.PlanEditResponse:
        """Return how an instruction is read, for the caller of the call being served.

        Raises:
            errors.Error: what the service answered.

        """
        try:
            answer: pb.PlanEditResponse = await self._stub.PlanEdit(request)
        except grpc.aio.AioRpcError as error:
            raise _translated(error) from error
        return answer

    async def _behalf(self, tenant: str) -> grpc.aio.Metadata | None:
        if self._token is None:
            return None
        try:
            token = (await asyncio.to_thread(self._token.read_text, "utf-8")).strip()
        except (OSError, UnicodeDecodeError) as error:
            _log.exception("DESIGN_TOKEN cannot be read")
            raise errors.Unavailable("the service has no token for edits now", retry_after=1.0) from error
        values: list[tuple[str, Any]] = [
            ("authorization", f"Bearer {token}"),
            (BEHALF_KEY, tenant.encode()),
        ]
        return grpc.aio.Metadata(*values)


def _is_last(event: pb.EditEvent) -> bool:
    return event.HasField("result") or event.HasField("failed")


def _translated(error: grpc.aio.AioRpcError) -> errors.Error:
    """Return the error of a failed call; one that none of the family stands for is taken as passing."""
    translated = from_rpc(error)
    if isinstance(translated, errors.Unauthenticated | errors.PermissionDenied):
        _log.error("editing refused an identity", exc_info=error)
    if translated is None:
        _log.error("editing failed", exc_info=error)
        return errors.Unavailable("the editing service failed", retry_after=1.0)
    return translated
