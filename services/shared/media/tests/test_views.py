"""What a network is shown of a picture: reduced, in sRGB."""

import io

import numpy as np
import pytest
from langdesign_media import InvalidImage
from langdesign_media.testing import display_p3
from PIL import Image


@pytest.fixture(scope="module")
def large():
    y, x = np.mgrid[0:600, 0:800]
    return Image.fromarray(np.stack([x // 4, y // 3, (x + y) // 8], axis=-1).astype(np.uint8))


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "WEBP"])
async def test_a_view_is_reduced_and_keeps_the_sides_that_are_asked(guard, encoded, large, image_format):
    options = {} if image_format == "PNG" else {"quality": 95}
    data = encoded(large, image_format, **options)
    view = await guard.view(data, least=100)
    assert (view.width, view.height) == (800, 600)
    height, width = view.pixels.shape[:2]
    assert 100 <= min(height, width) < 200
    small = np.asarray(
        Image.open(io.BytesIO(data)).convert("RGB").resize((width, height), Image.Resampling.BOX)
    )
    assert np.abs(view.pixels.astype(int) - small).mean() < 1.5


async def test_a_view_of_a_small_picture_is_the_picture(guard, encoded, room):
    view = await guard.view(encoded(room), least=48)
    np.testing.assert_array_equal(view.pixels, np.asarray(room))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
async def test_a_view_is_upright_and_tells_the_size_as_displayed(guard, encoded, large, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(large, "JPEG", quality=95, exif=exif)
    view, picture = await guard.view(data, least=100), await guard.decode(data)
    assert (view.width, view.height) == (picture.width, picture.height)
    size = view.pixels.shape[1::-1]
    small = np.asarray(Image.fromarray(picture.pixels).resize(size, Image.Resampling.BOX))
    assert np.abs(view.pixels.astype(int) - small).mean() < 1.5


async def test_a_view_is_in_srgb_without_alpha(guard, encoded, room):
    image = room.convert("RGBA")
    image.putalpha(9)
    view = await guard.view(encoded(image, icc_profile=display_p3()), least=48)
    np.testing.assert_array_equal(view.pixels, await guard.to_srgb(np.asarray(room), display_p3()))


async def test_a_damaged_picture_has_no_view(guard, encoded, large):
    data = encoded(large, "JPEG")
    with pytest.raises(InvalidImage, match="damaged"):
        await guard.view(data[: len(data) // 2], least=100)
