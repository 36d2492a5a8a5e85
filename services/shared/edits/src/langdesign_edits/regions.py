"""Where an edit may act: masks, boxes, referring expressions."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from langdesign_edits.errors import InvalidRegion

Mask = NDArray[np.bool_]
"""``[H, W]`` bool, True inside."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, pixels of the picture as displayed, origin top left."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class EncodedMask:
    """A mask as a caller sent it, not decoded yet: greyscale PNG, or COCO's compressed run lengths."""

    png: bytes = b""
    counts: str = ""  # run lengths; they count when there is no PNG
    size: tuple[int, int] = (0, 0)  # width and height that the run lengths are of


@dataclass(frozen=True, slots=True)
class Expression:
    """What a referring expression names, such as "the blue chair"; 1..400 characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole picture."""


Region = Mask | EncodedMask | Box | Expression | Whole
"""Where an edit may act, as the caller says it."""


def tight_box(mask: Mask) -> Box | None:
    """Return the smallest box around a mask ``[H, W]``; None when it is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    x, y = int(columns[0]), int(rows[0])
    return Box(x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)


def coverage(mask: Mask) -> float:
    """Return the share of the picture inside a mask ``[H, W]``, 0..1."""
    return float(np.count_nonzero(mask) / mask.size)


def box_mask(box: Box, *, width: int, height: int) -> Mask:
    """Return the ``[height, width]`` mask of a box.

    Raises:
        InvalidRegion: It is empty or does not lie within the picture.

    """
    inside = box.x >= 0 and box.y >= 0 and box.x + box.width <= width and box.y + box.height <= height
    if not inside or box.width < 1 or box.height < 1:
        raise InvalidRegion(
            f"spans x {box.x}..{box.x + box.width}, y {box.y}..{box.y + box.height}, and the picture is "
            f"{width}x{height} as displayed",
            hint="keep it within the picture, at least 1x1",
        )
    mask = np.zeros((height, width), np.bool_)
    mask[box.y : box.y + box.height, box.x : box.x + box.width] = True
    return mask


class Verdict(StrEnum):
    """What a network makes of a referring expression; see `langdesign.segmentation.v1.Verdict`."""

    FOUND = "found"
    NO_TARGET = "no target"
    UNCERTAIN = "uncertain"
    UNKNOWN_WORD = "unknown word"


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """What one expression refers to in a picture.

    Attributes:
        expression: The expression.
        mask: ``[H, W]`` bool at the picture's size; all False when there is no target, or none that is known.
        no_target_probability: Probability that nothing is meant, 0..1.
        score: Mean foreground probability over the mask, 0..1; 0 when it is empty.
        truncated: Whether the expression was longer than the network reads, so that its end did not count.
        verdict: What the network makes of it.
        unknown_words: Words of the expression that the network does not know, in order.

    """

    expression: str
    mask: Mask
    no_target_probability: float
    score: float
    truncated: bool
    verdict: Verdict
    unknown_words: tuple[str, ...] = ()

    @property
    def box(self) -> Box | None:
        """The tight box around the mask; None when it is empty."""
        return tight_box(self.mask)

    @property
    def area(self) -> int:
        """Pixels inside."""
        return int(np.count_nonzero(self.mask))
