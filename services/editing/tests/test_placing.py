"""Where an added thing may go, by the relation to its anchor."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdesign_editing.placing import place
from langdesign_editing.plans import Relation

RELATIONS = list(Relation)
TOP, BOTTOM, LEFT, RIGHT = 40, 60, 30, 70  # of the anchor, exclusive


def anchor():
    mask = np.zeros((100, 120), dtype=np.bool_)
    mask[TOP:BOTTOM, LEFT:RIGHT] = True
    return mask


def rows_and_columns(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (rows[0], rows[-1] + 1), (columns[0], columns[-1] + 1)


def test_on_is_the_anchor_and_the_room_over_it():
    rows, columns = rows_and_columns(place(anchor(), Relation.ON))

    assert rows == (TOP - 30, BOTTOM)
    assert columns == (LEFT, RIGHT)


def test_above_leaves_the_anchor_as_it_is():
    rows, columns = rows_and_columns(place(anchor(), Relation.ABOVE))

    assert rows == (TOP - 30, TOP)
    assert columns == (LEFT, RIGHT)


def test_beside_is_both_sides_and_not_the_anchor():
    placed = place(anchor(), Relation.BESIDE)

    assert not (placed & anchor()).any()
    assert placed[BOTTOM - 1, LEFT - 1]
    assert placed[BOTTOM - 1, RIGHT]
    assert rows_and_columns(placed)[1] == (LEFT - 30, RIGHT + 30)


@pytest.mark.parametrize(("relation", "x"), [(Relation.LEFT, LEFT - 1), (Relation.RIGHT, RIGHT)])
def test_a_side_is_that_side_alone(relation, x):
    placed = place(anchor(), relation)

    assert placed[TOP, x]
    assert placed.sum() == placed[:, min(x, LEFT) : max(x + 1, RIGHT)].sum() + _beyond(placed, x)


def _beyond(placed, x):
    return placed[:, :x].sum() if x < LEFT else placed[:, x + 1 :].sum()


def test_below_starts_among_the_anchor_s_legs():
    rows, _ = rows_and_columns(place(anchor(), Relation.BELOW) & ~anchor())

    assert rows == ((TOP + BOTTOM) // 2, BOTTOM + 15)


def test_on_a_large_surface_is_not_the_whole_picture():
    floor = np.zeros((100, 100), dtype=np.bool_)
    floor[70:] = True

    rows, _ = rows_and_columns(place(floor, Relation.ON))

    assert rows == (30, 100)


def test_nothing_above_an_anchor_at_the_top_is_the_anchor():
    ceiling = np.zeros((10, 10), dtype=np.bool_)
    ceiling[:2] = True

    assert (place(ceiling, Relation.ABOVE) == ceiling).all()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(RELATIONS),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 39),
    st.integers(0, 39),
    st.integers(1, 12),
)
def test_a_place_is_within_the_picture_and_never_empty(relation, height, width, y, x, side):
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[y % height : y % height + side, x % width : x % width + side] = True

    placed = place(mask, relation)

    assert placed.shape == mask.shape
    assert placed.any()


def test_no_anchor_is_no_place():
    empty = np.zeros((4, 4), dtype=np.bool_)

    assert not place(empty, Relation.ON).any()
