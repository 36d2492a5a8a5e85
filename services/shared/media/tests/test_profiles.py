import io
import random
import struct

import numpy as np
import pytest
from langdesign_edits import ImageFormat
from langdesign_media import InvalidImage, encode
from langdesign_media.png import write_png
from langdesign_media.testing import display_p3
from PIL import Image, ImageCms

P3 = display_p3()


def _pillow(pixels: np.ndarray, source, target) -> np.ndarray:
    """Little CMS in this process, as the reference."""
    intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    transform = ImageCms.buildTransform(source, target, "RGB", "RGB", intent, flags)
    return np.asarray(ImageCms.applyTransform(Image.fromarray(pixels), transform))


@pytest.mark.parametrize("image_format", list(ImageFormat))
async def test_a_profile_comes_back_byte_for_byte_and_its_colours_untouched(
    guard, encoded, room, image_format
):
    data = encoded(room, image_format.upper(), icc_profile=P3)
    picture = await guard.decode(data)
    assert picture.profile == P3
    np.testing.assert_array_equal(picture.pixels, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))

    again = encode(picture.pixels, image_format, picture.profile)
    assert Image.open(io.BytesIO(again)).info["icc_profile"] == P3
    assert (await guard.decode(again)).profile == P3


async def test_a_picture_without_a_profile_is_written_without_one(guard, encoded, room):
    picture = await guard.decode(encoded(room))
    assert picture.profile == b""
    for image_format in ImageFormat:
        again = Image.open(io.BytesIO(encode(picture.pixels, image_format, picture.profile)))
        assert "icc_profile" not in again.info


async def test_no_orientation_is_written_beside_pixels_that_were_turned(guard, encoded, room):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = await guard.decode(encoded(room, "JPEG", exif=exif, icc_profile=P3))
    assert (picture.width, picture.height) == (48, 64)
    for image_format in ImageFormat:
        again = Image.open(io.BytesIO(encode(picture.pixels, image_format, picture.profile)))
        assert again.size == (48, 64)
        assert again.getexif().get(0x0112) is None


async def test_colours_go_to_srgb_and_back_as_little_cms_converts_them(guard, room):
    profile, srgb = ImageCms.ImageCmsProfile(io.BytesIO(P3)), ImageCms.createProfile("sRGB")
    pixels = np.asarray(room)
    seen = await guard.to_srgb(pixels, P3)
    np.testing.assert_array_equal(seen, _pillow(pixels, profile, srgb))
    assert np.abs(seen.astype(int) - pixels).max() > 10  # the two spaces differ
    np.testing.assert_array_equal(await guard.from_srgb(seen, P3), _pillow(seen, srgb, profile))


@pytest.mark.parametrize(
    "broken",
    [b"no profile", bytes(500), P3[:300], P3[:36] + b"xxxx" + P3[40:], P3[:128] + b"\xff" * (len(P3) - 128)],
    ids=["text", "zeros", "truncated", "signature", "tags"],
)
async def test_a_malformed_profile_is_dropped_and_never_used(guard, encoded, room, broken):
    for image_format in ("PNG", "JPEG", "WEBP"):
        picture = await guard.decode(encoded(room, image_format, icc_profile=broken))
        assert picture.profile == b""
        assert picture.pixels.shape == (48, 64, 3)
    with pytest.raises(InvalidImage, match="damaged"):
        await guard.to_srgb(np.asarray(room), broken)
    assert (await guard.decode(encoded(room, icc_profile=P3))).profile == P3


async def test_an_absurdly_large_profile_is_dropped(guard, encoded, room):
    most = display_p3(padding=4 * 1024 * 1024 - len(P3) - 64)
    assert (await guard.decode(encoded(room, "JPEG", icc_profile=most))).profile == most
    more = display_p3(padding=4 * 1024 * 1024)
    for image_format in ("PNG", "JPEG", "WEBP"):
        assert (await guard.decode(encoded(room, image_format, icc_profile=more))).profile == b""


async def test_a_profile_that_unpacks_to_more_than_16_mib_refuses_the_picture(guard, encoded):
    bomb = write_png(np.zeros((8, 8, 3), np.uint8), bytes(200_000_000))
    with pytest.raises(InvalidImage, match="damaged"):
        await guard.decode(bomb)


async def test_grey_is_converted_by_its_own_profile_which_ends_with_it(guard, encoded):
    gamma = _grey_profile(1.0)  # linear light, far from sRGB's curve
    image = Image.new("L", (4, 4), 55)
    picture = await guard.decode(encoded(image, icc_profile=gamma))
    assert picture.profile == b""
    # 55/255 of the light is 128 in sRGB's curve, within rounding.
    np.testing.assert_allclose(picture.pixels, 128, atol=1)
    assert (await guard.decode(encoded(image))).pixels.max() == 55


@pytest.mark.parametrize("mode", ["L", "CMYK"])
async def test_a_profile_of_other_colours_than_the_pictures_is_dropped(guard, encoded, room, mode):
    image = room.convert(mode)
    plain = await guard.decode(encoded(image, "JPEG"))
    picture = await guard.decode(encoded(image, "JPEG", icc_profile=P3))
    assert picture.profile == b""
    np.testing.assert_array_equal(picture.pixels, plain.pixels)


async def test_a_picture_with_alpha_keeps_profile_and_alpha(guard, encoded, room):
    image = room.convert("RGBA")
    image.putalpha(77)
    picture = await guard.decode(encoded(image, icc_profile=P3))
    assert picture.profile == P3
    assert (picture.pixels[..., 3] == 77).all()


def _grey_profile(gamma: float) -> bytes:
    """Return a grey profile of one curve, made from the RGB one by its header and a tag."""
    curve = b"curv" + bytes(4) + struct.pack("!IH", 1, round(gamma * 256)) + bytes(2)
    white = P3[P3.index(b"XYZ " + bytes(4)) :][:20]
    tags, start = ((b"kTRC", curve), (b"wtpt", white)), 128 + 4 + 2 * 12
    table, body = struct.pack("!I", 2), b""
    for name, data in tags:
        table += name + struct.pack("!II", start + len(body), len(data))
        body += data
    header = struct.pack("!I", start + len(body)) + P3[4:16] + b"GRAY" + P3[20:128]
    return header + table + body


async def test_no_damaged_profile_costs_a_decoder(guard, encoded, room, decoders):
    [process] = decoders()
    dice = random.Random(0)
    for _ in range(300):
        damaged = bytearray(P3)
        for _ in range(dice.choice([1, 4, 40])):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        picture = await guard.decode(encoded(room, icc_profile=bytes(damaged)))
        assert picture.profile in {b"", bytes(damaged)}
        if picture.profile:
            assert (await guard.to_srgb(picture.pixels, picture.profile)).shape == picture.pixels.shape
    assert decoders() == [process]
