"""Sees one node's edit from its claim to its end, joining what is under way at the editing service."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign_chassis import errors
from langdesign_media import BlobStore, BlobUnavailable, DecoderUnavailable
from langdesign_media.convert import image_bytes

from .composing import Composer
from .convert import edit_request, png_of_mask
from .editing_peer import EditingPeer
from .failures import failure_of
from .inputs import Inputs
from .live import NodeEvent, without_picture
from .nodes import Node, NodeState
from .store import DesignStore
from .watching import Hub

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds between two attempts
_UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]
_CANCELLED = grpc.StatusCode.CANCELLED.value[0]
_PASSING = (errors.Retryable, BlobUnavailable, DecoderUnavailable)
Events = AsyncGenerator[tuple[str, editing_pb2.EditEvent | None], None]
_log = logging.getLogger(__name__)


@dataclass
class _Account:
    """What is known of an edit under way."""

    tenant: str
    node: Node
    edit: pb.NodeEdit
    mask: str = ""  # blob
    operation: str = ""
    after: str = ""  # the operation before it, which ended without an outcome
    sequence: int = 0  # of the operation's last event that was seen
    furthest: int = 0  # most events that an operation of it came to
    troubled: float | None = None  # since when it has come no further

    @classmethod
    def of(cls, tenant: str, node: Node) -> _Account:
        edit = pb.NodeEdit.FromString(node.edit)
        return cls(tenant, node, edit, node.mask, node.operation)

    @property
    def key(self) -> str:
        """The idempotency key: one a node, and one for what follows each operation without an outcome.

        Whoever sees to the node finds the same key, since the store tells the operation; and a picture that a
        later release encodes otherwise is no other request under a key that was used.
        """
        return f"design-node-{self.node.id}" + (f"-{self.after}" if self.after else "")

    def came_to(self, sequence: int) -> None:
        """Note an event that was seen."""
        self.sequence = sequence
        if sequence > self.furthest:
            self.furthest, self.troubled = sequence, None

    def troubled_for(self, trouble: Exception) -> float:
        """Return for how many seconds the edit has come no further; none while it waits for room."""
        now = time.monotonic()
        since = self.troubled
        self.troubled = now if since is None or isinstance(trouble, errors.ResourceExhausted) else since
        return now - self.troubled

    def begin_anew(self) -> None:
        """Take the operation for ended without an outcome."""
        self.operation, self.after, self.sequence = "", self.operation, 0


class NodeEdits:
    """Carries out edits of nodes that the store has as running.

    An edit's idempotency key at the editing service is derived from its node's id, so that whoever sees to it
    joins the one operation that there is, also where nobody could note it down yet.

    Args:
        store: Keeps the nodes.
        editing: Edits.
        composer: Keeps results.
        inputs: Makes requests' pictures.
        blobs: Keeps masks, and results that are too large to travel.
        hub: Tells followers.
        patience_seconds: How long to wait for an editing service that does not answer.

    """

    def __init__(
        self,
        store: DesignStore,
        editing: EditingPeer,
        composer: Composer,
        inputs: Inputs,
        blobs: BlobStore,
        hub: Hub,
        *,
        patience_seconds: float,
    ) -> None:
        self._store, self._editing, self._composer = store, editing, composer
        self._inputs, self._blobs, self._hub, self._patience = inputs, blobs, hub, patience_seconds

    async def see_through(self, tenant: str, node: Node) -> Node:
        """See a running node to its end, however often the editing service is lost; return it as it ended."""
        account, pause = _Account.of(tenant, node), _FIRST_PAUSE
        while True:
            try:
                return await self._attempt(account)
            except _PASSING as trouble:
                if account.troubled_for(trouble) > self._patience:
                    return await self._fail(account, trouble)
                _log.warning("an edit is tried again", extra={"node": node.id, "reason": trouble.message})
                await asyncio.sleep(max(pause, getattr(trouble, "retry_after", None) or 0.0))
                pause = min(2 * pause, _LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001 - the node fails; the unexpected is logged there
                return await self._fail(account, error)

    async def cancel(self, tenant: str, node: Node) -> Node:
        """End a node as cancelled, and stop its operation; one that had ended stays as it is."""
        ended = await self._store.fail(
            tenant, node.design, node.id, node.edit, _CANCELLED, "the edit was cancelled"
        )
        self._hub.poke(tenant, node.design)
        if ended.state is NodeState.CANCELLED and ended.operation:
            await self._stop(tenant, ended.operation)
        return ended

    async def _attempt(self, account: _Account) -> Node:
        tenant, node = account.tenant, account.node
        stored = await self._store.node(tenant, node.design, node.id)
        if stored.state is not NodeState.RUNNING:
            return stored
        async with aclosing(self._events(account)) as events:
            async for operation, event in events:
                if operation != account.operation:
                    account.operation, account.sequence = operation, 0
                    stored = await self._told(account)
                if event is not None:
                    stored = await self._hear(account, event) or stored
                if stored.state is not NodeState.RUNNING:
                    if stored.state is NodeState.CANCELLED:
                        await self._stop(tenant, operation)
                    return stored
        raise errors.Unavailable("the editing service broke off", hint="try again later")

    async def _events(self, account: _Account) -> Events:
        """Follow the operation that is known, or begin or join the one of the node."""
        if account.operation:
            try:
                async with aclosing(
                    self._editing.watch(account.tenant, account.operation, account.sequence)
                ) as known:
                    async for heard in known:
                        yield account.operation, heard
                return
            except errors.NotFound:  # forgotten there
                account.begin_anew()
        request = await self._request(account)
        async with aclosing(self._editing.edit(account.tenant, request)) as events:
            async for operation, event in events:
                if event is None or operation != account.operation or event.sequence > account.sequence:
                    yield operation, event

    async def _request(self, account: _Account) -> editing_pb2.EditRequest:
        tenant, node = account.tenant, account.node
        path = await self._store.path(tenant, node.design, node.parent)
        return edit_request(account.key, await self._inputs.image(tenant, path), account.edit)

    async def _hear(self, account: _Account, event: editing_pb2.EditEvent) -> Node | None:
        """Take in an event; return the node where the event changed it."""
        account.came_to(event.sequence)
        self._hub.tell(
            account.tenant, account.node.design, NodeEvent(account.node.id, without_picture(event))
        )
        match event.WhichOneof("event"):
            case "plan":
                account.edit.plan.CopyFrom(event.plan)
                return await self._told(account)
            case "mask" if event.mask.HasField("mask"):
                png = await png_of_mask(event.mask.mask)
                account.mask = await self._blobs.put(account.tenant, png)
                return await self._told(account)
            case "result":
                return await self._finish(account, event.result)
            case "failed":
                return await self._failed(account, event.failed)
        return None

    async def _told(self, account: _Account) -> Node:
        node = await self._store.told(
            account.tenant,
            account.node.design,
            account.node.id,
            edit=account.edit.SerializeToString(),
            mask=account.mask,
            operation=account.operation,
        )
        self._hub.poke(account.tenant, account.node.design)
        return node

    async def _finish(self, account: _Account, result: editing_pb2.ResultEvent) -> Node:
        tenant, node = account.tenant, account.node
        path = await self._store.path(tenant, node.design, node.parent)
        edited = await image_bytes(result.image, blobs=self._blobs, tenant=tenant)
        mask = await self._blobs.get(tenant, account.mask) if account.mask else None
        account.edit.result.CopyFrom(result)
        account.edit.result.ClearField("image")
        kept = await self._composer.add(tenant, path, edited, mask, inside=result.report.inside.pixels)
        ended = await self._store.finish(tenant, node.design, node.id, account.edit.SerializeToString(), kept)
        self._hub.poke(tenant, node.design)
        return ended

    async def _failed(self, account: _Account, failed: editing_pb2.FailedEvent) -> Node:
        if failed.code == _UNAVAILABLE:  # the editing service stopped amid it
            account.begin_anew()
            raise errors.Unavailable(failed.message, retry_after=_FIRST_PAUSE)
        return await self._end(account, failed.code, failed.message)

    async def _fail(self, account: _Account, error: BaseException) -> Node:
        failure = failure_of(error)
        while True:
            try:
                return await self._end(account, failure.code, failure.message)
            except errors.Unavailable:  # the database; the node is ours until it answers
                await asyncio.sleep(_LONGEST_PAUSE)

    async def _end(self, account: _Account, code: int, message: str) -> Node:
        node = account.node
        edit = account.edit.SerializeToString()
        ended = await self._store.fail(account.tenant, node.design, node.id, edit, code, message)
        self._hub.poke(account.tenant, node.design)
        return ended

    async def _stop(self, tenant: str, operation: str) -> None:
        try:
            await self._editing.cancel(tenant, operation)
        except errors.Error as error:  # the node is cancelled; at worst the operation's result is not fetched
            _log.warning("an operation was not cancelled", extra={"reason": error.message})
