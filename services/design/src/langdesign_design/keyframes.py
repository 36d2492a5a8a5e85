"""What a whole path of edits changed of the root, so that deep pictures need no long chains of patches.

Where the path changed less than half of the picture, a keyframe is a patch to be applied to the root. Where
it changed more, it is the whole picture with its colour profile, and the root need not be decoded at all:
either way a deep picture costs little more than a root. In bytes (version 1, numbers big-endian):
``LDKEYFR``, the version, whether it is whole, the length of the profile, the profile, and the bytes of a
patch, which have a check.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from langdesign_edits import Pixels

from .areas import Area
from .caching import ComposedPicture
from .errors import PatchError
from .patches import Patch

_MAGIC = b"LDKEYFR"
_VERSION = 1
_HEADER = struct.Struct("!7sB?I")
_WHOLE_FROM = 0.5  # share of the pixels that changed; decoding a root takes about as long as unpacking all


@dataclass(frozen=True, slots=True, eq=False)
class Keyframe:
    """A picture by its difference to the root, or as a whole.

    Attributes:
        whole: Whether it has all pixels.
        profile: Of a whole picture: the ICC profile that its colours are in.
        patch: What is changed of the root; of a whole picture, all.

    """

    whole: bool
    profile: bytes
    patch: Patch

    @classmethod
    def of(cls, root: Pixels, picture: ComposedPicture) -> Keyframe:
        """Return the keyframe of a picture whose path began at a root of the same shape."""
        patch = Patch.between(root, picture.pixels, picture.touched)
        height, width, channels = root.shape
        if patch.changed.pixels <= _WHOLE_FROM * height * width:
            return cls(whole=False, profile=b"", patch=patch)
        values = np.ascontiguousarray(picture.pixels).reshape(-1, channels)
        return cls(
            whole=True,
            profile=picture.profile,
            patch=Patch(channels, Area.whole((height, width)), values, picture.touched),
        )

    @property
    def picture(self) -> ComposedPicture:
        """A whole picture; its pixels may be written to."""
        height, width = self.patch.size
        pixels = self.patch.values.reshape(height, width, self.patch.channels)
        return ComposedPicture(pixels, self.profile, self.patch.touched)

    def encode(self) -> bytes:
        """Return it in bytes."""
        header = _HEADER.pack(_MAGIC, _VERSION, self.whole, len(self.profile))
        return header + self.profile + self.patch.encode()

    @staticmethod
    def needs_root(data: bytes) -> bool:
        """Return whether an encoded keyframe is to be applied to the root.

        Raises:
            PatchError: It is no keyframe, or of a later version.

        """
        return not _read_header(data)[0]

    @classmethod
    def decode(cls, data: bytes) -> Keyframe:
        """Read one.

        Raises:
            PatchError: It is damaged, no keyframe, or of a later version.

        """
        whole, length = _read_header(data)
        start = _HEADER.size + length
        patch = Patch.decode(data[start:])
        if whole and not patch.changed.everything:
            raise PatchError("the keyframe is damaged", hint="remove it: it can be done without")
        return cls(whole=whole, profile=data[_HEADER.size : start], patch=patch)


def _read_header(data: bytes) -> tuple[bool, int]:
    """Return whether a keyframe is whole, and the length of its profile."""
    if len(data) < _HEADER.size or not data.startswith(_MAGIC):
        raise PatchError("these bytes are no keyframe", hint="remove them: a keyframe can be done without")
    _, version, whole, length = _HEADER.unpack_from(data)
    if version != _VERSION:
        raise PatchError(
            f"the keyframe has version {version}, and {_VERSION} is known here", hint="use a newer service"
        )
    return whole, length
