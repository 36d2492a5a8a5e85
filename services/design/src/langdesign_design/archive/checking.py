"""Reads an archive and checks all of it, the pictures too, before anything of it is used."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from langdesign_edits import Picture, Pixels
from langdesign_media import ImageGuard, InvalidMedia, digest

from ..areas import Area
from ..caching import ComposedPicture, PictureCache
from ..composing import pixel_digest
from ..errors import ArchiveError, PatchError
from .document import mask_file, patch_file, root_file
from .limits import ArchiveLimits
from .reading import ImportedDesign, ImportedNode, read_document
from .unzipping import ANEW, ZipFiles


async def read(data: bytes, guard: ImageGuard, limits: ArchiveLimits | None = None) -> ImportedDesign:
    """Return the content of an archive, all of it checked: `adopt` can store it.

    Sizes and ratios, names, versions, digests, the shape of the tree, and that every picture composes to the
    pixels that are stated. Composed pictures and the contact sheet are not read.

    Args:
        data: The archive.
        guard: Decodes the root's picture and the masks.
        limits: What it may ask.

    Raises:
        ArchiveError: It is damaged, foreign, too large, or of a later version; the message says which.
        DecoderUnavailable: No decoder process could be had.

    """
    allowed = limits or ArchiveLimits()
    files = await asyncio.to_thread(ZipFiles, data, allowed)
    design = await asyncio.to_thread(read_document, files, allowed)
    root = await _checked_root(design, guard)
    for node in design.nodes[1:]:
        await _check_files(design, node, guard, (root.shape[0], root.shape[1]))
    check = _Pictures(design, root, allowed)
    for number in _order(design.nodes):
        await asyncio.to_thread(check.node, number)
    return design


async def _checked_root(design: ImportedDesign, guard: ImageGuard) -> Pixels:
    name, data = root_file(design.root.format), await asyncio.to_thread(design.root_picture)
    try:
        picture = await guard.decode(data)
    except InvalidMedia as error:
        raise ArchiveError(f"{name} in the archive {error.message}", hint=ANEW) from None
    if not await asyncio.to_thread(_is_root, design, data, picture):
        raise ArchiveError(f"{name} is not the picture that the archive says", hint=ANEW)
    return picture.pixels


def _is_root(design: ImportedDesign, data: bytes, picture: Picture) -> bool:
    stated = design.root.format, design.root.width, design.root.height
    same = digest(data) == design.root.digest and stated == (picture.format, picture.width, picture.height)
    return same and pixel_digest(picture.pixels) == design.nodes[0].document.pixels


async def _check_files(
    design: ImportedDesign, node: ImportedNode, guard: ImageGuard, size: tuple[int, int]
) -> None:
    if await asyncio.to_thread(lambda: digest(design.patch_bytes(node))) != node.document.patch:
        raise ArchiveError(f"{patch_file(node.number)} in the archive was changed", hint=ANEW)
    if node.document.mask is None:
        return
    data = await asyncio.to_thread(design.mask, node)
    try:
        await guard.decode_mask(data, width=size[1], height=size[0])
    except InvalidMedia as error:
        raise ArchiveError(f"{mask_file(node.number)} in the archive {error.message}", hint=ANEW) from None
    if digest(data) != node.document.mask:
        raise ArchiveError(f"{mask_file(node.number)} in the archive was changed", hint=ANEW)


class _Pictures:
    """Composes the picture of each node once, and holds it against what is stated of it."""

    def __init__(self, design: ImportedDesign, root: Pixels, limits: ArchiveLimits) -> None:
        self._design = design
        self._root = root
        self._cache: PictureCache[int] = PictureCache(limits.memory_bytes)
        self._pixels_left = limits.pixels
        self._most_pixels = limits.pixels
        self._waiting = defaultdict(int, {0: 0})
        for node in design.nodes[1:]:
            self._waiting[_parent(node)] += 1

    def node(self, number: int) -> None:
        """Check a node's picture, after its parent's. Raises ArchiveError."""
        node = self._design.nodes[number]
        pixels = self._applied(self._pixels(_parent(node)), node)
        if pixel_digest(pixels) != node.document.pixels:
            raise ArchiveError(f"the picture of number {number} is not the one stated", hint=ANEW)
        self._waiting[_parent(node)] -= 1
        if not self._waiting[_parent(node)]:
            self._cache.drop(_parent(node))
        if self._waiting[number]:
            self._cache.put(number, ComposedPicture(pixels, b"", Area.none(pixels.shape[:2])))

    def _pixels(self, number: int) -> Pixels:
        """Return a picture that was checked, composed again where it is no longer in memory."""
        above: list[ImportedNode] = []
        while number and (kept := self._cache.get(number)) is None:
            above.append(self._design.nodes[number])
            number = _parent(above[-1])
        pixels = kept.pixels if number and kept else self._root
        for node in reversed(above):
            pixels = self._applied(pixels, node)
        return pixels

    def _applied(self, pixels: Pixels, node: ImportedNode) -> Pixels:
        self._pixels_left -= self._root.shape[0] * self._root.shape[1]
        if self._pixels_left < 0:
            raise ArchiveError(
                f"the design's pictures have more than {self._most_pixels:,} pixels together",
                hint="export a smaller design",
            )
        try:
            return self._design.patch(node).applied_to(pixels)
        except PatchError as error:
            raise ArchiveError(f"{patch_file(node.number)}: {error.message}", hint=ANEW) from None


def _parent(node: ImportedNode) -> int:
    assert node.document.parent is not None  # noqa: S101 - the root alone has none, and is no one's child
    return node.document.parent


def _order(nodes: Sequence[ImportedNode]) -> Sequence[int]:
    """Return the nodes but the root, each after its parent, and the largest of its children last.

    Then a picture waits while a smaller part of the tree is worked on: of n nodes, at most log2 n wait.
    """
    children: defaultdict[int, list[int]] = defaultdict(list)
    below = [1] * len(nodes)
    for node in reversed(nodes[1:]):
        below[_parent(node)] += below[node.number]
        children[_parent(node)].append(node.number)
    order, waiting = [], [0]
    while waiting:
        number = waiting.pop()
        order.append(number)
        waiting += sorted(children[number], key=lambda child: below[child], reverse=True)
    return order[1:]
