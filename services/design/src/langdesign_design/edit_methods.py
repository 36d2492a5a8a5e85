"""Converts, calls, converts: edits of nodes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2
from langdesign_chassis import current_tenant, errors
from langdesign_edits import EditError, box_mask
from langdesign_media import MediaError
from langdesign_media.convert import box_from_message, decode_mask, encoded_mask

from .checking import node_ids
from .convert import call_of, event_message
from .drafting import draft_candidates
from .ending import until_ended
from .failures import media_error
from .live import NodeEvent
from .nodes import Node, NodeState
from .parts import Parts
from .replaying import Replay

Context = grpc.aio.ServicerContext[Any, Any]


class EditMethods:
    """Methods that edit, or tell how an edit would be."""

    _parts: Parts

    async def PlanNode(  # noqa: N802 - the contract's name
        self, request: pb.PlanNodeRequest, context: Context
    ) -> pb.PlanNodeResponse:
        """Read an instruction for a node's picture."""
        parts, (design, node) = self._parts, node_ids(request.parent, "parent")
        path = await parts.ready_path(design, node)
        await self._check_region(request.region, path[-1])
        image = await parts.stored(parts.inputs.image(current_tenant(), path))
        region = request.region if request.HasField("region") else None
        asked = editing_pb2.PlanEditRequest(image=image, instruction=request.instruction, region=region)
        return pb.PlanNodeResponse(plan=await parts.editing.plan(asked))

    async def CreateNodes(  # noqa: N802 - the contract's name
        self, request: pb.CreateNodesRequest, context: Context
    ) -> AsyncIterator[pb.CreateNodesResponse]:
        """Edits a node's picture, and tells of the new nodes until they have ended."""
        parts, tenant = self._parts, current_tenant()
        design, parent = node_ids(request.parent, "parent")
        if request.HasField("plan") and request.HasField("region"):
            raise errors.InvalidArgument(
                "plan and region both say where", field="plan", hint="give one of them, or none"
            )
        path = await parts.ready_path(design, parent)
        await self._check_region(request.region, path[-1])
        async with parts.hub.listening(tenant, design) as listener:
            nodes = await parts.begin(call_of(request), draft_candidates(design, parent, request))
            for node in nodes:
                yield pb.CreateNodesResponse(node=await parts.whole_message(node))
            async with aclosing(until_ended(listener, nodes)) as news:
                async for item in news:
                    if isinstance(item, NodeEvent):
                        yield pb.CreateNodesResponse(edit=event_message(design, item))
                    else:
                        yield pb.CreateNodesResponse(node=await parts.whole_message(item))

    async def CancelNode(  # noqa: N802 - the contract's name
        self, request: pb.CancelNodeRequest, context: Context
    ) -> pb.CancelNodeResponse:
        """Stop a node's edit; repeating it is harmless by itself."""
        design, name = node_ids(request.name)
        node = await self._parts.store.node(current_tenant(), design, name)
        if node.state is NodeState.RUNNING:
            node = await self._parts.edits.cancel(current_tenant(), node)
        return pb.CancelNodeResponse(node=await self._parts.whole_message(node))

    async def ReplayNode(  # noqa: N802 - the contract's name
        self, request: pb.ReplayNodeRequest, context: Context
    ) -> AsyncIterator[pb.ReplayNodeResponse]:
        """Do the edits of a path again, one after another."""
        design, node = node_ids(request.name)
        path = await self._parts.ready_path(design, node)
        replay = Replay(self._parts, current_tenant(), request, path)
        async with aclosing(replay.validated() if request.validate_only else replay.kept()) as steps:
            async for step in steps:
                yield step

    async def _check_region(self, region: editing_pb2.Region, node: Node) -> None:
        """Check a region in pixels against a node's picture, before there is a node that would fail of it."""
        if node.result is None:
            return
        width, height = node.result.width, node.result.height
        try:
            if region.HasField("mask"):
                mask = encoded_mask(region.mask)
                await decode_mask(mask, guard=self._parts.guard, width=width, height=height)
            elif region.HasField("box"):
                box_mask(box_from_message(region.box), width=width, height=height)
        except MediaError as error:
            raise media_error(error, "region.mask", "region.mask") from error
        except EditError as error:
            raise errors.InvalidArgument(
                f"region.box {error.message}", field="region.box", hint=error.hint
            ) from error
