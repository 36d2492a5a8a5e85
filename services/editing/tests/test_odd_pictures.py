"""Pictures and regions that strain the service: each a clear error or a right result, and it goes on."""

import io
import re
import struct
import zlib

import grpc
import numpy as np
import psutil
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_editing.settings import EditingSettings
from langdesign_editing.triton_backend import engine_error
from langdesign_edits import Box, box_mask, dilated
from langdesign_media import encode, mask_to_png, mask_to_rle
from PIL import Image

WIDTH, HEIGHT = 8064, 6048  # a phone's 48 megapixels


@pytest.fixture
async def editing(start):
    async with start(settings=EditingSettings(decoders=1)) as service:
        yield service


@pytest.fixture(scope="module")
def room():
    rows, columns = np.mgrid[:700, :900]
    grain = np.random.default_rng(3).integers(0, 9, (700, 900, 3))
    return (np.stack([rows // 4, columns // 5, (rows + columns) // 8], axis=2) + grain).astype(np.uint8)


def _request(data, region, key="k", **options):
    return pb.EditRequest(
        idempotency_key=key,
        image=media_pb2.Image(data=data),
        instruction="make it red",
        region=region,
        options=pb.EditOptions(instruct_pix2pix={"steps": 1}, preview_every=0, **options),
    )


def _box(box):
    return pb.Region(box=media_pb2.Box(x=box.x, y=box.y, width=box.width, height=box.height))


def _pixels(result):
    return np.asarray(Image.open(io.BytesIO(result.image.data)))


async def _refused(editing, request):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await editing.edit(request)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    return caught.value.details()


def _bad_pictures(room):
    """Name and bytes of what is no picture, or none that is taken; every kind of them is in media's tests."""
    small, frames = (
        Image.fromarray(room[:40, :60]),
        [Image.new("RGB", (8, 8), name) for name in ("red", "blue")],
    )
    whole = {name: _encoded(small, name) for name in ("PNG", "JPEG", "WEBP")}
    header = struct.pack("!IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    crc = struct.pack("!I", zlib.crc32(b"IHDR" + header))
    return {
        "a bomb": whole["PNG"][:8] + struct.pack("!I", 13) + b"IHDR" + header + crc + whole["PNG"][33:],
        **{f"a truncated {name}": data[: len(data) * 2 // 3] for name, data in whole.items()},
        "another magic": bytes(8) + whole["PNG"][8:],
        "PNG's magic on a JPEG": whole["PNG"][:8] + whole["JPEG"],
        "an animated PNG": _encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "an animated WebP": _encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "JPEG 2000": _encoded(small, "JPEG2000"),
        "text": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }


def _encoded(image, name, **options):
    target = io.BytesIO()
    image.save(target, name, **options)
    return target.getvalue()


def _decoders():
    return {child.pid for child in psutil.Process().children(recursive=True)}


async def test_every_bad_picture_is_an_invalid_argument_and_the_service_lives_on(editing, room, figure):
    whole = pb.Region(whole=True)
    await editing.edit(_request(encode(room), whole))
    before, answers = _decoders(), {}
    for name, data in _bad_pictures(room).items():
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await editing.edit(_request(data, whole, key=name))
        answers[name] = caught.value.code(), caught.value.details()
    taken = [name for name, (code, _) in answers.items() if code is not grpc.StatusCode.INVALID_ARGUMENT]
    told = [name for name, (_, said) in answers.items() if re.search(r"/|\\|\b0x|Traceback|Error", said)]
    lost = len(before - _decoders())
    figure(
        f"promise 14: {len(answers) - len(taken)} of {len(answers)} bad pictures are INVALID_ARGUMENT to "
        f"callers of editing, {len(told)} messages tell a path or an address, {lost} decoders lost",
        taken=len(taken),
        told=len(told),
        lost=lost,
    )
    assert (taken, told, lost) == ([], [], 0)
    assert (await editing.edit(_request(encode(room), whole, key="the next")))[-1].event.HasField("result")


async def test_a_picture_of_too_long_a_side_is_refused_in_pixels_before_it_is_decoded(editing, room):
    ribbon = encode(np.zeros((8, 65_000, 3), np.uint8))
    told = await _refused(editing, _request(ribbon, pb.Region(whole=True)))
    assert "65000x8 pixels; the most is 8192 a side, 50,000,000 in all" in told
    assert not editing.engine.requests
    await editing.edit(_request(encode(room), _box(Box(10, 10, 50, 50)), key="the next"))


async def test_a_picture_of_too_many_pixels_is_refused_in_pixels(editing):
    told = await _refused(
        editing, _request(encode(np.zeros((7200, 7000, 3), np.uint8)), pb.Region(whole=True))
    )
    assert "7000x7200 pixels; the most is 8192 a side, 50,000,000 in all" in told


async def test_one_pixel_of_48_megapixels_is_edited_and_no_pixel_away_from_it(editing):
    picture = np.full((HEIGHT, WIDTH, 3), (40, 90, 160), np.uint8)
    spot = Box(5000, 4000, 1, 1)
    result = (await editing.edit(_request(encode(picture), _box(spot))))[-1].event.result
    [seen] = editing.engine.requests
    assert seen.pixels.shape[:2] == (result.focus.height, result.focus.width) == (512, 512)
    assert seen.masks[0].sum() == 1
    pixels = _pixels(result)
    assert pixels.shape == picture.shape
    np.testing.assert_array_equal(pixels[4000, 5000], 255 - picture[4000, 5000])
    around = pixels[3900:4101, 4900:5101]
    changed = int((around != picture[0, 0]).any(axis=2).sum())
    assert changed == int((pixels != picture[0, 0]).any(axis=2).sum()) < 500
    assert result.report.outside.changed_share == 0


@pytest.mark.parametrize("region", ["box", "frame"])
async def test_a_region_that_touches_every_border_is_edited_to_the_border(editing, room, region):
    inside = np.ones(room.shape[:2], np.bool_)
    where = _box(Box(0, 0, 900, 700))
    if region == "frame":
        inside[100:600, 100:800] = False
        where = pb.Region(mask=media_pb2.Mask(png=mask_to_png(inside)))
    result = (await editing.edit(_request(encode(room), where, feather=4)))[-1].event.result
    assert (result.focus.box.width, result.focus.box.height) == (900, 700)
    pixels = _pixels(result)
    assert np.abs(pixels[inside].astype(int) - (255 - room[inside].astype(int))).mean() < 6
    near = dilated(inside, 16)
    np.testing.assert_array_equal(pixels[~near], room[~near])


async def test_a_mask_of_another_size_is_refused_with_both_sizes(editing, room):
    mask = np.ones((900, 700), np.bool_)
    runs = media_pb2.RunLengthMask(height=900, width=700, counts=mask_to_rle(mask))
    for message in (media_pb2.Mask(png=mask_to_png(mask)), media_pb2.Mask(rle=runs)):
        told = await _refused(editing, _request(encode(room), pb.Region(mask=message)))
        assert "region.mask is 700x900 pixels, and the picture is 900x700" in told
    assert not editing.engine.requests


async def test_a_checkpoint_whose_working_size_is_unknown_is_shown_512_pixels(start, room, tmp_path):
    advice = tmp_path / "sampling.json"
    advice.write_text('{"steps": 2}')
    for sampling in ("", str(advice)):
        async with start(settings=EditingSettings(decoders=1, sampling=sampling)) as service:
            result = (await service.edit(_request(encode(room), _box(Box(0, 0, 900, 700)))))[-1].event.result
            assert result.focus.height * result.focus.width <= 512 * 512
            assert result.focus.height * result.focus.width > 500 * 500
            assert _pixels(result).shape == room.shape


async def test_an_edit_whose_model_gave_no_finite_numbers_fails_with_a_word_and_the_next_succeeds(
    start, engine_class, room
):
    engine = engine_class()
    engine.failure = engine_error(
        "NOT_FINITE", "the model gave no finite numbers; change the seed or the steps"
    )
    async with start(engine, settings=EditingSettings(decoders=1)) as service:
        with pytest.raises(grpc.aio.AioRpcError, match="no finite numbers") as caught:
            await service.edit(_request(encode(room), _box(Box(10, 10, 50, 50))))
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        engine.failure = None
        responses = await service.edit(_request(encode(room), _box(Box(10, 10, 50, 50)), key="the next"))
        assert responses[-1].event.HasField("result")


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
async def test_a_result_has_the_format_that_is_asked_and_the_size_of_the_turned_picture(editing, room, name):
    exif = Image.Exif()
    exif[0x0112] = 6
    target = io.BytesIO()
    Image.fromarray(room).save(target, "JPEG", quality=92, exif=exif)
    inside = box_mask(Box(10, 10, 50, 50), width=700, height=900)
    region = pb.Region(mask=media_pb2.Mask(png=mask_to_png(inside)))
    options = {"result_format": f"IMAGE_FORMAT_{name}", "preserve": pb.PRESERVE_LATENT}
    result = (await editing.edit(_request(target.getvalue(), region, **options)))[-1].event.result
    image = Image.open(io.BytesIO(result.image.data))
    assert (image.format, image.size) == (name, (700, 900))
    assert not image.getexif()


# --- formats of what is not changed ---


def _saved(pixels, image_format, **more):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, image_format, **more)
    return buffer.getvalue()


_EMPTY = np.zeros((48, 64), np.bool_)
_ASKED = {
    "PNG": media_pb2.IMAGE_FORMAT_PNG,
    "WEBP": media_pb2.IMAGE_FORMAT_WEBP,
    "JPEG": media_pb2.IMAGE_FORMAT_JPEG,
}


@pytest.mark.parametrize("came", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("asked", ["PNG", "WEBP", "JPEG", None])
async def test_a_picture_that_stays_as_it_is_comes_in_the_format_that_was_asked_for(
    editing, room, came, asked
):
    data = _saved(room[:48, :64], came, **({"lossless": True} if came == "WEBP" else {}))
    options = {"preserve": pb.PRESERVE_LATENT}
    options |= {} if asked is None else {"result_format": _ASKED[asked]}
    region = pb.Region(mask=media_pb2.Mask(png=mask_to_png(_EMPTY)))

    *_, result = await editing.edit(_request(data, region, **options))

    image = result.event.result.image
    if asked in (None, came):
        assert image.data == data
    assert Image.open(io.BytesIO(image.data)).format == (asked or came)
    if asked != "JPEG":
        before = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        np.testing.assert_array_equal(_pixels(result.event.result)[..., :3], before)


async def test_a_turned_photo_that_stays_as_it_is_is_upright_in_another_format(editing, room):
    turned = Image.Exif()
    turned[0x0112] = 6
    data = _saved(room[:64, :48], "JPEG", exif=turned)
    region = pb.Region(mask=media_pb2.Mask(png=mask_to_png(_EMPTY)))

    *_, result = await editing.edit(_request(data, region, result_format=media_pb2.IMAGE_FORMAT_PNG))

    assert _pixels(result.event.result).shape[:2] == (48, 64)


# --- what is transparent ---


@pytest.fixture(scope="module")
def cut_out(room):
    """A thing in the left half; nothing is to be seen of the rest."""
    pixels = np.dstack([room[:48, :64], np.zeros((48, 64), np.uint8)])
    pixels[:, :32, 3] = 255
    return pixels


@pytest.mark.parametrize("kind", ["box", "mask"])
async def test_a_region_of_which_nothing_is_seen_is_refused_before_work(editing, cut_out, kind):
    box = Box(40, 8, 16, 16)
    mask = media_pb2.Mask(png=mask_to_png(box_mask(box, width=64, height=48)))
    region = _box(box) if kind == "box" else pb.Region(mask=mask)
    told = await _refused(editing, _request(_saved(cut_out, "PNG"), region))
    assert "region lies where the picture is transparent" in told
    assert not editing.engine.requests


async def test_a_region_of_which_one_pixel_is_seen_is_edited_there(editing):
    dot = np.full((150, 140, 4), 90, np.uint8)
    dot[..., 3] = 0
    dot[33, 21, 3] = 1
    box = _box(Box(10, 20, 30, 40))
    *_, result = await editing.edit(_request(_saved(dot, "PNG"), box, feather=0))
    changed = (_pixels(result.event.result) != dot).any(axis=2)
    assert changed[33, 21]
    assert changed.sum() == 1


@pytest.mark.parametrize(
    "region", [_box(Box(24, 8, 16, 16)), pb.Region(whole=True)], ids=["in part", "whole"]
)
async def test_nothing_is_painted_where_nothing_is_seen(editing, cut_out, region):
    *events, result = await editing.edit(_request(_saved(cut_out, "PNG"), region, feather=0))

    (mask,) = [one.event.mask for one in events if one.event.HasField("mask")]
    (told,), (outcome,) = mask.regions, result.event.result.edits
    assert told.transparent_share == outcome.transparent_share == 0.5
    inside = np.asarray(Image.open(io.BytesIO(mask.mask.png))) > 0
    assert inside.any()
    assert not inside[:, 32:].any()
    after = _pixels(result.event.result)
    assert (after[:, :32] != cut_out[:, :32]).any()
    np.testing.assert_array_equal(after[:, 32:], cut_out[:, 32:])


@pytest.mark.parametrize("asked", ["JPEG", "PNG", "WEBP"])
async def test_a_cut_out_that_stays_as_it_is_is_told_to_be_changed_where_a_format_lays_it_on_white(
    editing, cut_out, asked
):
    region = pb.Region(mask=media_pb2.Mask(png=mask_to_png(_EMPTY)))
    options = {"preserve": pb.PRESERVE_LATENT, "result_format": _ASKED[asked]}

    *_, result = await editing.edit(_request(_saved(cut_out, "PNG"), region, **options))

    outside = result.event.result.report.outside
    assert (outside.pixels, outside.changed_share) == (64 * 48, 0.5 if asked == "JPEG" else 0)


async def test_an_edit_tells_where_jpeg_lays_a_cut_out_on_white(editing, cut_out):
    box, shares = _box(Box(8, 8, 16, 16)), {}
    for name in ("PNG", "JPEG"):
        options = {"preserve": pb.PRESERVE_LATENT, "result_format": _ASKED[name], "feather": 0}
        *_, result = await editing.edit(_request(_saved(cut_out, "PNG"), box, key=name, **options))
        outside = result.event.result.report.outside
        shares[name] = outside.changed_share * outside.pixels

    assert shares["JPEG"] == pytest.approx(shares["PNG"] + 48 * 32)  # the half that was transparent


async def test_a_picture_of_which_nothing_is_seen_is_refused(editing, cut_out):
    told = await _refused(editing, _request(_saved(cut_out[:, 32:], "PNG"), pb.Region(whole=True)))
    assert "nothing of an edit would be seen" in told
