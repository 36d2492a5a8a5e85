"""Converts, calls, converts: pictures of nodes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import grpc
from langdesign.design.v1 import design_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis import current_tenant, errors
from langdesign_media.convert import format_from_message, mask_to_message
from PIL import Image

from .checking import ALL_DESIGNS, design_id, node_ids, pair_of_one_design
from .convert import node_name, statistics_message
from .nodes import Node, NodeState
from .parts import Parts
from .paths import shared_nodes

Context = grpc.aio.ServicerContext[Any, Any]


class PictureMethods:
    """Methods that return or compare pictures."""

    _parts: Parts

    async def GetPicture(  # noqa: N802 - the contract's name
        self, request: pb.GetPictureRequest, context: Context
    ) -> pb.GetPictureResponse:
        """Return a node's picture."""
        design, node = node_ids(request.name)
        path = await self._parts.ready_path(design, node)
        wanted = request.format and format_from_message(request.format)
        picture = await self._parts.stored(
            self._parts.composer.encoded(
                current_tenant(), path, max_side=request.max_side, image_format=wanted or None
            )
        )
        return pb.GetPictureResponse(
            image=media_pb2.Image(data=picture.data), width=picture.width, height=picture.height
        )

    async def BatchGetThumbnails(  # noqa: N802 - the contract's name
        self, request: pb.BatchGetThumbnailsRequest, context: Context
    ) -> pb.BatchGetThumbnailsResponse:
        """Return small pictures of nodes that are ready."""
        found = await self._named(request)
        ready = [node for node in found if node.state is NodeState.READY]
        thumbnails = await asyncio.gather(*(self._thumbnail(node) for node in ready))
        return pb.BatchGetThumbnailsResponse(thumbnails=thumbnails)

    async def CompareNodes(  # noqa: N802 - the contract's name
        self, request: pb.CompareNodesRequest, context: Context
    ) -> pb.CompareNodesResponse:
        """Compare two nodes of a design."""
        parts = self._parts
        design, base, other = pair_of_one_design(request.base, request.other, ("base", "other"))
        base_path = await parts.ready_path(design, base)
        other_path = await parts.ready_path(design, other)
        shared = shared_nodes(base_path, other_path)
        difference = await parts.stored(parts.composer.compare(current_tenant(), base_path, other_path))
        changed = difference.changed
        return pb.CompareNodesResponse(
            ancestor=node_name(design, base_path[shared - 1].id),
            base_path=[node_name(design, node.id) for node in base_path[shared:]],
            other_path=[node_name(design, node.id) for node in other_path[shared:]],
            difference=statistics_message(difference.statistics),
            changed=await mask_to_message(changed.on_picture()) if changed.pixels else None,
        )

    async def _named(self, request: pb.BatchGetThumbnailsRequest) -> Sequence[Node]:
        """Return the nodes that a request names, in its order.

        Raises:
            errors.InvalidArgument: one is of another design than the request is.
            errors.NotFound: there is none of a name.

        """
        names = [node_ids(name, "names") for name in request.names]
        parent = design_id(request.parent, "parent")
        if parent and any(design != parent for design, _ in names):
            raise errors.InvalidArgument(
                "names are of several designs", field="names", hint=f"give {ALL_DESIGNS} as the parent"
            )
        ids = list(dict.fromkeys(node for _, node in names))
        nodes = {
            (node.design, node.id): node
            for node in await self._parts.store.nodes(current_tenant(), parent, ids)
        }
        if missing := [name for name in names if name not in nodes]:
            raise errors.NotFound(
                f"there is no node {node_name(*missing[0])}",
                hint="list the design's nodes, and ask for those",
            )
        return [nodes[name] for name in names]

    async def _thumbnail(self, node: Node) -> pb.Thumbnail:
        blob = node.result.thumbnail if node.result else ""
        data = await self._parts.blob(blob)
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        return pb.Thumbnail(node=node_name(node.design, node.id), jpeg=data, width=width, height=height)
