from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from langdesign_diffusion import InvalidParameters
from langdesign_diffusion.detail import with_detail
from langdesign_edits import measure_change
from langdesign_instruct_pix2pix import EditParameters

pictures = arrays.arrays(np.uint8, (12, 9, 3))


def flat(level: int) -> np.ndarray:
    return np.full((12, 9, 3), level, np.uint8)


def edited(editor, image, mask, **parameters):
    return editor.edit(image, mask, EditParameters("make the chair red", steps=3, feather=0, **parameters))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(original=pictures, decoded=pictures, tolerance=st.floats(0.1, 255))
def test_an_edit_of_nothing_is_the_original_bit_for_bit(original, decoded, tolerance):
    assert np.array_equal(with_detail(decoded, decoded, original, tolerance), original)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(original=pictures, decoded=pictures.filter(lambda picture: int(picture.max()) < 200))
def test_what_changed_much_stays_as_it_was_decoded(original, decoded):
    other = decoded + np.uint8(50)  # five tolerances: a share of e^-25
    assert np.array_equal(with_detail(other, decoded, original, 10.0), other)


@pytest.mark.parametrize("change", [5, 10, 20])
def test_the_share_falls_as_a_gaussian_of_the_change(change):
    restored = with_detail(flat(100 + change), flat(100), flat(140), 10.0)
    assert (restored == 100 + change + round(40 * np.exp(-((change / 10) ** 2)))).all()


def test_a_change_is_felt_two_pixels_around_and_no_further():
    decoded, original = flat(100), flat(110)
    other = decoded.copy()
    other[6, 4] = 255
    restored = with_detail(other, decoded, original, 5.0)
    near = np.zeros((12, 9), bool)
    near[4:9, 2:7] = True
    assert (restored[~near] == 110).all()
    assert (restored[near] == other[near]).all()


def test_colours_stay_in_range():
    assert (with_detail(flat(250), flat(250), flat(255), 10.0) == 255).all()
    assert (with_detail(flat(254), flat(250), flat(255), 10.0) == 255).all()


def test_detail_brings_the_outside_back_where_the_latents_are(editor, image, mask):
    psnrs = [
        measure_change(
            image, edited(editor, image, mask, preserve="latent", detail=detail).image, mask[0] > 0
        ).outside.psnr
        for detail in (0.0, 10.0, 50.0, 255.0)
    ]
    assert psnrs == sorted(psnrs)
    assert psnrs[-1] > psnrs[0] + 3  # these weights are random: an edit shakes all that they decode


@pytest.mark.parametrize("preserve", ["none", "attention"])
def test_the_published_editors_stay_as_they_were_published(editor, image, mask, preserve):
    without, with_it = (
        edited(editor, image, mask, preserve=preserve, detail=detail).image for detail in (0.0, 10.0)
    )
    assert np.array_equal(without, with_it)


def test_an_image_goes_there_and_back_once_for_all_its_edits(editor, mask):
    image = np.random.default_rng(11).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    with patch.object(editor.encoder, "decode", wraps=editor.encoder.decode) as decode:
        for seed in range(3):
            edited(editor, image, mask, preserve="strict", seed=seed)
    assert decode.call_count == 4


@pytest.mark.parametrize("detail", [-1.0, 256.0])
def test_a_tolerance_is_a_number_of_levels(detail):
    with pytest.raises(InvalidParameters, match="detail"):
        EditParameters("make the chair red", detail=detail)
