import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from langdesign_media import (
    Box,
    InvalidBox,
    InvalidMask,
    box_mask,
    coverage,
    mask_to_rle,
    rle_to_mask,
    tight_box,
)
from pycocotools import mask as coco

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40))
offline = settings(deadline=None, database=None, derandomize=True)


@offline
@given(masks)
def test_run_lengths_equal_those_of_pycocotools(mask):
    counts = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    assert mask_to_rle(mask) == counts
    height, width = mask.shape
    np.testing.assert_array_equal(rle_to_mask(counts, width=width, height=height), mask)


def test_the_largest_mask_comes_back():
    mask = np.zeros((8192, 8192), np.bool_)
    mask[-1, -1] = True
    np.testing.assert_array_equal(rle_to_mask(mask_to_rle(mask), width=8192, height=8192), mask)


@offline
@given(
    st.one_of(st.text(max_size=40), st.text(st.characters(min_codepoint=48, max_codepoint=111), max_size=40))
)
def test_any_string_is_a_mask_of_the_size_or_refused(counts):
    try:
        mask = rle_to_mask(counts, width=5, height=4)
    except InvalidMask:
        event("refused")
    else:
        assert mask.shape == (4, 5)


def test_runs_that_overflow_the_picture_are_refused():
    counts = mask_to_rle(np.ones((10, 10), np.bool_))
    with pytest.raises(InvalidMask, match="do not fill 10x9 pixels"):
        rle_to_mask(counts, width=10, height=9)


@offline
@given(masks)
def test_the_tight_box_holds_the_whole_mask_and_no_less_would(mask):
    box = tight_box(mask)
    if box is None:
        assert not mask.any()
        return
    height, width = mask.shape
    inside = box_mask(box, width=width, height=height)
    assert not (mask & ~inside).any()
    rows, columns = mask.any(axis=1), mask.any(axis=0)
    assert rows[[box.y, box.y + box.height - 1]].all()
    assert columns[[box.x, box.x + box.width - 1]].all()


def test_coverage_is_the_share_inside():
    assert coverage(box_mask(Box(0, 0, 2, 2), width=4, height=4)) == 0.25


@pytest.mark.parametrize("box", [Box(3, 0, 2, 1), Box(0, 0, 1, 5), Box(-1, 0, 1, 1), Box(0, 0, 0, 1)])
def test_a_box_beyond_the_picture_is_refused_naming_its_size(box):
    with pytest.raises(InvalidBox, match="4x4 as displayed; keep it within the picture"):
        box_mask(box, width=4, height=4)
