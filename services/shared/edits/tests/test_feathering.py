import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from langdesign_edits import default_feather, dilated, feathered

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))
offline = settings(deadline=None, database=None, derandomize=True)


@offline
@given(masks, st.integers(0, 14))
def test_dilation_holds_every_pixel_within_the_radius_and_no_other(mask, radius):
    rows, columns = np.indices(mask.shape)
    expected = np.zeros_like(mask)
    for y, x in np.argwhere(mask):
        expected |= np.maximum(abs(rows - y), abs(columns - x)) <= radius
    np.testing.assert_array_equal(dilated(mask, radius), expected)


@offline
@given(masks, st.integers(0, 14))
def test_an_edit_shows_wholly_on_its_mask_and_never_beyond_its_feather(mask, feather):
    weights = feathered(mask, feather)
    assert (weights[mask] == 1).all()
    assert not weights[~dilated(mask, feather)].any()
    assert ((weights >= 0) & (weights <= 1)).all()


@pytest.mark.parametrize("feather", [0, 1, 2, 7, 16])
def test_the_feather_falls_from_the_mask_to_nothing_at_its_width(feather):
    mask = np.zeros((60, 60), bool)
    mask[28:33, 28:33] = True
    profile = feathered(mask, feather)[30, 32:]
    assert (np.diff(profile) <= 1e-6).all()
    assert profile[-1] == 0


@pytest.mark.parametrize(("working", "feather"), [(1024, 16), (512, 8), (128, 2), (16, 1)])
def test_a_network_that_sees_less_has_a_narrower_feather(working, feather):
    assert default_feather(working) == feather
