import io
import json
import subprocess
import sys

import c2pa
import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis.declaring import SettingsError
from langdesign_chassis.errors import StartError
from langdesign_editing.settings import EditingSettings
from langdesign_media import mask_to_rle
from langdesign_media.testing import signing_files
from PIL import Image

FORMATS = [media_pb2.IMAGE_FORMAT_PNG, media_pb2.IMAGE_FORMAT_JPEG, media_pb2.IMAGE_FORMAT_WEBP]


@pytest.fixture
def settings(tmp_path):
    """Settings of a policy; one that signs has a certificate."""

    def make(provenance, **values):
        if provenance == "c2pa":
            certificate, key = signing_files(tmp_path)
            values = {"provenance_certificate": certificate, "provenance_key": key, **values}
        return EditingSettings(decoders=1, provenance=provenance, **values)

    return make


@pytest.fixture
def unmoved(engine_class):
    """An engine that returns what it got."""

    class Unmoved(engine_class):
        def _inverted(self, request):
            return request.pixels.copy()

    return Unmoved()


async def result_of(editing, request):
    return (await editing.edit(request))[-1].event.result


def told(data):
    found = Image.open(io.BytesIO(data)).getxmp()
    return found["xmpmeta"]["RDF"]["Description"] if found else {}


def pixels_of(data):
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("image_format", FORMATS)
async def test_a_result_tells_that_a_model_edited_it_and_which_but_not_what_was_asked(
    editing, ask, box, image_format
):
    options = {"result_format": image_format, "preserve": pb.PRESERVE_LATENT}
    result = await result_of(editing, ask(instruction="hide the safe", region=box, options=options))
    found = told(result.image.data)
    assert found["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert found["AISystemVersionUsed"] == result.checkpoint == "inverter@sha256:0"
    assert b"hide the safe" not in result.image.data


async def test_what_was_asked_is_told_where_the_policy_says_so(start, settings, ask, box):
    async with start(settings=settings("xmp", provenance_instructions=True)) as editing:
        result = await result_of(editing, ask(instruction="hide the safe", region=box))
    assert told(result.image.data)["AIPromptInformation"] == "hide the safe"


async def test_a_policy_of_nothing_writes_nothing_and_changes_no_pixel(start, settings, ask, box):
    results = []
    for policy in ("none", "xmp", "c2pa"):
        async with start(settings=settings(policy)) as editing:
            results.append((await result_of(editing, ask(region=box))).image.data)
    plain, *others = results
    assert told(plain) == {}
    for other in others:
        assert len(other) > len(plain)
        np.testing.assert_array_equal(pixels_of(other), pixels_of(plain))


async def test_a_signed_result_has_the_picture_that_came_as_its_parent(start, settings, ask, box):
    async with start(settings=settings("c2pa")) as editing:
        result = await result_of(editing, ask(instruction="hide the safe", region=box))
    store = json.loads(c2pa.Reader("image/png", io.BytesIO(result.image.data)).json())
    active = store["manifests"][store["active_manifest"]]
    assert store["validation_state"] == "Valid"
    assert [one["relationship"] for one in active["ingredients"]] == ["parentOf"]
    edited = active["assertions"][0]["data"]["actions"][-1]
    assert edited["parameters"] == {"org.langdesign.checkpoints": ["inverter@sha256:0"]}


@pytest.mark.parametrize("policy", ["xmp", "c2pa"])
async def test_what_changed_nothing_says_nothing(start, settings, unmoved, ask, box, photo, policy):
    empty = pb.Region(
        mask=media_pb2.Mask(rle={"height": 16, "width": 24, "counts": mask_to_rle(np.zeros((16, 24), bool))})
    )
    async with start(unmoved, settings=settings(policy)) as editing:
        no_op = await result_of(editing, ask("a", region=empty))
        same = await result_of(editing, ask("b", region=box))
    assert no_op.image.data == photo  # the very bytes
    assert told(same.image.data) == {}
    assert b"c2pa" not in same.image.data
    np.testing.assert_array_equal(pixels_of(same.image.data), pixels_of(photo))


async def test_what_the_inputs_file_said_is_not_copied(start, settings, ask, box, pixels):
    exif = Image.Exif()
    exif[0x013B] = "the artist"  # Artist
    exif.get_ifd(0x8825)[1] = "N"  # GPSLatitudeRef
    packet = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>the author</x:xmpmeta>"
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=95, exif=exif, xmp=packet)
    async with start(settings=settings("xmp")) as editing:
        request = ask(region=box, image=media_pb2.Image(data=target.getvalue()))
        data = (await result_of(editing, request)).image.data
    assert not Image.open(io.BytesIO(data)).getexif()
    assert b"the author" not in data
    assert b"the artist" not in data


async def test_the_same_edit_is_the_same_file(start, settings, ask, box):
    async with start(settings=settings("xmp")) as editing:
        one, other = [await result_of(editing, ask(key, region=box)) for key in ("a", "b")]
    assert one.image.data == other.image.data


async def test_a_service_that_could_not_sign_does_not_start(start, settings, tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    other_key = signing_files(foreign)[1]
    with pytest.raises(StartError, match="EDITING_PROVENANCE=c2pa"):
        async with start(settings=settings("c2pa", provenance_key=other_key)):
            pass


def test_signing_needs_its_files(tmp_path):
    with pytest.raises(SettingsError, match="provenance_certificate and provenance_key"):
        EditingSettings(provenance="c2pa")
    with pytest.raises(SettingsError, match="is not a file"):
        EditingSettings(provenance_certificate=tmp_path / "nowhere.pem")


def test_the_service_loads_no_signing_library():
    program = "import sys, langdesign_editing.__main__; print('c2pa' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
