"""Converts, calls, converts: nodes, but for their edits and pictures."""

from __future__ import annotations

from typing import Any

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import current_tenant

from .checking import design_id, masked_fields, node_ids, text_within
from .convert import call_of, node_message, node_name
from .nodes import Remarks
from .parts import Parts

_PAGE, _FOUND = 100, 50
_REMARKS = {"title", "note", "favourite", "hidden"}
Context = grpc.aio.ServicerContext[Any, Any]


class NodeMethods:
    """Methods of nodes as they are kept."""

    _parts: Parts

    async def GetNode(  # noqa: N802 - the contract's name
        self, request: pb.GetNodeRequest, context: Context
    ) -> pb.GetNodeResponse:
        """Return a node, with its masks and its path."""
        design, node = node_ids(request.name)
        path = await self._parts.store.path(current_tenant(), design, node)
        names = [node_name(design, step.id) for step in path]
        return pb.GetNodeResponse(node=await self._parts.whole_message(path[-1]), path=names)

    async def ListNodes(  # noqa: N802 - the contract's name
        self, request: pb.ListNodesRequest, context: Context
    ) -> pb.ListNodesResponse:
        """List the nodes of a design."""
        page = await self._parts.store.list_nodes(
            current_tenant(),
            design_id(request.parent),
            request.page_size or _PAGE,
            request.page_token,
            deleted=request.deleted,
        )
        nodes = await self._parts.messages(page.items, with_masks=request.with_masks)
        return pb.ListNodesResponse(nodes=nodes, next_page_token=page.next_token)

    async def SearchNodes(  # noqa: N802 - the contract's name
        self, request: pb.SearchNodesRequest, context: Context
    ) -> pb.SearchNodesResponse:
        """Search nodes by words."""
        page = await self._parts.store.search(
            current_tenant(),
            design_id(request.parent),
            request.query,
            request.page_size or _FOUND,
            request.page_token,
        )
        nodes = [node_message(node) for node in page.items]
        return pb.SearchNodesResponse(nodes=nodes, next_page_token=page.next_token)

    async def UpdateNode(  # noqa: N802 - the contract's name
        self, request: pb.UpdateNodeRequest, context: Context
    ) -> pb.UpdateNodeResponse:
        """Change what is said about a node."""
        design, node = node_ids(request.node.name, "node.name")
        fields = masked_fields(request.update_mask, _REMARKS)
        text_within(request.node.title, 200, "node.title")
        text_within(request.node.note, 4000, "node.note")
        remarks = Remarks(**{field: getattr(request.node, field) for field in fields})
        changed = await self._parts.store.remark(call_of(request), design, node, remarks, request.node.etag)
        self._parts.hub.poke(current_tenant(), design)
        return pb.UpdateNodeResponse(node=await self._parts.whole_message(changed))

    async def DeleteNode(  # noqa: N802 - the contract's name
        self, request: pb.DeleteNodeRequest, context: Context
    ) -> pb.DeleteNodeResponse:
        """Put a node and those below it into the bin."""
        design, node = node_ids(request.name)
        deleted = await self._parts.store.delete_node(call_of(request), design, node)
        self._parts.hub.poke(current_tenant(), design)
        return pb.DeleteNodeResponse(nodes=[node_name(design, one) for one in deleted])

    async def UndeleteNode(  # noqa: N802 - the contract's name
        self, request: pb.UndeleteNodeRequest, context: Context
    ) -> pb.UndeleteNodeResponse:
        """Take a node back from the bin."""
        design, node = node_ids(request.name)
        back = await self._parts.store.undelete_node(call_of(request), design, node)
        self._parts.hub.poke(current_tenant(), design)
        return pb.UndeleteNodeResponse(nodes=[node_name(design, one) for one in back])
