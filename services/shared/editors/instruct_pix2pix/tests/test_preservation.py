import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from langdesign_diffusion import InvalidArrays
from langdesign_edits import measure_change
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest


def grown(mask: np.ndarray, reach: int) -> np.ndarray:
    """Every pixel within `reach` px of the mask, along rows and columns (chessboard distance)."""
    result = np.zeros_like(mask)
    for row, column in np.argwhere(mask):
        result[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = True
    return result


masks = st.integers(16, 56).flatmap(
    lambda side: arrays.arrays(bool, (side, 40), elements=st.booleans(), fill=st.just(False)).filter(np.any)
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(inside=masks, seed=st.integers(0, 2**63 - 1), feather=st.integers(0, 12), alpha=st.booleans())
def test_strict_changes_no_pixel_outside_the_feathered_mask(editor, figure, inside, seed, feather, alpha):
    height, width = inside.shape
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 4 if alpha else 3), dtype=np.uint8)
    parameters = EditParameters("make the chair red", steps=1, seed=seed, preserve="strict", feather=feather)
    result = editor.edit(image, (inside * np.uint8(255))[None], parameters)
    outside = ~grown(inside, feather)
    differing = int((result.image != image)[outside].any(axis=1).sum())
    figure(
        f"promise 6: {differing} pixels differ outside the feathered mask, for every mask and seed tried",
        differing=differing,
    )
    assert differing == 0
    assert result.image.shape == image.shape
    assert (result.image[inside] != image[inside]).any()
    if alpha:
        assert np.array_equal(result.image[..., 3], image[..., 3])


def test_latent_preservation_brings_the_outside_closer_to_the_input(editor, image, mask):
    outside = {}
    for preserve in ("attention", "latent", "strict"):
        parameters = EditParameters("make the chair red", steps=4, preserve=preserve, feather=0)
        edited = editor.edit(image, mask, parameters).image
        outside[preserve] = measure_change(image, edited, mask[0] > 0).outside
    assert outside["latent"].mean_difference < outside["attention"].mean_difference
    assert outside["strict"].changed_share == 0
    assert outside["strict"].psnr is None


@pytest.mark.parametrize("preserve", ["latent", "strict"])
def test_a_promise_about_the_outside_needs_a_region(editor, image, preserve):
    with pytest.raises(InvalidArrays, match="needs a region"):
        editor.prepare(Pix2PixRequest(image, None, EditParameters("make the chair red", preserve=preserve)))


def test_what_compositing_hides_can_be_seen(editor, image, mask):
    parameters = EditParameters("make the chair red", steps=3, preserve="strict", feather=0)
    state = editor.prepare(Pix2PixRequest(image, mask, parameters))
    while not state.done:
        editor.denoise_step([state])
    outside, made = mask[0] == 0, editor.uncomposited(state)
    assert np.array_equal(editor.finish(state).image[outside], image[outside])
    assert made.shape == image.shape
    assert (made != image).any(axis=2)[outside].mean() > 0.5
    assert not np.array_equal(made, editor.encoder.decode(state.latents))  # blended latents hide it too
