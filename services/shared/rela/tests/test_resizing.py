import numpy as np
import pytest
import torch
from langdesign_rela.resizing import nearest, nearest_places
from PIL import Image
from torch.nn import functional


@pytest.mark.parametrize(("old", "new"), [(512, 768), (768, 512), (480, 480), (7, 5), (3, 10), (640, 480)])
def test_a_place_shows_what_lies_at_its_middle(old: int, new: int) -> None:
    expected = [((2 * place + 1) * old) // (2 * new) for place in range(new)]
    assert nearest_places(old, new).tolist() == expected
    assert nearest_places(old, new)[-1] < old


def test_pillow_and_torch_part_from_each_other_where_a_middle_falls_between_two_places() -> None:
    row = np.arange(512, dtype=np.int32)[None]
    pillow = np.array(Image.fromarray(row).resize((768, 1), Image.Resampling.NEAREST))[0]
    theirs = functional.interpolate(torch.from_numpy(row[None, None]).double(), size=(1, 768), mode="nearest")
    assert (pillow != theirs.numpy()[0, 0, 0]).any()
    # At 3 new places for 2 old ones the middle of the second falls onto the border, and belongs to the right.
    assert nearest(row, (1, 768))[0, :6].tolist() == [0, 1, 1, 2, 3, 3]


def test_both_sides_are_resized_and_the_kind_stays() -> None:
    mask = np.zeros((4, 6), np.bool_)
    mask[:2, 3:] = True
    larger = nearest(mask, (8, 12))
    assert larger.dtype == np.bool_
    np.testing.assert_array_equal(larger, mask.repeat(2, axis=0).repeat(2, axis=1))
    np.testing.assert_array_equal(nearest(larger, (4, 6)), mask)
