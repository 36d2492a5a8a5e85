"""Whether a picture at the end of a path of edits still is the first one where no edit was to act."""

import io
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFilter

from langdesign_command.overlay import inside_of


def untouched(first: bytes, last: bytes, masks: Sequence[bytes], feather: int) -> tuple[int, int]:
    """Return how many pixels lie outside all masks and their feathers, and how many of those differ.

    Args:
        first: encoded picture before the first edit.
        last: encoded picture after the last, of the same size.
        masks: of the edits between them, PNG, 128 and above inside, of the same size.
        feather: pixels over which each edit may fade out around its mask.

    """
    before, after = (Image.open(io.BytesIO(data)).convert("RGB") for data in (first, last))
    touched = Image.new("L", before.size, 0)
    for mask in masks:
        touched = ImageChops.lighter(touched, inside_of(mask).filter(ImageFilter.MaxFilter(2 * feather + 1)))
    outside = ImageChops.invert(touched)
    bands = ImageChops.difference(before, after).split()
    differs = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2]).point(
        lambda value: 255 if value else 0
    )
    return outside.histogram()[255], ImageChops.multiply(outside, differs).histogram()[255]
