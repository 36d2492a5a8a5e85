"""Composes the pictures of nodes, and keeps what edits changed.

A node's picture is the root's with the patches of its path applied. So that a deep node costs about what a
shallow one does, every fourth node of a path also has a keyframe: what the whole path changed of the root,
or the whole picture where that is more than half of it. A picture is then the root or a keyframe of all, or
the root and a keyframe, and at most three patches. In the worst case, where the edits changed most of the
picture, keyframes take a quarter of what storing every node's picture would.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from langdesign_edits import ImageFormat, Picture, Pixels
from langdesign_media import BlobStore, ImageGuard, ProvenancePolicy, encode

from .areas import Area
from .caching import ComposedPicture, PictureCache
from .comparing import Difference, compare
from .errors import EditMismatch
from .keyframes import Keyframe
from .merging import Branch, merge
from .nodes import Node, Result
from .patches import Patch
from .paths import fork, results
from .provenance import packet_of
from .reading import PictureReader
from .thumbnails import THUMBNAIL_SIDE, reduced, thumbnail
from .touching import path_report, touched_area

__all__ = ["ComposedPicture", "Composer", "ComposingLimits", "EncodedPicture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposingLimits:
    """What composing may take."""

    keyframe_every: int = 4  # nodes from one keyframe of a path to the next
    cache_bytes: int = 256 * 1024 * 1024  # composed pictures in memory; 0 keeps none
    parallel: int = 4  # pictures that are worked on at once; one of 48 megapixels takes about 0.6 GB


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A node's picture as a file.

    Attributes:
        data: The encoded bytes, with the root's colour profile, and what the policy says of their origin.
        format: Their format.
        width: Pixels.
        height: Pixels.

    """

    data: bytes
    format: ImageFormat
    width: int
    height: int


class Composer:
    """Composes the pictures of nodes from what the blob store has.

    Paths are nodes from the root to a node, both included, as `DesignStore.path` returns them. Every method
    may raise `BlobError` where a blob cannot be had, `PathError` for what is no path, `PatchError` where a
    patch is damaged, and `DecoderUnavailable`. Work on pixels is done in threads.

    Args:
        blobs: Where pictures, patches and thumbnails are kept.
        guard: Decodes pictures.
        limits: What composing may take.
        policy: What the files of pictures say about how they came about.

    """

    def __init__(
        self,
        blobs: BlobStore,
        guard: ImageGuard,
        limits: ComposingLimits | None = None,
        policy: ProvenancePolicy | None = None,
    ) -> None:
        self._blobs = blobs
        self._guard = guard
        self._limits = limits or ComposingLimits()
        self._policy = policy or ProvenancePolicy()
        self._reader = PictureReader(blobs, guard, PictureCache(self._limits.cache_bytes))
        self._places = asyncio.Semaphore(self._limits.parallel)

    @property
    def blobs(self) -> BlobStore:
        """Where pictures, patches and thumbnails are kept."""
        return self._blobs

    @property
    def cached_bytes(self) -> int:
        """Bytes of memory that kept pictures take."""
        return self._reader.cached_bytes

    async def root(self, tenant: str, data: bytes) -> Result:
        """Store a picture as a root: PNG, JPEG or WebP, turned as its EXIF says, its colour profile kept.

        Raises:
            InvalidImage: It is refused; the message says why and what helps.

        """
        async with self._places:
            picture = await self._guard.decode(data)
            return Result(
                width=picture.width,
                height=picture.height,
                pixels=await asyncio.to_thread(pixel_digest, picture.pixels),
                picture=await self._blobs.put(tenant, data),
                thumbnail=await self._thumbnail(tenant, picture.pixels, picture.profile),
            )

    async def picture(self, tenant: str, path: Sequence[Node]) -> ComposedPicture:
        """Return the picture of a path's last node."""
        async with self._places:
            return await self._reader.picture(tenant, results(path))

    async def encoded(
        self, tenant: str, path: Sequence[Node], *, max_side: int = 0, image_format: ImageFormat | None = None
    ) -> EncodedPicture:
        """Return the picture of a path's last node as a file.

        Args:
            tenant: Whose it is.
            path: From the root to the node.
            max_side: Pixels of its longer side at most; 0 for as many as it has. It is never made larger.
            image_format: None for PNG at full size, JPEG below.

        """
        composed = await self.picture(tenant, path)
        smaller = 0 < max_side < max(composed.pixels.shape[:2])
        chosen = image_format or (ImageFormat.JPEG if smaller else ImageFormat.PNG)
        about = packet_of(path, self._policy)
        return await asyncio.to_thread(_encoded, composed, max_side if smaller else 0, chosen, about)

    async def thumbnail(self, tenant: str, result: Result) -> Pixels:
        """Return a node's thumbnail, ``[h, w, 3]`` sRGB."""
        return (await self._guard.decode(await self._blobs.get(tenant, result.thumbnail))).pixels

    async def add(
        self, tenant: str, path: Sequence[Node], edited: bytes, mask: bytes | None, *, inside: int
    ) -> Result:
        """Store what an edit changed of its parent.

        Args:
            tenant: Whose it is.
            path: From the root to the parent, which was edited.
            edited: The edit's result, encoded: of the parent's size and colour profile.
            mask: The mask that was used, PNG of the parent's size; None where the whole picture was edited,
                or nothing was.
            inside: `PreservationReport.inside.pixels` of the edit, which tells how far it faded out around
                the mask; 0 for a no-op.

        Raises:
            EditMismatch: The result has another size or colour profile than the parent.
            InvalidImage: The result cannot be decoded.
            InvalidMask: The mask cannot be, or has another size.

        """
        async with self._places:
            steps = results(path)
            parent = await self._reader.picture(tenant, steps)
            child = await asyncio.to_thread(_fitting, await self._guard.decode(edited), parent)
            touched = await self._touched(mask, inside, (child.shape[0], child.shape[1]))
            patch = await asyncio.to_thread(Patch.between, parent.pixels, child, touched)
            return await self._keep(tenant, steps, parent, child, patch)

    async def add_patch(self, tenant: str, path: Sequence[Node], patch: Patch) -> Result:
        """Store a patch of a path's last node as what an edit changed; otherwise as `add`."""
        async with self._places:
            steps = results(path)
            parent = await self._reader.picture(tenant, steps)
            child = await asyncio.to_thread(patch.applied_to, parent.pixels)
            return await self._keep(tenant, steps, parent, child, patch)

    async def merge(self, tenant: str, base: Sequence[Node], other: Sequence[Node]) -> Result:
        """Store a child of the first path's node that has the changes of both since their common ancestor.

        Raises:
            MergeConflict: Pixels were changed, or were to be changed, on both sides.
            MergeError: The paths are of two designs, or one leads to the other.

        """
        async with self._places:
            shared, steps, others = fork(base, other), results(base), results(other)
            ancestor = await self._reader.picture(tenant, steps[:shared])
            parent = await self._reader.picture(tenant, steps)
            added = await self._reader.picture(tenant, others)
            ours = Branch(parent.pixels, await self._reader.touched(tenant, steps[shared:]))
            theirs = Branch(added.pixels, await self._reader.touched(tenant, others[shared:]))
            patch = await asyncio.to_thread(merge, ancestor.pixels, ours, theirs)
            child = await asyncio.to_thread(patch.applied_to, parent.pixels)
            return await self._keep(tenant, steps, parent, child, patch)

    async def compare(self, tenant: str, base: Sequence[Node], other: Sequence[Node]) -> Difference:
        """Return how the pictures of two paths' last nodes differ.

        Raises:
            PatchError: They differ in size or channels, since they are of two designs.

        """
        async with self._places:
            one = await self._reader.picture(tenant, results(base))
            two = await self._reader.picture(tenant, results(other))
            return await asyncio.to_thread(compare, one.pixels, two.pixels)

    async def _touched(self, mask: bytes | None, inside: int, size: tuple[int, int]) -> Area:
        if mask is None:
            return touched_area(None, inside, size)
        where = await self._guard.decode_mask(mask, width=size[1], height=size[0])
        return await asyncio.to_thread(touched_area, where, inside, size)

    async def _keep(
        self, tenant: str, steps: Sequence[Result], parent: ComposedPicture, child: Pixels, patch: Patch
    ) -> Result:
        """Store a patch of a path's last picture, and what is derived from it."""
        root = await self._reader.root(tenant, steps[0])
        touched = await asyncio.to_thread(parent.touched.union, patch.touched)
        picture = ComposedPicture(child, root.profile, touched)
        report = await asyncio.to_thread(path_report, root.pixels, child, touched)
        keyframe = ""
        if _nodes_since_keyframe(steps) + 1 >= self._limits.keyframe_every:
            data = await asyncio.to_thread(_keyframe, root, picture)
            keyframe = await self._blobs.put(tenant, data)
        result = Result(
            width=child.shape[1],
            height=child.shape[0],
            pixels=await asyncio.to_thread(pixel_digest, child),
            patch=await self._blobs.put(tenant, await asyncio.to_thread(patch.encode)),
            keyframe=keyframe,
            thumbnail=await self._thumbnail(tenant, child, root.profile),
            report=report.SerializeToString(deterministic=True),
        )
        self._reader.keep(tenant, [*steps, result], picture)
        return result

    async def _thumbnail(self, tenant: str, pixels: Pixels, profile: bytes) -> str:
        small = await asyncio.to_thread(reduced, pixels, THUMBNAIL_SIDE)
        return await self._blobs.put(tenant, await thumbnail(small, profile, self._guard))


def pixel_digest(pixels: Pixels) -> str:
    """Return ``sha256:`` and the digest of a picture's pixels, uint8 ``[H, W, 3 or 4]``, row by row."""
    return f"sha256:{hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()}"


def _nodes_since_keyframe(steps: Sequence[Result]) -> int:
    """Return how many nodes a path has after its last keyframe, or after its root."""
    last = max((index for index, step in enumerate(steps) if step.keyframe), default=0)
    return len(steps) - 1 - last


def _keyframe(root: ComposedPicture, picture: ComposedPicture) -> bytes:
    return Keyframe.of(root.pixels, picture).encode()


def _fitting(edited: Picture, parent: ComposedPicture) -> Pixels:
    """Return an edit's result with the parent's channels: formats leave out an alpha that is opaque."""
    height, width, channels = parent.pixels.shape
    if (edited.height, edited.width) != (height, width):
        raise EditMismatch(
            f"the result has {edited.width}x{edited.height} pixels, and the picture {width}x{height}",
            hint="use an editor that keeps the size",
        )
    if edited.profile != parent.profile:
        raise EditMismatch(
            "the result is in another colour profile than the picture",
            hint="use an editor that keeps the profile",
        )
    pixels, alpha = edited.pixels[..., :3], edited.pixels[..., 3:]
    if channels == 4:
        opaque = np.full((height, width, 1), 255, np.uint8)
        return np.concatenate([pixels, alpha if alpha.size else opaque], axis=2)
    if not (alpha == 255).all():
        raise EditMismatch(
            "the result is transparent, and the picture is not", hint="use an editor that keeps alpha"
        )
    return np.ascontiguousarray(pixels)


def _encoded(
    composed: ComposedPicture, max_side: int, image_format: ImageFormat, xmp: bytes
) -> EncodedPicture:
    pixels = reduced(composed.pixels, max_side) if max_side else composed.pixels
    data = encode(pixels, image_format, composed.profile, xmp=xmp)
    return EncodedPicture(data, image_format, pixels.shape[1], pixels.shape[0])
