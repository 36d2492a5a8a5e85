import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign_editing.report import dilate, measure


@settings(deadline=None, database=None, derandomize=True)
@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)), st.integers(0, 14))
def test_dilation_holds_every_pixel_within_the_radius_and_no_other(mask, radius):
    rows, columns = np.indices(mask.shape)
    expected = np.zeros_like(mask)
    for y, x in np.argwhere(mask):
        expected |= np.maximum(abs(rows - y), abs(columns - x)) <= radius
    np.testing.assert_array_equal(dilate(mask, radius), expected)


def test_figures_are_those_of_their_definitions():
    before = np.zeros((4, 4, 3), np.uint8)
    after, mask = before.copy(), np.zeros((4, 4), bool)
    mask[:2] = True
    after[0, 0] = [30, 0, 0]
    after[3, 3] = [0, 0, 12]
    report = measure(before, after, mask, feather=0, preserve=pb.PRESERVE_LATENT)
    assert report.preserve == pb.PRESERVE_LATENT
    assert (report.inside.pixels, report.outside.pixels) == (8, 8)
    assert report.inside.changed_share == 1 / 8
    assert report.inside.mean_difference == pytest.approx(30 / 24)
    assert report.inside.psnr == pytest.approx(10 * math.log10(255**2 / (900 / 24)), rel=1e-5)
    assert report.outside.mean_difference == pytest.approx(12 / 24)


def test_the_feather_counts_as_inside():
    before = np.zeros((5, 5, 3), np.uint8)
    after, mask = before.copy(), np.zeros((5, 5), bool)
    mask[2, 2] = True
    after[1:4, 1:4] = 9
    report = measure(before, after, mask, feather=1, preserve=pb.PRESERVE_STRICT)
    assert (report.inside.pixels, report.inside.changed_share) == (9, 1)
    assert report.outside.changed_share == 0


def test_alpha_dilutes_no_figure_and_its_change_counts():
    before = np.zeros((2, 2, 4), np.uint8)
    after = before.copy()
    after[0, 0, :3] = 30
    after[1, 1, 3] = 5
    inside = measure(before, after, None, feather=0, preserve=pb.PRESERVE_NONE).inside
    assert inside.changed_share == 2 / 4
    assert inside.mean_difference == pytest.approx(30 / 4)
