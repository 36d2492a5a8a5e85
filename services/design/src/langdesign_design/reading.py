"""Reads pictures from what the blob store has: a root, a keyframe, and the patches after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from functools import reduce

from langdesign_media import BlobCorrupt, BlobNotFound, BlobStore, ImageGuard

from .areas import Area
from .caching import ComposedPicture, PictureCache
from .errors import PatchError
from .keyframes import Keyframe
from .nodes import Result
from .patches import Patch
from .paths import Key, keys

_AT_ONCE = 8  # patches that are in memory together
_log = logging.getLogger(__name__)


class PictureReader:
    """Composes pictures along paths of results, the root's first.

    Args:
        blobs: Where roots, patches and keyframes are.
        guard: Decodes roots.
        cache: Keeps composed pictures.

    """

    def __init__(self, blobs: BlobStore, guard: ImageGuard, cache: PictureCache[Key]) -> None:
        self._blobs = blobs
        self._guard = guard
        self._cache = cache

    @property
    def cached_bytes(self) -> int:
        """Bytes of memory that kept pictures take."""
        return self._cache.nbytes

    async def picture(self, tenant: str, steps: Sequence[Result]) -> ComposedPicture:
        """Return the picture of a path's last node.

        A keyframe that is gone or damaged costs time alone: what comes before it is composed instead.

        Raises:
            BlobError: A blob of the root or of a patch cannot be had.
            PatchError: A patch is damaged.
            DecoderUnavailable: No decoder process could be had.

        """
        names = keys(tenant, steps)
        for start in range(len(steps) - 1, -1, -1):
            kept = self._cache.get(names[start])
            if kept is not None or not start:
                return await self._onward(tenant, kept, steps, start)
            if steps[start].keyframe:
                try:
                    return await self._onward(tenant, None, steps, start)
                except (BlobNotFound, BlobCorrupt, PatchError) as error:
                    _log.warning("a picture is composed without its keyframe", exc_info=error)
        raise AssertionError  # a path has a root

    async def root(self, tenant: str, root: Result) -> ComposedPicture:
        """Return a root's picture. Raises as `picture`."""
        (name,) = keys(tenant, [root])
        found = self._cache.get(name)
        if found is None:
            picture = await self._guard.decode(await self._blobs.get(tenant, root.picture))
            found = ComposedPicture(picture.pixels, picture.profile, Area.none((root.height, root.width)))
            self._cache.put(name, found)
        return found

    async def touched(self, tenant: str, steps: Sequence[Result]) -> Area:
        """Return what the edits of one or more nodes were to change. Raises as `picture`."""
        found = []
        for step in steps:
            data = await self._blobs.get(tenant, step.patch)
            found.append((await asyncio.to_thread(Patch.decode, data)).touched)
        return await asyncio.to_thread(reduce, Area.union, found)

    def keep(self, tenant: str, steps: Sequence[Result], picture: ComposedPicture) -> None:
        """Keep the picture of a path's last node, which is likely to be asked for next."""
        picture.pixels.setflags(write=False)
        self._cache.put(keys(tenant, steps)[-1], picture)

    async def _onward(
        self, tenant: str, kept: ComposedPicture | None, steps: Sequence[Result], start: int
    ) -> ComposedPicture:
        """Compose from a kept picture of the node at `start`, from its keyframe, or from the root."""
        addresses = [step.patch for step in steps[start + 1 :]]
        composed, data = await asyncio.gather(
            self._start(tenant, kept, steps[0], steps[start].keyframe),
            self._fetched(tenant, addresses[:_AT_ONCE]),
        )
        for first in range(0, len(addresses), _AT_ONCE):
            if first:
                data = await self._fetched(tenant, addresses[first : first + _AT_ONCE])
            composed = await asyncio.to_thread(_applied, composed, map(Patch.decode, data))
        self.keep(tenant, steps, composed)
        return composed

    async def _start(
        self, tenant: str, kept: ComposedPicture | None, root: Result, keyframe: str
    ) -> ComposedPicture:
        if kept is not None:
            return kept
        if not keyframe:
            return await self.root(tenant, root)
        data = await self._blobs.get(tenant, keyframe)
        if not Keyframe.needs_root(data):
            return (await asyncio.to_thread(Keyframe.decode, data)).picture
        found, opened = await asyncio.gather(  # in two processes
            self.root(tenant, root), asyncio.to_thread(Keyframe.decode, data)
        )
        return await asyncio.to_thread(_applied, found, [opened.patch])

    async def _fetched(self, tenant: str, addresses: Sequence[str]) -> Sequence[bytes]:
        return await asyncio.gather(*(self._blobs.get(tenant, address) for address in addresses))


def _applied(start: ComposedPicture, patches: Iterable[Patch]) -> ComposedPicture:
    # What can be written to was made a moment ago, and nobody else has it.
    pixels = start.pixels if start.pixels.flags.writeable else start.pixels.copy()
    touched = start.touched
    for patch in patches:
        patch.apply(pixels)
        touched = touched.union(patch.touched)
    return ComposedPicture(pixels, start.profile, touched)
