"""Converts, calls, converts: joins, and archives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign_chassis import current_tenant
from langdesign_media import MediaError

from .archive import Pictures, adopt, export, read
from .checking import design_id, pair_of_one_design
from .convert import call_of
from .drafting import draft_join, new_id
from .errors import ArchiveError, PictureError
from .failures import known, media_error, picture_error
from .nodes import Node
from .parts import Parts

_PAGE = 1000
_PICTURES = {
    pb.EXPORT_PICTURES_UNSPECIFIED: Pictures.LEAVES,
    pb.EXPORT_PICTURES_NONE: Pictures.NONE,
    pb.EXPORT_PICTURES_LEAVES: Pictures.LEAVES,
    pb.EXPORT_PICTURES_ALL: Pictures.ALL,
}
Context = grpc.aio.ServicerContext[Any, Any]


class ArchiveMethods:
    """Methods that make designs or nodes of pictures that are there."""

    _parts: Parts

    async def MergeNodes(  # noqa: N802 - the contract's name
        self, request: pb.MergeNodesRequest, context: Context
    ) -> pb.MergeNodesResponse:
        """Join two nodes."""
        parts = self._parts
        design, base, other = pair_of_one_design(request.base, request.other, ("base", "other"))
        paths = await parts.ready_path(design, base), await parts.ready_path(design, other)
        picture = await parts.stored(parts.composer.merge(current_tenant(), *paths))
        (node,) = await parts.begin(call_of(request), [draft_join(design, base, other, picture)])
        return pb.MergeNodesResponse(node=await parts.whole_message(node))

    async def ExportDesign(  # noqa: N802 - the contract's name
        self, request: pb.ExportDesignRequest, context: Context
    ) -> AsyncIterator[pb.ExportDesignResponse]:
        """Return a design as an archive, part by part."""
        parts, tenant = self._parts, current_tenant()
        design = await parts.store.design(tenant, design_id(request.name))
        nodes = await self._nodes(tenant, design.id)
        written = export(design, nodes, parts.composer, tenant, _PICTURES[request.pictures])
        try:
            async for data in written:
                yield pb.ExportDesignResponse(data=data)
        except (MediaError, PictureError) as error:
            raise known(error) or error from error

    async def ImportDesign(  # noqa: N802 - the contract's name
        self, request: pb.ImportDesignRequest, context: Context
    ) -> pb.ImportDesignResponse:
        """Create a design from an archive."""
        parts, tenant = self._parts, current_tenant()
        try:
            content = await read(request.archive, parts.guard)
            nodes = await adopt(content, parts.composer, tenant, new_id)
        except ArchiveError as error:
            raise picture_error(error, "archive") from error
        except MediaError as error:
            raise media_error(error, "archive", "archive") from error
        design = await parts.store.import_design(call_of(request), content.title, nodes)
        return pb.ImportDesignResponse(design=parts.design_message(design))

    async def _nodes(self, tenant: str, design: str) -> Sequence[Node]:
        """Return all nodes of a design outside the bin."""
        nodes: list[Node] = []
        token = ""
        while True:
            page = await self._parts.store.list_nodes(tenant, design, _PAGE, token, deleted=False)
            nodes += page.items
            token = page.next_token
            if not token:
                return nodes
