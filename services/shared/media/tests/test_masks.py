import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from langdesign_media import InvalidMask, mask_to_rle, rle_to_mask
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
