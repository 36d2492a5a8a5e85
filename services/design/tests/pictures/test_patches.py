"""What an edit changed, exactly, and as bytes."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from langdesign_design.areas import Area
from langdesign_design.errors import PatchError
from langdesign_design.patches import Patch
from langdesign_design.testing import blended, box, noise

SIDES = st.integers(1, 40)


@st.composite
def edits(draw):
    """A picture, another one that differs in any pixels, and what the edit was to change."""
    height, width, channels = draw(SIDES), draw(SIDES), draw(st.sampled_from([3, 4]))
    seed = draw(st.integers(0, 2**32 - 1))
    parent = noise(height, width, channels, seed)
    masks = stn.arrays(np.bool_, (height, width))
    changed, touched = draw(masks), draw(masks)
    child = parent.copy()
    child[changed] = noise(height, width, channels, seed + 1)[changed]
    return parent, child, touched


@given(edits())
def test_a_patch_makes_the_child_of_the_parent_through_its_bytes(edit):
    parent, child, touched = edit

    patch = Patch.decode(Patch.between(parent, child, Area.of(touched)).encode())

    assert np.array_equal(patch.applied_to(parent), child)
    assert np.array_equal(patch.changed.on_picture(), (parent != child).any(axis=2))
    assert np.array_equal(patch.touched.on_picture(), touched)


@given(edits(), st.integers(0, 2**32 - 1))
def test_pixels_that_a_patch_did_not_change_are_those_of_any_picture_it_is_applied_to(edit, seed):
    parent, child, touched = edit
    patch = Patch.between(parent, child, Area.of(touched))
    other = noise(*parent.shape, seed=seed)

    result = patch.applied_to(other)

    outside = (parent == child).all(axis=2)
    assert np.array_equal(result[outside], other[outside])
    assert np.array_equal(result[~outside], child[~outside])


@given(edits(), st.data())
def test_bytes_that_were_damaged_anywhere_are_refused(edit, data):
    parent, child, touched = edit
    whole = Patch.between(parent, child, Area.of(touched)).encode()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = data.draw(st.integers(1, 255))
    damaged = whole[:place] + bytes([whole[place] ^ flipped]) + whole[place + 1 :]

    with pytest.raises(PatchError):
        Patch.decode(damaged)
    with pytest.raises(PatchError):
        Patch.decode(whole[:place])
    with pytest.raises(PatchError):
        Patch.decode(whole + whole[: place + 1])


@given(edits(), st.data())
def test_bytes_that_were_forged_with_a_right_check_are_refused_or_a_patch(edit, data):
    parent, child, touched = edit
    body = bytearray(Patch.between(parent, child, Area.of(touched)).encode()[:-4])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(8, len(body) - 1))] = data.draw(st.integers(0, 255))
    forged = bytes(body) + zlib.crc32(body).to_bytes(4, "big")

    try:
        patch = Patch.decode(forged, most_pixels=10_000)
    except PatchError:
        return
    height, width = patch.size
    patch.applied_to(np.zeros((height, width, patch.channels), np.uint8))


def test_a_no_op_is_an_empty_patch_of_a_hundred_bytes():
    picture = noise(300, 200)

    data = Patch.between(picture, picture.copy(), Area.none((300, 200))).encode()

    patch = Patch.decode(data)
    assert len(data) < 100
    assert patch.changed.pixels == 0
    assert np.array_equal(patch.applied_to(picture), picture)


def test_an_edit_of_the_whole_picture_needs_no_masks():
    parent, child = noise(60, 80, 4), noise(60, 80, 4, seed=1)

    patch = Patch.decode(Patch.between(parent, child, Area.whole((60, 80))).encode())

    assert patch.touched.everything
    assert np.array_equal(patch.applied_to(parent), child)


def test_colours_under_full_transparency_are_kept():
    parent = noise(9, 7, 4)
    parent[..., 3] = 0
    child = parent.copy()
    child[4, 3, :3] ^= 255

    patch = Patch.between(parent, child, Area.none((9, 7)))

    assert patch.changed.pixels == 1
    assert np.array_equal(patch.applied_to(parent), child)


def test_a_patch_is_as_large_as_what_changed_not_as_the_picture():
    parent = noise(1000, 1000)
    mask = box((1000, 1000), 100, 200, 50, 60)
    child = blended(parent, mask, 4, seed=1)

    data = Patch.between(parent, child, Area.of(mask)).encode()

    assert len(data) < 1.1 * 3 * 58 * 68


def test_pictures_of_different_sizes_or_channels_have_no_patch():
    for other in (noise(9, 8), noise(8, 9, 4), noise(9, 8, 4)):
        with pytest.raises(PatchError, match="cannot be compared"):
            Patch.between(noise(8, 9), other, Area.none((8, 9)))


def test_a_patch_of_another_size_is_not_applied():
    patch = Patch.between(noise(8, 9), noise(8, 9, seed=1), Area.none((8, 9)))

    with pytest.raises(PatchError, match="9x8 pixels in 3 channels does not fit a picture of 8x9"):
        patch.applied_to(noise(9, 8))


def test_a_later_version_is_refused_as_such():
    data = Patch.between(noise(2, 2), noise(2, 2), Area.none((2, 2))).encode()

    with pytest.raises(PatchError, match="version 2, and 1 is known"):
        Patch.decode(data[:7] + b"\x02" + data[8:])


def test_a_patch_of_too_large_a_picture_is_refused_before_it_is_unpacked():
    data = Patch.between(noise(40, 50), noise(40, 50, seed=1), Area.whole((40, 50))).encode()

    with pytest.raises(PatchError, match="50x40 pixels"):
        Patch.decode(data, most_pixels=1999)


@given(st.data())
def test_areas_join_and_overlap_as_masks_do(data):
    masks = stn.arrays(np.bool_, (data.draw(SIDES), data.draw(SIDES)))
    one, other = data.draw(masks), None
    other = data.draw(stn.arrays(np.bool_, one.shape))

    first, second = Area.of(one), Area.of(other)

    assert np.array_equal(first.union(second).on_picture(), one | other)
    assert first.overlap(second) == np.count_nonzero(one & other)
    assert first.pixels == np.count_nonzero(one)
