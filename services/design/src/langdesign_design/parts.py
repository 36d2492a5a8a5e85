"""What the methods of the servicer work with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from langdesign.design.v1 import design_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis import current_tenant, errors
from langdesign_media import BlobError, BlobStore, ImageGuard, MediaError
from langdesign_media.convert import image_bytes

from .composing import Composer
from .convert import design_message, node_message
from .editing_peer import EditingPeer
from .errors import PictureError
from .failures import known, media_error
from .inputs import Inputs
from .node_edits import NodeEdits
from .nodes import Design, Node, NodeState, Result
from .running import Runner
from .store import Call, DesignStore
from .watching import Hub

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The service's parts, and what several methods do with them."""

    store: DesignStore
    blobs: BlobStore
    guard: ImageGuard
    composer: Composer
    inputs: Inputs
    editing: EditingPeer
    hub: Hub
    runner: Runner
    edits: NodeEdits
    purge_days: float  # how long what is in the bin can be taken back

    def design_message(self, design: Design) -> pb.Design:
        """Return the message of a design."""
        return design_message(design, self.purge_days)

    async def whole_message(self, node: Node) -> pb.Node:
        """Return the message of a node with its masks."""
        mask = None
        if node.mask:
            try:
                mask = await self.blobs.get(current_tenant(), node.mask)
            except BlobError:  # what else is known of the node is of use without it
                _log.exception("a mask cannot be read", extra={"node": node.id})
        return node_message(node, mask, brief=False)

    async def messages(self, nodes: Sequence[Node], *, with_masks: bool) -> list[pb.Node]:
        """Return the messages of nodes, with their masks or without."""
        if not with_masks:
            return [node_message(node) for node in nodes]
        return list(await asyncio.gather(*(self.whole_message(node) for node in nodes)))

    async def ready_path(self, design: str, node: str) -> Sequence[Node]:
        """Return the nodes from the root to one that has its picture.

        Raises:
            errors.NotFound: there is no such node.
            errors.FailedPrecondition: it has no picture.

        """
        path = await self.store.path(current_tenant(), design, node)
        state = path[-1].state
        if state is NodeState.RUNNING:
            raise errors.FailedPrecondition(
                "the node's edit is under way, and it has no picture yet", hint="ask again once it is ready"
            )
        if state is not NodeState.READY:
            raise errors.FailedPrecondition(
                f"the node's edit ended as {state.value}, without a picture",
                hint="choose a node that is ready",
            )
        return path

    async def begin(self, call: Call, nodes: Sequence[Node]) -> Sequence[Node]:
        """Create nodes whose edits are to be done, and have them done; an equal call gets its own nodes back.

        Raises:
            errors.FailedPrecondition: the parent has no picture, or is in the bin.

        """
        made = await self.store.create_nodes(call, nodes)
        self.runner.wake()
        for node in made:
            self.hub.poke(call.tenant, node.design)
            self.hub.relay(call.tenant, node.design, [node])
        return made

    async def root(self, image: media_pb2.Image, field: str) -> Result:
        """Return the picture of a new root, stored.

        Raises:
            errors.InvalidArgument: it cannot be used.
            errors.NotFound: it refers to a blob that the caller has not.

        """
        data = await self.given(image, field)
        try:
            return await self.composer.root(current_tenant(), data)
        except MediaError as error:
            raise media_error(error, field, field) from error

    async def given(self, image: media_pb2.Image, field: str) -> bytes:
        """Return the bytes of a picture that a message holds or refers to. Raises as `root`."""
        limit = self.guard.limits.max_bytes
        try:
            return await image_bytes(image, blobs=self.blobs, tenant=current_tenant(), max_bytes=limit)
        except MediaError as error:
            raise media_error(error, field, field) from error

    async def blob(self, address: str) -> bytes:
        """Return a stored blob of the caller's. Raises errors.DataLoss where it is gone."""
        return await self.stored(self.blobs.get(current_tenant(), address))

    async def stored(self, work: Awaitable[T]) -> T:
        """Return what work on stored pictures returns; its errors are the service's."""
        try:
            return await work
        except (MediaError, PictureError) as error:
            raise known(error) or error from error
