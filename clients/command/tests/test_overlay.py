"""A mask shown over its picture."""

import io

from langdesign_command.overlay import overlay
from PIL import Image


def test_an_overlay_tints_the_inside_alone():
    picture, mask = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (8, 8), (0, 0, 0)).save(picture, "PNG")
    inside = Image.new("L", (8, 8), 0)
    inside.paste(255, (2, 2, 6, 6))
    inside.save(mask, "PNG")

    shown = Image.open(io.BytesIO(overlay(picture.getvalue(), mask.getvalue())))

    assert shown.getpixel((0, 0)) == (0, 0, 0)
    assert shown.getpixel((3, 3)) != (0, 0, 0)
