"""A region of a photo is shown to the network at the network's size; its edit comes back at the photo's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdesign_edits.errors import InvalidRegion, UnworkableShape
from langdesign_edits.focus import Focus, choose, crop, crop_mask, whole
from langdesign_edits.preserve import Preserve
from langdesign_edits.put_back import feather_width, in_sketch, put_back
from PIL import Image

WORKING, MULTIPLE = 128, 32


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Light that changes slowly, a thing with a sharp edge and a weave, and grain."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    picture = np.stack(
        [90 + 60 * rows / height, 120 + 40 * columns / width, 130 - 30 * rows / height], axis=2
    )
    thing = thing_in(height, width)
    picture[thing] = shaded(height, width)[thing][:, None] * (50.0, 70.0, 130.0)
    grain = np.random.default_rng(seed).normal(0, 3, (height, width, 1))
    return np.rint(picture + grain).clip(0, 255).astype(np.uint8)


def shaded(height: int, width: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return 1 + 0.25 * np.sin(columns * 2) * np.sin(rows * 2) + 0.25 * np.sin((rows - columns) / 15)


def thing_in(height: int, width: int) -> np.ndarray:
    return rectangle(height, width, height // 4, width // 3, height // 3, width // 4)


def rectangle(height: int, width: int, top: int, left: int, rows: int, columns: int) -> np.ndarray:
    mask = np.zeros((height, width), np.bool_)
    mask[top : top + rows, left : left + columns] = True
    return mask


def distortion(focus: Focus) -> float:
    return abs(np.log(focus.box.height / focus.size[0] / (focus.box.width / focus.size[1])))


def padded_area(focus: Focus, multiple: int) -> int:
    rows, columns = (-(-side // multiple) * multiple for side in focus.size)
    return rows * columns


def enlarge(picture: np.ndarray, edited: np.ndarray, focus: Focus) -> np.ndarray:
    return put_back(picture, edited, focus, None, preserve=Preserve.NONE, feather=0)


def recoloured(small: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(mask[..., None], np.uint8(255) - small, small)


# What the network sees


@pytest.mark.parametrize(
    ("height", "width"), [(3000, 4000), (4000, 3000), (6000, 8000), (1080, 1920), (768, 1024)]
)
def test_a_whole_photo_is_shown_at_the_networks_area_and_its_own_aspect(height, width):
    focus = choose(height, width, None, 512, 64)
    assert focus.box == (0, 0, height, width)
    assert not focus.native
    assert focus.size[0] % 64 == 0
    assert focus.size[1] % 64 == 0
    assert 0.6 * 512**2 <= focus.size[0] * focus.size[1] <= 512**2
    assert distortion(focus) <= 0.05


@pytest.mark.parametrize(("height", "width"), [(512, 512), (480, 500), (8, 64), (100, 100)])
def test_a_picture_no_larger_than_the_networks_size_is_taken_as_it_is(height, width):
    mask = rectangle(height, width, 2, 2, 4, 4)
    assert choose(height, width, mask, 512, 64) == whole(height, width)
    assert whole(height, width).native
    assert whole(height, width).scale == 1


def test_a_pixel_in_48_megapixels_is_seen_with_a_working_size_of_context():
    mask = rectangle(6000, 8000, 5999, 4000, 1, 1)
    focus = choose(6000, 8000, mask, 512, 64)
    assert focus.size == (512, 512) == focus.box[2:]
    assert focus.scale == 1
    assert np.count_nonzero(crop_mask(mask, focus)) == 1


def test_a_region_that_touches_every_border_is_seen_with_the_whole_picture():
    mask = np.zeros((900, 1200), np.bool_)
    mask[[0, -1], :] = mask[:, [0, -1]] = True
    focus = choose(900, 1200, mask, WORKING, MULTIPLE)
    assert focus.box == (0, 0, 900, 1200)
    assert crop_mask(mask, focus)[[0, -1], :].all()
    assert crop_mask(mask, focus)[:, [0, -1]].all()


def test_an_empty_region_is_the_whole_picture():
    empty = np.zeros((900, 1200), np.bool_)
    assert choose(900, 1200, empty, WORKING, MULTIPLE) == choose(900, 1200, None, WORKING, MULTIPLE)


def test_a_thread_of_a_picture_cannot_be_scaled_but_a_region_of_it_can_be_shown():
    with pytest.raises(UnworkableShape, match="65000x8 px"):
        choose(8, 65000, None, 512, 64)
    focus = choose(8, 65000, rectangle(8, 65000, 2, 30000, 3, 20), 512, 64)
    assert focus.scale == 1
    assert focus.box.height == 8
    assert padded_area(focus, 64) <= 512**2


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(InvalidRegion, match="is 90x70 px, the picture 1200x900"):
        choose(900, 1200, np.ones((70, 90), np.bool_), WORKING, MULTIPLE)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_region_is_shown_whole_with_context_never_enlarged_never_larger_than_the_network_works_at(data):
    height, width = data.draw(st.integers(40, 900)), data.draw(st.integers(40, 900))
    rows, columns = data.draw(st.integers(1, height)), data.draw(st.integers(1, width))
    top, left = data.draw(st.integers(0, height - rows)), data.draw(st.integers(0, width - columns))
    multiple = data.draw(st.sampled_from([8, 16, 32]))
    mask = rectangle(height, width, top, left, rows, columns)
    focus = choose(height, width, mask, WORKING, multiple)
    box = focus.box
    reach = max(rows, columns) // 2
    assert 0 <= box.top <= max(0, top - reach)
    assert 0 <= box.left <= max(0, left - reach)
    assert min(height, top + rows + reach) <= box.top + box.height <= height
    assert min(width, left + columns + reach) <= box.left + box.width <= width
    assert focus.size[0] <= box.height
    assert focus.size[1] <= box.width
    assert focus.native or distortion(focus) <= 0.06
    assert focus.native or padded_area(focus, multiple) <= WORKING**2
    small = crop_mask(mask, focus)
    assert small.shape == focus.size == crop(np.zeros((height, width, 3), np.uint8), focus).shape[:2]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_pixel_of_the_network_is_inside_exactly_if_the_region_has_a_pixel_in_it(data):
    height, width = data.draw(st.integers(129, 300)), data.draw(st.integers(129, 300))
    mask = np.random.default_rng(data.draw(st.integers(0, 99))).random((height, width)) < 0.002
    focus = choose(height, width, None, WORKING, MULTIPLE)
    expected = np.zeros(focus.size, np.bool_)
    for row, column in np.argwhere(mask):
        rows = slice(row * focus.size[0] // height, -(-(row + 1) * focus.size[0] // height))
        columns = slice(column * focus.size[1] // width, -(-(column + 1) * focus.size[1] // width))
        expected[rows, columns] = True
    np.testing.assert_array_equal(crop_mask(mask, focus), expected)


def test_a_crop_is_what_pillow_makes_of_the_whole_box_though_worked_on_in_bands():
    picture = photo(1500, 2000)
    focus = choose(1500, 2000, None, WORKING, MULTIPLE)
    at_once = Image.fromarray(picture).resize(focus.size[::-1], Image.Resampling.LANCZOS)
    apart = np.abs(crop(picture, focus).astype(int) - np.asarray(at_once))
    assert apart.max() <= 1


# What comes back


@pytest.mark.parametrize("preserve", Preserve)
@pytest.mark.parametrize("channels", [3, 4])
def test_a_network_that_returns_its_input_changes_no_pixel(preserve, channels):
    picture = photo(700, 900)
    if channels == 4:
        picture = np.dstack([picture, picture[..., 0]])
    mask = thing_in(700, 900)
    focus = choose(700, 900, mask, WORKING, MULTIPLE)
    assert focus.scale > 2
    back = put_back(picture, crop(picture, focus), focus, mask, preserve=preserve, feather=8)
    np.testing.assert_array_equal(back, picture)
    everything = choose(700, 900, None, WORKING, MULTIPLE)
    np.testing.assert_array_equal(enlarge(picture, crop(picture, everything), everything), picture)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_strict_changes_no_pixel_beyond_the_feather_whatever_the_network_returns(data):
    height, width = data.draw(st.integers(140, 400)), data.draw(st.integers(140, 400))
    rows, columns = data.draw(st.integers(1, height // 2)), data.draw(st.integers(1, width // 2))
    top, left = data.draw(st.integers(0, height - rows)), data.draw(st.integers(0, width - columns))
    feather = data.draw(st.integers(0, 16))
    mask, picture = rectangle(height, width, top, left, rows, columns), photo(height, width)
    focus = choose(height, width, mask, WORKING, MULTIPLE)
    noise = np.random.default_rng(0).integers(0, 256, (*focus.size, 3), np.uint8)
    back = put_back(picture, noise, focus, mask, preserve=Preserve.STRICT, feather=feather)
    reach = feather_width(focus, mask, feather)
    assert reach <= round(feather * focus.scale)
    near = np.zeros_like(mask)
    near[max(0, top - reach) : top + rows + reach, max(0, left - reach) : left + columns + reach] = True
    np.testing.assert_array_equal(back[~near], picture[~near])
    assert (back[mask] != picture[mask]).mean() > 0.9


def test_the_feather_is_as_much_wider_as_the_picture_is_larger():
    mask = rectangle(1200, 1200, 400, 400, 300, 300)
    picture = np.full((1200, 1200, 3), 100, np.uint8)
    focus = choose(1200, 1200, mask, WORKING, MULTIPLE)
    edited = np.full((*focus.size, 3), 200, np.uint8)
    back = put_back(picture, edited, focus, mask, preserve=Preserve.STRICT, feather=8)
    changed = np.flatnonzero(back[550, :, 0] != 100)
    wide = feather_width(focus, mask, 8)
    assert wide == round(8 * focus.scale)
    assert focus.scale > 4
    assert changed[0] in range(400 - wide, 400 - wide + 3)
    assert changed[-1] in range(700 + wide - 3, 700 + wide)
    assert (back[mask] == 200).all()


@pytest.mark.parametrize("preserve", Preserve)
def test_nothing_shows_where_an_edit_ends(preserve):
    picture, mask = photo(800, 800), rectangle(800, 800, 300, 250, 200, 250)
    focus = choose(800, 800, mask, WORKING, MULTIPLE)
    brighter = crop(picture, focus) + np.uint8(40)
    back = put_back(picture, brighter, focus, mask, preserve=preserve, feather=8)
    steps = [np.abs(np.diff(image.astype(int), axis=axis)) for image in (picture, back) for axis in (0, 1)]
    outside = np.ones((800, 800), np.bool_)
    outside[focus.box.slices] = False
    np.testing.assert_array_equal(back[outside], picture[outside])
    for before, after in zip(steps[:2], steps[2:], strict=True):
        # Over some 30 px or more, 40 levels are to be climbed: a level or so each, beside grain of 3.
        assert after.mean() <= before.mean() + 0.2
        assert after.max() <= before.max() + 10


def test_what_was_recoloured_keeps_its_weave_in_the_new_colour():
    height, width = 800, 1000
    picture, mask = photo(height, width), thing_in(height, width)
    truth = picture.copy()
    truth[mask] = (shaded(height, width)[mask][:, None] * (140.0, 40.0, 50.0)).round()
    focus = choose(height, width, mask, WORKING, MULTIPLE)
    back = put_back(picture, crop(truth, focus), focus, mask, preserve=Preserve.STRICT, feather=0)
    blurred = Image.fromarray(crop(truth, focus)).resize(focus.box[:1:-1], Image.Resampling.BICUBIC)
    plain = truth.copy()
    plain[focus.box.slices] = np.asarray(blurred)
    assert error(back, truth, mask) < 0.6 * error(plain, truth, mask)


def test_what_was_removed_leaves_no_trace_of_its_edges_and_its_weave():
    height, width = 800, 1000
    picture, mask = photo(height, width), thing_in(height, width)
    rows, columns = np.mgrid[:height, :width]
    truth = photo(height, width, seed=1)
    behind = 100 + 40 * np.sin(rows / 40) + 40 * np.sin(columns / 30)
    truth[mask] = behind[mask][:, None].astype(np.uint8)
    focus = choose(height, width, mask, WORKING, MULTIPLE)
    back = put_back(picture, crop(truth, focus), focus, mask, preserve=Preserve.STRICT, feather=0)
    inner = rectangle(height, width, height // 4 + 20, width // 3 + 20, height // 3 - 40, width // 4 - 40)
    assert error(back, truth, inner) < 3


def test_grain_gets_at_most_twice_as_strong_where_a_new_colour_begins_within_a_thing():
    rows, columns = np.mgrid[:900, :1200].astype(np.float32)
    light = 150 + 20 * np.sin(rows / 90) + 20 * np.sin(columns / 70)
    coloured = light[..., None] * (1.0, 0.9, 0.8)
    grain = np.random.default_rng(0).normal(0, 4, (900, 1200, 1))
    picture = np.rint(coloured + grain).clip(0, 255).astype(np.uint8)
    share = np.clip((columns - 560) / 80, 0, 1)[..., None]
    smooth = np.rint(coloured + share * ((30, 60, 140) - coloured)).astype(np.uint8)
    focus = choose(900, 1200, None, WORKING, MULTIPLE)
    back = enlarge(picture, crop(smooth, focus), focus)
    begins = np.s_[20:880, 540:660]
    assert grain_of(back)[begins].max() <= 2.1 * grain_of(picture)[begins].max()


def grain_of(picture: np.ndarray) -> np.ndarray:
    """What neighbours differ by, root mean square over 20 x 20 px, `[H, W, 3]`."""
    apart = np.diff(picture.astype(np.float32), axis=1, append=0)
    tiles = np.square(apart).reshape(45, 20, 60, 20, 3).mean(axis=(1, 3), keepdims=True)
    return np.broadcast_to(np.sqrt(tiles), (45, 20, 60, 20, 3)).reshape(picture.shape)


def error(one: np.ndarray, other: np.ndarray, mask: np.ndarray) -> float:
    return float(np.sqrt(np.square(one[mask].astype(float) - other[mask]).mean()))


def test_a_crop_that_was_not_scaled_comes_back_as_the_network_made_it():
    picture, mask = photo(400, 500), rectangle(400, 500, 150, 200, 20, 30)
    focus = choose(400, 500, mask, WORKING, MULTIPLE)
    assert focus.scale == 1
    edited = recoloured(crop(picture, focus), crop_mask(mask, focus))
    back = put_back(picture, edited, focus, mask, preserve=Preserve.STRICT, feather=0)
    np.testing.assert_array_equal(back, recoloured(picture, mask))


def test_a_whole_edit_comes_back_with_the_photos_detail():
    picture = photo(900, 1200)
    focus = choose(900, 1200, None, WORKING, MULTIPLE)
    truth = np.rint(picture * np.array([0.9, 0.6, 0.4])).astype(np.uint8)
    back = enlarge(picture, crop(truth, focus), focus)
    everywhere = np.ones((900, 1200), np.bool_)
    plain = Image.fromarray(crop(truth, focus)).resize((1200, 900), Image.Resampling.BICUBIC)
    assert error(back, truth, everywhere) < 0.4 * error(np.asarray(plain), truth, everywhere)


def test_an_edit_of_another_size_than_the_focus_is_refused():
    picture = photo(400, 500)
    focus = choose(400, 500, None, WORKING, MULTIPLE)
    with pytest.raises(ValueError, match="give one of the focus' size"):
        enlarge(picture, picture, focus)


def test_a_preview_of_a_crop_lies_where_the_crop_does():
    picture, mask = np.zeros((800, 1000, 3), np.uint8), rectangle(800, 1000, 500, 600, 200, 200)
    focus = choose(800, 1000, mask, WORKING, MULTIPLE)
    preview = np.full((focus.size[0] // 8, focus.size[1] // 8, 3), 255, np.uint8)
    sketch = in_sketch(preview, picture, focus)
    scale = focus.box.height / preview.shape[0]
    assert sketch.shape[0] == pytest.approx(800 / scale, abs=1)
    rows, columns = np.nonzero(sketch[..., 0])
    assert rows.min() * scale == pytest.approx(focus.box.top, abs=scale)
    assert columns.min() * scale == pytest.approx(focus.box.left, abs=scale)
    assert np.count_nonzero(sketch[..., 0]) == preview[..., 0].size
