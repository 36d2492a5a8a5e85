"""Converts, calls, converts: joins, and archives."""

from __future__ import annotations

from typing import Any

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import current_tenant

from .checking import pair_of_one_design
from .convert import call_of
from .drafting import draft_join
from .parts import Parts

Context = grpc.aio.ServicerContext[Any, Any]


class ArchiveMethods:
    """Methods that make designs or nodes of pictures that are there."""

    _parts: Parts

    async def MergeNodes(  # noqa: N802 - the contract's name
        self, request: pb.MergeNodesRequest, context: Context
    ) -> pb.MergeNodesResponse:
        """Joins two nodes."""
        parts = self._parts
        design, base, other = pair_of_one_design(request.base, request.other, ("base", "other"))
        paths = await parts.ready_path(design, base), await parts.ready_path(design, other)
        picture = await parts.stored(parts.composer.merge(current_tenant(), *paths))
        (node,) = await parts.begin(call_of(request), [draft_join(design, base, other, picture)])
        return pb.MergeNodesResponse(node=await parts.whole_message(node))
