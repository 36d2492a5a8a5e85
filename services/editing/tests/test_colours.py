"""Pictures in other colours than sRGB: the engine sees sRGB, the caller gets the picture's own."""

import io

import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_editing.settings import EditingSettings
from langdesign_edits import Box, ImageFormat, box_mask, dilated
from langdesign_media import encode
from langdesign_media.testing import display_p3
from PIL import Image, ImageCms

P3 = display_p3()
ROOM = Box(120, 80, 90, 70)


@pytest.fixture(scope="module")
def wide():
    """Colours that sRGB cannot hold among others, larger than the network's 128 px."""
    rows, columns = np.mgrid[:300, :400]
    grain = np.random.default_rng(3).integers(0, 9, (300, 400, 3))
    return (np.stack([rows * 4 // 5, columns // 2, (rows + columns) // 4], axis=2) + grain).astype(np.uint8)


@pytest.fixture
async def editing(start):
    async with start(settings=EditingSettings(decoders=1, working_size=128, native_factor=8)) as service:
        yield service


def _request(pixels, region, *, key="k", preview_every=0, profile=P3, **options):
    return pb.EditRequest(
        idempotency_key=key,
        image=media_pb2.Image(data=encode(pixels, ImageFormat.PNG, profile)),
        instruction="make it red",
        region=region,
        options=pb.EditOptions(instruct_pix2pix={"steps": 2}, preview_every=preview_every, **options),
    )


def _region(box):
    return pb.Region(box=media_pb2.Box(x=box.x, y=box.y, width=box.width, height=box.height))


def _opened(image):
    return Image.open(io.BytesIO(image.data))


def _srgb(pixels):
    profile, srgb = ImageCms.ImageCmsProfile(io.BytesIO(P3)), ImageCms.createProfile("sRGB")
    intent, flags = ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
    transform = ImageCms.buildTransform(profile, srgb, "RGB", "RGB", intent, flags)
    return np.asarray(ImageCms.applyTransform(Image.fromarray(pixels), transform))


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
async def test_a_result_has_the_photos_profile_and_its_very_numbers_outside_the_region(editing, wide, name):
    request = _request(wide, _region(ROOM), result_format=f"IMAGE_FORMAT_{name}")
    result = (await editing.edit(request))[-1].event.result
    image = _opened(result.image)
    assert (image.format, image.info["icc_profile"]) == (name, P3)
    inside = box_mask(ROOM, width=400, height=300)
    near = dilated(inside, 40)
    np.testing.assert_array_equal(np.asarray(image)[~near], wide[~near])
    assert result.report.outside.changed_share == 0


async def test_a_jpeg_result_has_the_photos_profile_too(editing, wide):
    request = _request(wide, pb.Region(whole=True), result_format="IMAGE_FORMAT_JPEG")
    image = _opened((await editing.edit(request))[-1].event.result.image)
    assert (image.format, image.size, image.info["icc_profile"]) == ("JPEG", (400, 300), P3)


@pytest.mark.parametrize("native", [False, True])
async def test_the_engine_sees_srgb_and_its_edit_comes_back_in_the_photos_colours(editing, wide, native):
    result = (await editing.edit(_request(wide, _region(ROOM), native=native)))[-1].event.result
    [seen] = editing.engine.requests
    pixels, inside = np.asarray(_opened(result.image)), box_mask(ROOM, width=400, height=300)
    if native:
        np.testing.assert_array_equal(seen.pixels, _srgb(wide))
        np.testing.assert_array_equal(pixels[~inside], wide[~inside])
    # The stand-in inverts sRGB: seen as sRGB, the photo's region is the inverse of what it was.
    wanted = 255 - _srgb(wide)[inside].astype(int)
    assert np.abs(_srgb(pixels)[inside] - wanted).mean() < (1.5 if native else 6)


async def test_previews_are_shown_in_the_photos_colours(editing, wide):
    responses = await editing.edit(_request(wide, _region(ROOM), preview_every=1))
    [preview] = [
        r.event.preview.image for r in responses if r.event.HasField("preview") and r.event.preview.image.data
    ]
    assert _opened(preview).info["icc_profile"] == P3


async def test_an_edit_that_changes_nothing_returns_every_value_of_colours_that_srgb_cannot_hold(
    start, engine_class, wide
):
    class Idle(engine_class):
        def _inverted(self, request):
            return request.pixels.copy()

    async with start(
        Idle(), settings=EditingSettings(decoders=1, working_size=128, native_factor=8)
    ) as service:
        for number, options in enumerate(({}, {"native": True})):
            result = (await service.edit(_request(wide, _region(ROOM), key=f"{number}", **options)))[
                -1
            ].event.result
            np.testing.assert_array_equal(np.asarray(_opened(result.image)), wide)


async def test_a_malformed_profile_is_left_out_and_the_edit_goes_on(editing, wide):
    request = _request(wide, _region(ROOM), profile=b"no profile at all" * 20)
    result = (await editing.edit(request))[-1].event.result
    assert "icc_profile" not in _opened(result.image).info
    assert result.report.outside.changed_share == 0
