"""One sample: two pictures, the triple that they show, and all that is known of how they came about."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TypeVar

import numpy as np
from langdesign_triples import Triple
from numpy.typing import NDArray
from PIL import Image

from ..errors import SampleError

KEPT = "kept"  # the verdict of a sample that passed every gate
_KEY = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")  # of scores, parameters and roles: they become columns of an index

Pixels = NDArray[np.uint8]
Region = NDArray[np.bool_]
_Value = TypeVar("_Value")
_DAMAGED = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises


@dataclass(frozen=True, eq=False)
class Sample:
    """A pair of pictures with its provenance.

    Raises:
        SampleError: a field is not what its comment says; pictures are looked at when they are decoded
            or written.

    """

    key: str  # 32 hex digits; `sample_key` makes it
    triple: Triple  # the captions and the instruction
    before: bytes  # PNG or lossless WebP, as made
    after: bytes  # likewise, of the same size
    mask: bytes | None  # 1-bit PNG: where a change may lie; None where that is unknown
    source: str  # "prompt-to-prompt", "rendered", "no-op", "inverted" or "imported"
    seed: int  # 0..2**63-1; the pictures' own
    models: Mapping[str, str] = field(
        default_factory=dict
    )  # role -> "name@sha256:..." of what made or judged it
    parameters: Mapping[str, float] = field(default_factory=dict)  # such as share, guidance and steps
    scores: Mapping[str, float] = field(default_factory=dict)  # by gate; finite
    verdict: str = KEPT  # or the name of the gate that dropped it
    reason: str = ""  # why it was dropped, a sentence
    licence: str = "unknown"  # SPDX identifier, or what is known

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise SampleError(f"{self.key!r} is no key of 32 hex digits; make it with sample_key")
        if not 0 <= self.seed < 2**63:
            raise SampleError(f"Seed {self.seed} of sample {self.key} is outside 0..2**63-1; draw another")
        if bool(self.reason) == self.kept or not self.verdict:
            raise SampleError(
                f"Sample {self.key} has verdict {self.verdict!r} and reason {self.reason!r}; "
                f"a dropped one needs its gate and a reason, a kept one is {KEPT!r} without a reason"
            )
        object.__setattr__(self, "models", _named(self.models, self.key))
        for name in ("parameters", "scores"):
            numbers = {one: float(value) for one, value in _named(getattr(self, name), self.key).items()}
            unreal = [one for one, value in numbers.items() if not math.isfinite(value)]
            if unreal:
                raise SampleError(f"{name} of sample {self.key} are not finite: {unreal}; leave them out")
            object.__setattr__(self, name, numbers)

    @property
    def kept(self) -> bool:
        """Whether every gate let it pass."""
        return self.verdict == KEPT

    def pictures(self) -> tuple[Pixels, Pixels]:
        """Return the pictures before and after, RGB uint8 [H, W, 3].

        Raises:
            SampleError: one is damaged.

        """
        return decode_picture(self.before, self.key), decode_picture(self.after, self.key)

    def region(self) -> Region | None:
        """Return where a change may lie, bool [H, W]; None where that is unknown.

        Raises:
            SampleError: the mask is damaged.

        """
        if self.mask is None:
            return None
        return np.asarray(_opened(self.mask, self.key).convert("1"))


def _named(values: Mapping[str, _Value], key: str) -> dict[str, _Value]:
    wrong = [name for name in values if not _NAME.fullmatch(name)]
    if wrong:
        raise SampleError(f"Sample {key} names {wrong}; names are lower-case letters, digits and underscores")
    return dict(sorted(values.items()))


def sample_key(triple: Triple, source: str, seed: int) -> str:
    """Return the key of a sample, 32 hex digits: the same in every build."""
    told = json.dumps([asdict(triple), source, seed], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def encode_picture(pixels: Pixels) -> bytes:
    """Return RGB uint8 [H, W, 3] as PNG."""
    return _png(Image.fromarray(pixels))


def encode_mask(region: Region) -> bytes:
    """Return bool [H, W] as 1-bit PNG."""
    return _png(Image.fromarray(region).convert("1"))


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def decode_picture(data: bytes, key: str) -> Pixels:
    """Return a picture, RGB uint8 [H, W, 3].

    Raises:
        SampleError: the bytes are no picture; the message names the sample.

    """
    return np.asarray(_opened(data, key).convert("RGB"))


def _opened(data: bytes, key: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
        return image
    except _DAMAGED as error:
        raise SampleError(f"A picture of sample {key} is damaged ({error}); make the sample again") from error


def picture_format(sample: Sample) -> str:
    """Return how the pictures are encoded, "png" or "webp", having read their heads alone.

    Raises:
        SampleError: they are lossy, not encoded alike, or picture and mask differ in size.

    """
    heads = [_head(data, sample.key) for data in (sample.before, sample.after)]
    if heads[0] != heads[1]:
        raise SampleError(
            f"The pictures of sample {sample.key} differ in size or encoding; encode both alike"
        )
    if sample.mask is not None and _head(sample.mask, sample.key) != ("png", heads[0][1]):
        raise SampleError(
            f"The mask of sample {sample.key} is no PNG of its pictures' size; encode_mask makes it"
        )
    return heads[0][0]


def picture_size(sample: Sample) -> tuple[int, int]:
    """Return width and height in pixels."""
    return _head(sample.before, sample.key)[1]


def _head(data: bytes, key: str) -> tuple[str, tuple[int, int]]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            kind = str(image.format).lower()
            size = image.size
    except _DAMAGED as error:
        raise SampleError(f"A picture of sample {key} is damaged ({error}); make the sample again") from error
    if kind != "png" and not (kind == "webp" and data[12:16] == b"VP8L"):
        raise SampleError(
            f"A picture of sample {key} is {kind}, which may be lossy; use PNG or lossless WebP"
        )
    return kind, size
