"""What a path changed of the root, as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdesign_design.areas import Area
from langdesign_design.caching import ComposedPicture
from langdesign_design.errors import PatchError
from langdesign_design.keyframes import Keyframe
from langdesign_design.testing import box, noise

SIZE = 20, 30


def keyframe(rows, profile=b"colours"):
    root = noise(*SIZE)
    pixels = root.copy()
    pixels[:rows] ^= 1
    return root, Keyframe.of(root, ComposedPicture(pixels, profile, Area.of(box(SIZE, 0, 0, 5, 5)))), pixels


@given(st.integers(0, 20))
def test_a_keyframe_makes_the_picture_of_the_root_or_alone(rows):
    root, made, pixels = keyframe(rows)

    data = made.encode()
    found = Keyframe.decode(data)

    assert Keyframe.needs_root(data) == (rows <= 10)
    assert np.array_equal(found.patch.applied_to(root), pixels)
    assert found.patch.touched.pixels == 25
    if found.whole:
        assert np.array_equal(found.picture.pixels, pixels)
        assert found.picture.profile == b"colours"


@given(st.integers(0, 20), st.data())
def test_a_keyframe_that_was_cut_is_refused(rows, data):
    whole = keyframe(rows)[1].encode()

    with pytest.raises(PatchError):
        Keyframe.decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_a_keyframe_of_a_later_version_or_of_something_else_is_refused():
    data = keyframe(3)[1].encode()

    with pytest.raises(PatchError, match="version 2, and 1 is known"):
        Keyframe.needs_root(data[:7] + b"\x02" + data[8:])
    with pytest.raises(PatchError, match="no keyframe"):
        Keyframe.decode(keyframe(3)[1].patch.encode())
