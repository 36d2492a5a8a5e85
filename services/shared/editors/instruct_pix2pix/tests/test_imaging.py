import numpy as np
import pytest
from langdesign_diffusion import InvalidArrays
from langdesign_instruct_pix2pix import EditParameters, RegionParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest

PARAMETERS = EditParameters("make the chair red", steps=1)


@pytest.mark.parametrize("size", [(8, 8), (50, 37), (64, 64), (9, 130)])
@pytest.mark.parametrize("channels", [3, 4])
def test_the_caller_gets_back_the_size_that_it_sent(editor, size, channels):
    image = np.random.default_rng(0).integers(0, 256, (*size, channels), dtype=np.uint8)
    result = editor.edit(image, None, PARAMETERS).image
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    assert np.array_equal(result[..., 3:], image[..., 3:])


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 1), np.uint8),
        np.zeros((64, 64, 3), np.float32),
        np.zeros((7, 64, 3), np.uint8),
        np.zeros((8, 4097, 3), np.uint8),
    ],
    ids=["no channels", "one channel", "floats", "too small", "too large"],
)
def test_an_image_that_does_not_fit_is_refused_with_its_hint(editor, image):
    with pytest.raises(InvalidArrays, match=r"image: is .*; send"):
        editor.prepare(Pix2PixRequest(image, None, PARAMETERS))


def test_masks_that_do_not_fit_are_refused_with_their_hint(editor, image, mask):
    two = EditParameters("make the chair red", regions=(RegionParameters(), RegionParameters()))
    for masks, parameters, wrong in [
        (mask[:, :32], PARAMETERS, r"send uint8 \[R, 64, 64\]"),
        (mask.astype(bool), PARAMETERS, "send uint8"),
        (mask[:0], PARAMETERS, "one mask per region"),
        (mask, two, "one mask per region"),
        (None, two, "send one mask for each of 2 regions"),
        (mask * 0, PARAMETERS, "is empty"),
    ]:
        with pytest.raises(InvalidArrays, match=wrong):
            editor.prepare(Pix2PixRequest(image, masks, parameters))


def test_an_image_is_encoded_once_for_all_its_edits(editor, image, monkeypatch):
    calls = []
    encode = editor.checkpoint.vae.encode
    monkeypatch.setattr(
        editor.checkpoint.vae, "encode", lambda *a, **k: calls.append(1) or encode(*a, **k), raising=True
    )
    fresh = image[::-1].copy()
    first = editor.prepare(Pix2PixRequest(fresh, None, PARAMETERS))
    second = editor.prepare(Pix2PixRequest(fresh.copy(), None, EditParameters("remove the lamp", seed=4)))
    assert calls == [1]
    assert first.encoded is second.encoded
