import io
import json
import logging
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import c2pa
import numpy as np
import pytest
from langdesign_edits import ImageFormat
from langdesign_media import CredentialsUnavailable, Provenance, encode, xmp_packet
from langdesign_media.credentials import Signer
from langdesign_media.testing import display_p3, signing_files
from PIL import Image

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
MADE = Provenance("1.2.3", ("edit@sha256:aa", "paint@sha256:bb"), ("make the bed red", "remove the rug"))
FORMATS = list(ImageFormat)


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return Signer(*signing_files(tmp_path_factory.mktemp("signing")))


def read(data):
    """The properties of a file's XMP packet, as Pillow finds it."""
    description = Image.open(io.BytesIO(data)).getxmp()["xmpmeta"]["RDF"]["Description"]
    return {name: value for name, value in description.items() if name != "about"}


def manifests(data, image_format):
    """What an independent reader says of a file's manifests: state, all, the active one."""
    store = json.loads(c2pa.Reader(f"image/{image_format}", io.BytesIO(data)).json())
    return store["validation_state"], store["manifests"], store["manifests"][store["active_manifest"]]


@pytest.mark.parametrize("image_format", FORMATS)
async def test_a_file_tells_that_it_was_edited_by_what_and_keeps_pixels_and_profile(
    guard, room, image_format
):
    pixels, profile = np.asarray(room), display_p3()
    plain = encode(pixels, image_format, profile)
    told = encode(pixels, image_format, profile, xmp=xmp_packet(MADE))

    assert read(told) == {
        "DigitalSourceType": SOURCE,
        "AISystemUsed": "LangDesign",
        "AISystemVersionUsed": "edit@sha256:aa, paint@sha256:bb",
        "AIPromptInformation": "make the bed red\nremove the rug",
        "CreatorTool": "LangDesign 1.2.3",
    }
    before, after = await guard.decode(plain), await guard.decode(told)
    np.testing.assert_array_equal(before.pixels, after.pixels)
    assert after.profile == profile


def test_what_is_not_to_be_told_is_not_there_and_the_same_edit_is_the_same_file(room):
    silent = Provenance("1.2.3", ("edit@sha256:aa",))
    one, other = (encode(np.asarray(room), xmp=xmp_packet(silent)) for _ in range(2))
    assert one == other
    assert "AIPromptInformation" not in read(one)


@pytest.mark.parametrize("image_format", FORMATS)
@pytest.mark.parametrize(
    "words",
    [
        '</rdf:Description><evil a="&b;">]]><?xpacket end="w"?>',
        "null \x00 escape \x1b lone \ud800 noncharacter \uffff",
        "ăîșțâ 红色 🛋️",
        "x" * 200_000,
        "🛋" * 50_000,
    ],
    ids=["markup", "no XML", "scripts", "long", "long in UTF-8"],
)
def test_any_words_fit_and_stay_words(room, image_format, words):
    told = encode(np.asarray(room), image_format, xmp=xmp_packet(Provenance("1", (), (words,))))
    found = read(told)
    assert set(found) == {"DigitalSourceType", "AISystemUsed", "AIPromptInformation", "CreatorTool"}
    if len(words) < 100 and words.isprintable():
        assert found["AIPromptInformation"] == words


def test_a_packet_is_well_formed_xml():
    packet = xmp_packet(MADE).decode()
    body = re.sub(r"<\?xpacket.*?\?>", "", packet)
    assert ET.fromstring(body).tag == "{adobe:ns:meta/}xmpmeta"
    assert packet.startswith('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>')


@pytest.mark.parametrize("image_format", FORMATS)
async def test_signed_a_file_has_its_input_as_parent_and_keeps_pixels_profile_and_xmp(
    guard, room, signer, image_format
):
    pixels, profile = np.asarray(room), display_p3()
    parent = encode(255 - pixels, ImageFormat.PNG, profile)
    plain = encode(pixels, image_format, profile, xmp=xmp_packet(MADE))
    signed = await signer.sign(plain, image_format, MADE, parent=parent, parent_format=ImageFormat.PNG)

    state, _, active = manifests(signed, image_format)
    assert state == "Valid"
    assert [one["relationship"] for one in active["ingredients"]] == ["parentOf"]
    assert "thumbnail" not in active
    opened, edited = active["assertions"][0]["data"]["actions"]
    assert (opened["action"], edited["action"]) == ("c2pa.opened", "c2pa.edited")
    assert edited["digitalSourceType"] == SOURCE
    assert edited["parameters"]["org.langdesign.checkpoints"] == ["edit@sha256:aa", "paint@sha256:bb"]
    before, after = await guard.decode(plain), await guard.decode(signed)
    np.testing.assert_array_equal(before.pixels, after.pixels)
    assert after.profile == profile
    assert read(signed)["AISystemUsed"] == "LangDesign"


async def test_an_edit_of_an_edit_keeps_the_first_one_s_manifest_and_a_changed_byte_is_found(room, signer):
    pixels, kind = np.asarray(room), ImageFormat.PNG
    data = encode(pixels)
    first = await signer.sign(encode(pixels // 2), kind, MADE, parent=data, parent_format=kind)
    second = await signer.sign(encode(pixels // 4), kind, MADE, parent=first, parent_format=kind)
    state, every, _ = manifests(second, kind)
    assert (state, len(every)) == ("Valid", 2)

    at = second.index(b"IDAT") + 20
    damaged = second[:at] + bytes([second[at] ^ 1]) + second[at + 1 :]
    assert manifests(damaged, kind)[0] == "Invalid"


async def test_what_cannot_be_signed_is_told_without_what_it_was_signed_with(tmp_path, signer, caplog):
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    caplog.set_level(logging.ERROR)
    with pytest.raises(CredentialsUnavailable) as caught:
        await Signer(signer.certificate, key).try_out()
    assert str(tmp_path) not in str(caught.value)
    assert "nonsense" not in caplog.text
    assert "not signed" in caplog.text


async def test_a_parent_with_a_broken_manifest_costs_neither_service_nor_signature(room, signer):
    kind, data = ImageFormat.PNG, encode(np.asarray(room))
    good = await signer.sign(data, kind, MADE, parent=data, parent_format=kind)
    at = good.index(b"caBX")
    broken = good[: at + 40] + bytes(200) + good[at + 240 :]
    signed = await signer.sign(data, kind, MADE, parent=broken, parent_format=kind)
    state, every, active = manifests(signed, kind)
    assert (state, len(every)) == ("Valid", 1)
    assert active["ingredients"][0]["relationship"] == "parentOf"


def test_a_process_that_signs_does_not_load_the_library():
    program = "import sys, langdesign_media.credentials; print('c2pa' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
