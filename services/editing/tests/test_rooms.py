"""Free places for things that are added without a place."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from langdesign_editing.plans import Relation
from langdesign_editing.rooms import find_room
from langdesign_edits import tight_box

HEIGHT, WIDTH = 240, 320
WALL = np.zeros((HEIGHT, WIDTH), bool)
WALL[:150] = True
FLOOR = ~WALL


def without(mask, top, left, bottom, right):
    rest = mask.copy()
    rest[top:bottom, left:right] = False
    return rest


def test_a_standing_thing_has_its_foot_on_the_floor_and_rises_before_the_wall():
    room = find_room([("the floor", FLOOR), ("the wall", WALL)], Relation.ON)
    assert room is not None
    assert room.surface == "the floor"
    box = tight_box(room.mask)
    assert box.y < 150 < box.y + box.height
    assert room.mask.sum() == box.width * box.height


def test_a_standing_thing_hides_no_furniture():
    bed = (90, 0, 220, 200)
    room = find_room([("the floor", without(FLOOR, *bed)), ("the wall", without(WALL, *bed))], Relation.ON)
    assert room is not None
    assert room.mask[90:220, :200].sum() < 0.15 * room.mask.sum()


def test_a_rug_lies_within_the_floor():
    room = find_room([("the floor", FLOOR)], Relation.INSIDE)
    assert room is not None
    assert not (room.mask & ~FLOOR).any()
    box = tight_box(room.mask)
    assert box.width > 1.5 * box.height


def test_a_picture_hangs_on_the_wall_clear_of_the_window():
    window = (20, 120, 120, 320)
    room = find_room([("the wall", without(WALL, *window))], Relation.INSIDE)
    assert room is not None
    assert room.mask.sum() > 1000
    assert not (room.mask & ~without(WALL, *window)).any()


def test_a_lamp_hangs_from_the_ceiling():
    ceiling = np.zeros((HEIGHT, WIDTH), bool)
    ceiling[:30] = True
    room = find_room([("the ceiling", ceiling), ("the wall", WALL & ~ceiling)], Relation.BELOW)
    assert room is not None
    assert room.surface == "the ceiling"
    box = tight_box(room.mask)
    assert box.y < 30 < box.y + box.height


def test_the_second_surface_serves_where_the_first_is_full():
    table = np.zeros((HEIGHT, WIDTH), bool)
    table[150:154, 10:14] = True
    room = find_room([("the table", table), ("the floor", FLOOR), ("the wall", WALL)], Relation.ON)
    assert room is not None
    assert room.surface == "the floor"


def test_what_is_occupied_is_left_free():
    occupied = np.zeros((HEIGHT, WIDTH), bool)
    occupied[:, :160] = True
    room = find_room([("the floor", FLOOR), ("the wall", WALL)], Relation.ON, occupied)
    assert room is not None
    assert not (room.mask & occupied)[:, :150].any()


def test_there_may_be_no_room():
    assert find_room([], Relation.ON) is None
    assert find_room([("the floor", np.zeros((HEIGHT, WIDTH), bool))], Relation.ON) is None
    strip = np.zeros((HEIGHT, WIDTH), bool)
    strip[:, :9] = True
    assert find_room([("the wall", strip)], Relation.INSIDE) is None


@given(
    st.integers(1, 400),
    st.integers(1, 400),
    st.integers(0, 99),
    st.sampled_from(["the floor", "the wall", "the ceiling", "the table", "", " "]),
    st.sampled_from(Relation),
)
def test_any_surface_gives_a_mask_of_its_size_or_nothing(height, width, seed, name, relation):
    mask = np.random.default_rng(seed).random((height, width)) < 0.97
    room = find_room([(name, mask)], relation)
    assert room is None or (room.mask.shape == mask.shape and room.mask.any())
