"""A small region is shown to a network enlarged, where its checkpoint says that it may be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdesign_edits.focus import Focus, choose, crop, crop_mask, whole
from langdesign_edits.preserve import Preserve
from langdesign_edits.put_back import feather_width, in_sketch, put_back

WORKING, MULTIPLE = 128, 32


def rectangle(height: int, width: int, top: int, left: int, rows: int, columns: int) -> np.ndarray:
    mask = np.zeros((height, width), np.bool_)
    mask[top : top + rows, left : left + columns] = True
    return mask


def painted(height: int, width: int) -> np.ndarray:
    """Soft light, a bar with sharp edges, and grain."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    picture = np.stack([80 + 90 * rows / height, 200 - 80 * columns / width, 100 + 20 * np.sin(rows / 5)], 2)
    picture[height // 3 : height // 2, width // 4 : width // 2] = (60, 40, 160)
    grain = np.random.default_rng(0).normal(0, 3, picture.shape)
    return np.rint(picture + grain).clip(0, 255).astype(np.uint8)


def test_a_small_region_of_a_picture_of_the_working_size_becomes_a_crop_that_fills_it():
    focus = choose(128, 128, rectangle(128, 128, 50, 60, 20, 16), WORKING, MULTIPLE, enlargement=2)
    assert focus.box[2:] == (64, 64)
    assert focus.size == (128, 128)
    assert not focus.native
    assert focus.scale == 0.5
    assert focus.box.top <= 40
    assert focus.box.left <= 50


@pytest.mark.parametrize("mask", [None, np.zeros((128, 128), np.bool_), rectangle(128, 128, 20, 20, 90, 90)])
def test_what_has_no_small_region_stays_native(mask):
    assert choose(128, 128, mask, WORKING, MULTIPLE, enlargement=3) == whole(128, 128)


def test_a_crop_that_would_hardly_enlarge_its_region_is_not_made():
    mask = rectangle(128, 128, 40, 40, 56, 56)  # with its context 112 px: enlarged 1.14 times
    assert choose(128, 128, mask, WORKING, MULTIPLE, enlargement=3) == whole(128, 128)
    assert not choose(128, 128, mask, WORKING, MULTIPLE, 0.25, enlargement=3).native


def test_a_thread_that_cannot_be_enlarged_stays_native():
    assert choose(8, 1500, rectangle(8, 1500, 2, 300, 4, 900), WORKING, MULTIPLE, enlargement=2).native


def test_a_region_of_a_photo_is_enlarged_as_one_of_a_small_picture_is():
    mask = rectangle(1500, 2000, 700, 900, 30, 30)
    plain, near = (choose(1500, 2000, mask, 512, 64, enlargement=times) for times in (1, 2.5))
    assert (plain.box[2:], plain.size) == ((512, 512), (512, 512))
    assert near.size == (512, 512)
    assert near.scale == pytest.approx(1 / 2.5, rel=0.01)
    everything = (choose(1500, 2000, None, 512, 64, enlargement=times) for times in (1, 2.5))
    assert len(set(everything)) == 1


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_region_is_shown_whole_with_context_enlarged_no_more_than_is_allowed(data):
    height, width = data.draw(st.integers(40, 500)), data.draw(st.integers(40, 500))
    rows, columns = data.draw(st.integers(1, height)), data.draw(st.integers(1, width))
    top, left = data.draw(st.integers(0, height - rows)), data.draw(st.integers(0, width - columns))
    times = data.draw(st.floats(1, 4))
    mask = rectangle(height, width, top, left, rows, columns)
    focus = choose(height, width, mask, WORKING, MULTIPLE, enlargement=times)
    box, reach = focus.box, max(rows, columns) // 2
    assert 0 <= box.top <= max(0, top - reach)
    assert 0 <= box.left <= max(0, left - reach)
    assert min(height, top + rows + reach) <= box.top + box.height <= height
    assert min(width, left + columns + reach) <= box.left + box.width <= width
    sides = zip(focus.size, (box.height, box.width), strict=True)
    assert all(shown <= times * (side + 1) for shown, side in sides)
    assert focus.native or -(-focus.size[0] // 32) * -(-focus.size[1] // 32) <= 16
    assert crop_mask(mask, focus).shape == focus.size == crop(painted(height, width), focus).shape[:2]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_an_enlarged_pixel_of_the_network_is_inside_exactly_if_it_lies_on_one_of_the_region(data):
    height, width = data.draw(st.integers(20, 60)), data.draw(st.integers(20, 60))
    mask = np.random.default_rng(data.draw(st.integers(0, 99))).random((height, width)) < 0.05
    focus = Focus(whole(height, width).box, (64, 64), native=False)
    expected = np.zeros(focus.size, np.bool_)
    for row, column in np.argwhere(mask):
        down = slice(row * 64 // height, -(-(row + 1) * 64 // height))
        expected[down, column * 64 // width : -(-(column + 1) * 64 // width)] = True
    np.testing.assert_array_equal(crop_mask(mask, focus), expected)


@pytest.mark.parametrize("preserve", Preserve)
@pytest.mark.parametrize("times", [1.3, 2, 3.7])
def test_a_network_that_returns_its_enlarged_input_changes_no_pixel(preserve, times):
    picture, mask = painted(128, 128), rectangle(128, 128, 50, 40, 12, 18)
    focus = choose(128, 128, mask, WORKING, MULTIPLE, enlargement=times)
    assert focus.scale < 1
    back = put_back(picture, crop(picture, focus), focus, mask, preserve=preserve, feather=4)
    np.testing.assert_array_equal(back, picture)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_strict_changes_no_pixel_beyond_the_feather_of_an_enlarged_crop(data):
    rows, columns = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    top, left = data.draw(st.integers(0, 128 - rows)), data.draw(st.integers(0, 128 - columns))
    feather, times = data.draw(st.integers(0, 8)), data.draw(st.floats(1.2, 4))
    mask, picture = rectangle(128, 128, top, left, rows, columns), painted(128, 128)
    focus = choose(128, 128, mask, WORKING, MULTIPLE, enlargement=times)
    noise = np.random.default_rng(0).integers(0, 256, (*focus.size, 3), np.uint8)
    back = put_back(picture, noise, focus, mask, preserve=Preserve.STRICT, feather=feather)
    reach = feather_width(focus, mask, feather)
    assert reach <= round(feather * focus.scale)
    near = np.zeros_like(mask)
    near[max(0, top - reach) : top + rows + reach, max(0, left - reach) : left + columns + reach] = True
    np.testing.assert_array_equal(back[~near], picture[~near])
    assert (back[mask] != picture[mask]).any(axis=-1).mean() > 0.9


def test_an_edit_comes_back_from_an_enlarged_crop_as_it_was_made():
    picture, mask = painted(128, 128), rectangle(128, 128, 40, 30, 24, 36)
    truth = picture.copy()
    truth[mask] = np.rint(picture[mask] * (0.4, 0.9, 0.5)).astype(np.uint8)
    focus = choose(128, 128, mask, WORKING, MULTIPLE, enlargement=2)
    assert focus.scale < 0.6
    back = put_back(picture, crop(truth, focus), focus, mask, preserve=Preserve.STRICT, feather=0)
    apart = np.abs(back.astype(int) - truth)
    assert apart[mask].mean() < 1.5
    assert apart[~mask].max() == 0


def test_the_feather_is_as_much_narrower_as_the_crop_is_enlarged():
    mask = rectangle(128, 128, 54, 54, 20, 20)
    picture = np.full((128, 128, 3), 100, np.uint8)
    focus = choose(128, 128, mask, WORKING, MULTIPLE, enlargement=2)
    edited = np.full((*focus.size, 3), 200, np.uint8)
    back = put_back(picture, edited, focus, mask, preserve=Preserve.STRICT, feather=8)
    assert feather_width(focus, mask, 8) == 4
    assert np.flatnonzero(back[64, :, 0] != 100).tolist() == list(range(50, 78))


def test_a_preview_of_an_enlarged_crop_lies_where_the_crop_does():
    picture, mask = np.zeros((128, 128, 3), np.uint8), rectangle(128, 128, 70, 60, 16, 16)
    focus = choose(128, 128, mask, WORKING, MULTIPLE, enlargement=2)
    preview = np.full((16, 16, 3), 255, np.uint8)  # of latents
    sketch = in_sketch(preview, picture, focus)
    assert sketch.shape == (32, 32, 3)
    rows, columns = np.nonzero(sketch[..., 0])
    assert (rows.min(), columns.min()) == (round(focus.box.top / 4), round(focus.box.left / 4))
    assert np.count_nonzero(sketch[..., 0]) == 16 * 16
