from pathlib import Path

import numpy as np
import pytest
from langdesign_finetune.errors import DataError
from langdesign_finetune.pictures import load_pictures, mirrored, split_of
from langdesign_scenes.dataset import SceneSet

from .conftest import FAMILIES, SIDE, write_family, write_set


def test_every_state_of_every_family_has_a_row(rooms: SceneSet) -> None:
    pictures = load_pictures(rooms)
    assert len(pictures) == 3 * FAMILIES
    for place, family in enumerate(rooms):
        for state in range(3):
            row = pictures.row(place, state)
            np.testing.assert_array_equal(pictures.pixels[row], family.image(state))
            np.testing.assert_array_equal(pictures.index_maps[row], family.index_map(state))


def test_masks_are_those_of_the_set(rooms: SceneSet) -> None:
    mask = load_pictures(rooms).mask(3, 1, ["box-1"])
    assert mask.any()
    np.testing.assert_array_equal(mask, rooms[3].mask(1, ["box-1"]))


def test_one_family_in_twenty_is_for_validation(rooms: SceneSet) -> None:
    pictures = load_pictures(rooms)
    assert [pictures.families[place].index for place in pictures.places("validation")] == [19]
    assert set(pictures.places("train")) | {19} == set(pictures.places())
    assert split_of(39) == "validation"
    assert set(pictures.rows("train")).isdisjoint(pictures.rows("validation"))


def test_the_general_split_is_chosen_by_family(rooms: SceneSet) -> None:
    assert all(family.general for family in load_pictures(rooms, general=True).families)
    assert not any(family.general for family in load_pictures(rooms, general=False).families)


def test_a_set_that_grows_keeps_its_rows(tmp_path: Path) -> None:
    write_set(tmp_path, 3)
    few = load_pictures(SceneSet(tmp_path))
    write_family(tmp_path / "families" / "000001x", 9)  # sorts between those that are known
    more = load_pictures(SceneSet(tmp_path))
    assert len(more) == len(few) + 3
    for place, family in enumerate(SceneSet(tmp_path)):
        np.testing.assert_array_equal(more.pixels[more.row(place, 2)], family.image(2))


def test_rows_that_a_killed_run_left_behind_are_dropped(tmp_path: Path) -> None:
    write_set(tmp_path, 2)
    load_pictures(SceneSet(tmp_path), limit=1)
    with (tmp_path / "cache" / "pixels.u8").open("ab") as file:
        file.write(b"half a picture")
    pictures = load_pictures(SceneSet(tmp_path))
    np.testing.assert_array_equal(pictures.pixels[pictures.row(1, 0)], SceneSet(tmp_path)[1].image(0))


def test_pictures_of_two_sizes_are_refused(tmp_path: Path) -> None:
    write_set(tmp_path, 2)
    write_family(tmp_path / "families" / "000002", 2, side=2 * SIDE)
    with pytest.raises(DataError, match="one size"):
        load_pictures(SceneSet(tmp_path))


def test_an_empty_selection_names_the_hint(tmp_path: Path) -> None:
    write_set(tmp_path, 0)
    with pytest.raises(DataError, match="make scenes"):
        load_pictures(SceneSet(tmp_path))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("the chair on the left of the bright lamp", "the chair on the right of the bright lamp"),
        ("Right of the leftmost bed", "Left of the rightmost bed"),
        ("the left-hand wall, LEFT", "the right-hand wall, RIGHT"),
        ("a copyright notice", "a copyright notice"),
    ],
)
def test_mirroring_exchanges_left_and_right(text: str, other: str) -> None:
    assert mirrored(text) == other
    assert mirrored(other) == text
