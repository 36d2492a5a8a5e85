import asyncio
import io
import os
import random
import re
import signal
import struct
import zlib

import numpy as np
import psutil
import pytest
from langdesign_edits import ImageFormat
from langdesign_media import (
    DecoderUnavailable,
    ImageGuard,
    ImageLimits,
    InvalidImage,
    InvalidMask,
    encode,
    mask_to_png,
)
from PIL import Image

INTERNALS = re.compile(r"/|\\|\b0x[0-9a-f]|Traceback|Error|\.py|tmp|PIL|line \d")


def rgb(image):
    return np.asarray(image.convert("RGB"))


# --- promise 14: what is handled ---


@pytest.mark.parametrize("image_format", list(ImageFormat))
async def test_each_accepted_format_is_decoded_as_pillow_decodes_it(guard, encoded, room, image_format):
    options = {"lossless": True} if image_format is ImageFormat.WEBP else {}
    data = encoded(room, image_format.upper(), **options)
    picture = await guard.decode(data)
    assert picture.format is image_format
    assert (picture.width, picture.height) == (64, 48)
    np.testing.assert_array_equal(picture.pixels, rgb(Image.open(io.BytesIO(data))))


async def test_a_picture_of_one_pixel_is_decoded(guard, encoded):
    for image_format in ("PNG", "JPEG", "WEBP"):
        picture = await guard.decode(encoded(Image.new("RGB", (1, 1), "red"), image_format))
        assert picture.pixels.shape == (1, 1, 3)


async def test_modes_other_than_rgb_are_converted(guard, encoded, room):
    cmyk = encoded(room.convert("CMYK"), "JPEG", quality=100)
    difference = np.abs((await guard.decode(cmyk)).pixels.astype(int) - rgb(room).astype(int))
    assert difference.mean() < 4
    grey, palette, bits = room.convert("L"), room.convert("P"), room.convert("1")
    for image in (grey, palette, bits):
        np.testing.assert_array_equal((await guard.decode(encoded(image))).pixels, rgb(image))
    alpha = Image.new("LA", (3, 2), (100, 7))
    np.testing.assert_array_equal((await guard.decode(encoded(alpha))).pixels[0, 0], [100, 100, 100, 7])


async def test_a_palette_with_a_transparent_colour_keeps_its_transparency(guard, encoded):
    image = Image.new("P", (2, 1), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    picture = await guard.decode(encoded(image, transparency=1))
    np.testing.assert_array_equal(picture.pixels, [[[10, 20, 30, 255], [40, 50, 60, 0]]])


async def test_sixteen_bits_a_channel_keep_their_high_byte(guard, png):
    values = [0, 0x00FF, 0x1234, 0xFFFF]
    grey = png(4, 1, 16, 0, b"\0" + struct.pack("!4H", *values))
    np.testing.assert_array_equal((await guard.decode(grey)).pixels[0, :, 0], [0, 0, 0x12, 0xFF])
    colour = png(1, 1, 16, 2, b"\0" + struct.pack("!3H", 0x1234, 0xABCD, 0xFFFF))
    np.testing.assert_array_equal((await guard.decode(colour)).pixels, [[[0x12, 0xAB, 0xFF]]])


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_exif_orientation_is_applied(guard, encoded, room, orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(room, "JPEG", quality=100, subsampling=0, exif=exif)
    expected = rgb(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    np.testing.assert_array_equal((await guard.decode(data)).pixels, expected)


async def test_broken_exif_is_no_orientation(guard, encoded, room):
    data = encoded(room, "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    np.testing.assert_array_equal((await guard.decode(data)).pixels, rgb(room))


async def test_a_huge_colour_profile_is_ignored(guard, encoded, room):
    profile = random.Random(0).randbytes(3 * 1024 * 1024)
    for image_format in ("PNG", "JPEG"):
        data = encoded(room, image_format, icc_profile=profile)
        assert len(data) > 3_000_000
        assert (await guard.decode(data)).pixels.shape == (48, 64, 3)


# --- promise 14: what is refused ---


@pytest.fixture(scope="module")
def refused(encoded, room, png):
    """Name, bytes, and what the message says."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    whole = {name: encoded(room, name) for name in ("PNG", "JPEG", "WEBP")}
    wide = png(60_000, 60_000, 8, 2, b"\0" * 100_000)
    webp = bytearray(encoded(Image.new("RGBA", (9, 9), (1, 2, 3, 4)), "WEBP"))
    webp[24:30] = b"\xff\x3f\x00\xff\x3f\x00"  # a canvas of 16384x16384
    text = (b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 200_000_000, 9))
    second = (b"IHDR", struct.pack("!IIBBBBB", 9000, 6000, 1, 0, 0, 0, 0))
    two_headers = png(8, 8, 1, 0, bytes(6000 * (1 + 9000 // 8)), second)
    return [
        ("empty", b"", "is empty"),
        ("bomb by a second header", two_headers, "damaged"),
        ("bomb by its header", wide, "scale it down"),
        ("bomb of WebP", bytes(webp), "pixels"),
        ("bomb in its text", png(1, 1, 8, 2, b"\0\1\2\3", text), "damaged"),
        ("no pixels", png(0, 5, 8, 2, b""), "has no pixels"),
        *((f"truncated {name}", data[: len(data) * 2 // 3], "truncated") for name, data in whole.items()),
        *((f"header of {name} alone", data[:20], "broken") for name, data in whole.items()),
        ("animated PNG", encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]), "is animated"),
        ("animated WebP", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]), "is animated"),
        ("JPEG 2000", encoded(room, "JPEG2000"), "is not PNG, JPEG or WebP"),
        *(
            (name, encoded(room, name), "is not PNG, JPEG or WebP")
            for name in ("GIF", "BMP", "TIFF", "AVIF", "ICO", "PPM")
        ),
        ("wrong magic", b"\x00" * 8 + whole["PNG"][8:], "is not PNG, JPEG or WebP"),
        ("PNG magic on a JPEG", whole["PNG"][:8] + whole["JPEG"], "broken PNG header"),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "is not PNG, JPEG or WebP"),
        ("too many bytes", whole["PNG"] + bytes(160 * 1024 * 1024), "bytes"),
    ]


async def test_every_bad_picture_is_refused_with_a_hint_and_the_decoder_lives_on(
    guard, refused, encoded, room, figure, decoders
):
    good = encoded(room)
    await guard.decode(good)
    processes = decoders()
    said = {}
    for name, data, _ in refused:
        try:
            await guard.decode(data)
        except InvalidImage as error:
            said[name] = error
    np.testing.assert_array_equal((await guard.decode(good)).pixels, rgb(room))
    told = [name for name, error in said.items() if INTERNALS.search(str(error))]
    lost = len(set(processes) - set(decoders()))
    figure(
        f"promise 14: {len(said)} of {len(refused)} bad pictures refused, {lost} decoders lost",
        taken=len(refused) - len(said),
        told=len(told),
        lost=lost,
    )
    assert [name for name, *_ in refused if name not in said] == []
    assert [name for name, _, words in refused if words not in str(said[name])] == []
    assert [name for name, error in said.items() if not error.hint] == []
    assert told == []
    assert decoders() == processes


# --- limits and processes ---


async def test_memory_beyond_the_limit_refuses_the_picture_alone(encoded, room):
    limits = ImageLimits(worker_memory=128 * 1024 * 1024)
    large = encoded(Image.new("RGB", (8000, 4000)))
    async with ImageGuard(limits, workers=1) as guard:
        with pytest.raises(InvalidImage, match="memory"):
            await guard.decode(large)
        assert (await guard.decode(encoded(room))).width == 64


async def test_a_picture_that_costs_too_much_processor_time_ends_its_decoder_alone(encoded, room):
    progressive = encoded(Image.new("L", (8000, 4000)), "JPEG", progressive=True)
    scan = progressive.rindex(b"\xff\xda")
    bomb = progressive[:scan] + progressive[scan:-2] * 500 + progressive[scan:]
    assert len(bomb) < 200_000
    async with ImageGuard(ImageLimits(cpu_seconds=1), workers=1) as guard:
        with pytest.raises(InvalidImage, match="within its limits"):
            await guard.decode(bomb)
        assert (await guard.decode(encoded(room))).width == 64


async def test_a_decoder_that_hangs_is_replaced_at_the_time_limit_and_its_picture_is_not_blamed(
    encoded, room, decoders
):
    async with ImageGuard(ImageLimits(wall_seconds=0.3), workers=1) as guard:
        [process] = decoders()
        process.suspend()
        with pytest.raises(DecoderUnavailable, match="not decoded within"):
            await guard.decode(encoded(room))
        assert not process.is_running()


async def test_a_decoder_killed_amid_a_picture_is_reported_as_unavailable_and_replaced(
    encoded, room, decoders
):
    async with ImageGuard(workers=1) as guard:
        [process] = decoders()
        process.suspend()
        decoding = asyncio.create_task(guard.decode(encoded(room)))
        await asyncio.sleep(0)
        process.kill()
        with pytest.raises(DecoderUnavailable, match="try again"):
            await decoding
        assert (await guard.decode(encoded(room))).width == 64


async def test_an_idle_decoder_that_was_killed_is_replaced_without_an_error(encoded, room, decoders):
    async with ImageGuard(workers=1) as guard:
        [process] = decoders()
        os.kill(process.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            while psutil.pid_exists(process.pid):  # noqa: ASYNC110 - another process's end is no event here
                await asyncio.sleep(0.01)
        assert (await guard.decode(encoded(room))).width == 64


async def test_a_cancelled_decoding_never_hands_its_answer_to_the_next(encoded, room):
    async with ImageGuard(workers=1) as guard:
        first = asyncio.create_task(guard.decode(encoded(Image.new("RGB", (2000, 2000)))))
        for _ in range(3):
            await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        np.testing.assert_array_equal((await guard.decode(encoded(room))).pixels, rgb(room))


async def test_more_pictures_than_processes_wait_their_turn(encoded, room, decoders):
    data = encoded(room)
    async with ImageGuard(workers=2) as guard:
        pictures = await asyncio.gather(*(guard.decode(data) for _ in range(20)))
        assert len(decoders()) == 2
    assert len(pictures) == 20
    assert not decoders()


async def test_a_decoder_holds_nothing_of_its_parent(guard, decoders):
    [process] = decoders()
    assert process.environ() == {}
    assert not process.net_connections()


# --- masks ---


async def test_a_grey_png_becomes_a_mask_from_128_on(guard, encoded):
    image = Image.new("L", (4, 1))
    image.putdata([0, 127, 128, 255])
    mask = await guard.decode_mask(encoded(image), width=4, height=1)
    assert mask.dtype == np.bool_
    np.testing.assert_array_equal(mask, [[False, False, True, True]])


async def test_a_grey_mask_saved_in_colour_by_a_browser_is_read(guard, encoded):
    image = Image.new("RGBA", (2, 1), (255, 255, 255, 255))
    image.putpixel((0, 0), (0, 0, 0, 255))
    mask = await guard.decode_mask(encoded(image), width=2, height=1)
    np.testing.assert_array_equal(mask, [[False, True]])


@pytest.mark.parametrize("colour", [(255, 0, 0, 255), (0, 0, 0, 0)])
async def test_a_coloured_or_transparent_mask_is_refused(guard, encoded, colour):
    with pytest.raises(InvalidMask, match="greyscale PNG"):
        await guard.decode_mask(encoded(Image.new("RGBA", (2, 1), colour)), width=2, height=1)


def _grey(dtype, *values):
    return Image.fromarray(np.array([values], dtype))


@pytest.mark.parametrize(
    ("image", "largest"),
    [
        (_grey(np.uint8, 0, 1, 0, 1), 1),
        (_grey(np.uint8, 0, 100, 0, 0), 100),
        (_grey(np.uint8, 0, 1, 0, 1).convert("RGB"), 1),
        (_grey(np.uint8, 0, 1, 0, 1).convert("P"), 1),
        (_grey(np.uint16, 0, 1, 0, 1), 1),
        (_grey(np.uint16, 0, 255, 0, 255), 255),
        (_grey(np.uint16, 0, 32767, 0, 0), 32767),
    ],
    ids=["0/1", "faint", "in colour", "of a palette", "0/1 at 16 bits", "0/255 at 16 bits", "below a half"],
)
async def test_a_mask_of_another_scale_is_refused_rather_than_read_as_empty(guard, encoded, image, largest):
    with pytest.raises(InvalidMask, match=rf"nothing inside: its largest value is {largest}\b") as refused:
        await guard.decode_mask(encoded(image), width=4, height=1)
    assert "scale the mask up" in refused.value.hint


@pytest.mark.parametrize(
    "image",
    [_grey(np.uint8, 0, 255, 0, 255), _grey(np.uint16, 0, 65535, 0, 32768), _grey(np.bool_, 0, 1, 0, 1)],
    ids=["0/255", "16 bits", "1 bit"],
)
async def test_a_mask_of_its_own_scale_is_read(guard, encoded, image):
    mask = await guard.decode_mask(encoded(image), width=4, height=1)
    np.testing.assert_array_equal(mask, [[False, True, False, True]])


async def test_a_black_mask_is_empty(guard, encoded):
    assert not (await guard.decode_mask(encoded(_grey(np.uint8, 0, 0)), width=2, height=1)).any()


async def test_a_mask_of_another_size_is_refused_naming_the_size_to_send(guard):
    for shape in ((3, 2), (3, 3)):
        with pytest.raises(InvalidMask, match="send a mask of 3x2"):
            await guard.decode_mask(mask_to_png(np.ones(shape, np.bool_)), width=3, height=2)


async def test_a_mask_that_is_no_png_is_refused(guard, encoded, room):
    with pytest.raises(InvalidMask, match="is not PNG"):
        await guard.decode_mask(encoded(room, "JPEG"), width=64, height=48)


# --- encoders ---


@pytest.mark.parametrize("image_format", [ImageFormat.PNG, ImageFormat.WEBP])
@pytest.mark.parametrize("channels", [3, 4])
async def test_lossless_formats_bring_back_every_value(guard, image_format, channels):
    pixels = np.random.default_rng(0).integers(0, 256, (33, 17, channels), np.uint8)
    np.testing.assert_array_equal((await guard.decode(encode(pixels, image_format))).pixels, pixels)


async def test_jpeg_lays_a_transparent_picture_on_white(guard):
    pixels = np.zeros((8, 8, 4), np.uint8)
    assert (await guard.decode(encode(pixels, ImageFormat.JPEG))).pixels.min() > 250


def test_pixels_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="uint8"):
        encode(np.zeros((4, 4)), ImageFormat.PNG)
