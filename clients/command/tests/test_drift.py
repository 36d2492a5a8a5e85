"""Whether pixels that no edit was to touch still are the first picture's."""

import io

from langdesign_command.demo.drift import untouched
from PIL import Image, ImageDraw

SIDE, FEATHER = 32, 2


def encoded(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def mask(box):
    drawn = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(drawn).rectangle(box, fill=255)
    return encoded(drawn)


def room(*dots):
    picture = Image.new("RGB", (SIDE, SIDE), (200, 180, 160))
    for dot in dots:
        picture.putpixel(dot, (200, 180, 161))
    return encoded(picture)


def test_changes_inside_the_masks_and_their_feathers_are_no_drift():
    masks = [mask((4, 4, 7, 7)), mask((20, 20, 23, 23))]

    outside, drifted = untouched(room(), room((2, 2), (9, 9), (20, 21)), masks, FEATHER)

    assert (outside, drifted) == (SIDE**2 - 2 * 8**2, 0)


def test_one_channel_one_level_off_beyond_the_feather_is_drift():
    _, drifted = untouched(room(), room((1, 4), (31, 0)), [mask((4, 4, 7, 7))], FEATHER)

    assert drifted == 2


def test_without_any_edit_all_is_untouched():
    assert untouched(room(), room(), [], FEATHER) == (SIDE**2, 0)
