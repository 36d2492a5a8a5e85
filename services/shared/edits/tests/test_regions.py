import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from langdesign_edits import Box, InvalidRegion, box_mask, coverage, tight_box

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40))
offline = settings(deadline=None, database=None, derandomize=True)


@offline
@given(masks)
def test_the_tight_box_holds_the_whole_mask_and_no_less_would(mask):
    box = tight_box(mask)
    if box is None:
        assert not mask.any()
        return
    height, width = mask.shape
    inside = box_mask(box, width=width, height=height)
    assert not (mask & ~inside).any()
    rows, columns = mask.any(axis=1), mask.any(axis=0)
    assert rows[[box.y, box.y + box.height - 1]].all()
    assert columns[[box.x, box.x + box.width - 1]].all()


def test_coverage_is_the_share_inside():
    assert coverage(box_mask(Box(0, 0, 2, 2), width=4, height=4)) == 0.25


@pytest.mark.parametrize("box", [Box(3, 0, 2, 1), Box(0, 0, 1, 5), Box(-1, 0, 1, 1), Box(0, 0, 0, 1)])
def test_a_box_beyond_the_picture_is_refused_naming_its_size(box):
    with pytest.raises(InvalidRegion, match="4x4 as displayed; keep it within the picture"):
        box_mask(box, width=4, height=4)
