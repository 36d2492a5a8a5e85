import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from langdesign_media.png import write_bits, write_png
from PIL import Image

shapes = st.tuples(st.integers(1, 30), st.integers(1, 30), st.sampled_from([1, 3, 4]))


@settings(deadline=None, database=None, derandomize=True)
@given(hnp.arrays(np.uint8, shapes))
def test_every_pixel_comes_back_through_another_reader(pixels):
    read = np.asarray(Image.open(io.BytesIO(write_png(pixels))))
    np.testing.assert_array_equal(read.reshape(pixels.shape), pixels)


@pytest.mark.parametrize("part", [np.s_[::2, ::3], np.s_[::-1, :, ::-1]])
def test_views_into_other_arrays_are_written_right(part):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)[part]
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(write_png(pixels)))), pixels)


@settings(deadline=None, database=None, derandomize=True)
@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_a_mask_is_written_as_bits(mask):
    image = Image.open(io.BytesIO(write_bits(mask)))
    assert image.mode == "1"
    np.testing.assert_array_equal(np.asarray(image), mask)
