"""Pictures on their way to the editing service."""

from __future__ import annotations

from collections.abc import Sequence

from langdesign.media.v1 import media_pb2
from langdesign_chassis import errors
from langdesign_edits import ImageFormat
from langdesign_media import BlobStore

from .composing import Composer
from .nodes import Node

MAX_DATA = 160 * 1024 * 1024
"""Largest picture that the contract carries as bytes."""


class Inputs:
    """Makes messages of nodes' pictures.

    A root goes as it was given, by reference where both services share a store; what is composed goes as PNG:
    its bytes, or a reference where it is too large for them, so that few copies stay behind in the store.

    Args:
        composer: Composes pictures.
        blobs: Where pictures are kept.
        shared: Whether the editing service reads the same store.

    """

    def __init__(self, composer: Composer, blobs: BlobStore, *, shared: bool) -> None:
        self._composer, self._blobs, self._shared = composer, blobs, shared

    async def image(self, tenant: str, path: Sequence[Node]) -> media_pb2.Image:
        """Return the picture of a path's last node, as a request of the editing service holds it.

        Raises:
            MediaError: a blob of it cannot be had.
            errors.FailedPrecondition: it is too large for a service that shares no store.

        """
        *_, node = path
        if node.depth == 0 and node.result is not None:
            return await self._root(tenant, node.result.picture)
        composed = await self._composer.encoded(tenant, path, image_format=ImageFormat.PNG)
        return await self.encoded(tenant, composed.data)

    async def encoded(self, tenant: str, data: bytes) -> media_pb2.Image:
        """Return an encoded picture, as a request of the editing service holds it. Raises as `image`."""
        if len(data) <= MAX_DATA:
            return media_pb2.Image(data=data)
        if not self._shared:
            raise errors.FailedPrecondition(
                "the picture is larger than a call carries",
                hint="begin with a smaller picture, or have the operator let both services share a store "
                "(EDITING_BLOBS as DESIGN_BLOBS, and DESIGN_SHARED_BLOBS=true)",
            )
        return media_pb2.Image(blob=await self._blobs.put(tenant, data))

    async def _root(self, tenant: str, picture: str) -> media_pb2.Image:
        if self._shared:
            return media_pb2.Image(blob=picture)
        return media_pb2.Image(data=await self._blobs.get(tenant, picture))
