"""Composed pictures that are kept in memory for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from langdesign_edits import Pixels

from .areas import Area

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, eq=False)
class ComposedPicture:
    """A node's picture.

    Attributes:
        pixels: uint8 ``[H, W, 3 or 4]``, read-only.
        profile: The ICC profile of the root, which its colours are in; empty for sRGB.
        touched: What the edits from the root to the node were to change.

    """

    pixels: Pixels
    profile: bytes
    touched: Area

    @property
    def nbytes(self) -> int:
        """Bytes of memory that it takes."""
        return self.pixels.nbytes + len(self.profile) + self.touched.nbytes


class PictureCache(Generic[K]):
    """Keeps the pictures that were used last, up to so many bytes.

    Args:
        most_bytes: What they take together, at most; a larger picture is not kept.

    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._pictures: OrderedDict[K, ComposedPicture] = OrderedDict()

    @property
    def nbytes(self) -> int:
        """Bytes that the kept pictures take together."""
        return self._bytes

    def get(self, key: K) -> ComposedPicture | None:
        """Return a picture that is kept, as the one that was used last."""
        found = self._pictures.get(key)
        if found is not None:
            self._pictures.move_to_end(key)
        return found

    def put(self, key: K, picture: ComposedPicture) -> None:
        """Keep a picture, and let go of those whose last use is the longest ago."""
        self.drop(key)
        if picture.nbytes > self._most_bytes:
            return
        self._pictures[key] = picture
        self._bytes += picture.nbytes
        while self._bytes > self._most_bytes:
            _, oldest = self._pictures.popitem(last=False)
            self._bytes -= oldest.nbytes

    def drop(self, key: K) -> None:
        """Let go of a picture, if it is kept."""
        if (found := self._pictures.pop(key, None)) is not None:
            self._bytes -= found.nbytes
