import math

import numpy as np
import pytest
from langdesign_evaluation import metrics

EAST, NORTH, WEST = np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([-1.0, 0.0])


def picture(*levels):
    """One row of grey pixels."""
    return np.repeat(np.array([levels], np.uint8)[..., None], 3, axis=2)


def where(*flags):
    return np.array([flags], bool)


def test_a_copy_keeps_everything_and_goes_nowhere():
    assert metrics.clip_im(EAST, EAST) == metrics.dino(EAST, EAST) == 1.0
    assert metrics.clip_dir(EAST, EAST, EAST, NORTH) == 0.0


def test_cosines_of_known_angles():
    assert metrics.clip_out(EAST, np.array([1.0, 1.0])) == pytest.approx(math.sqrt(0.5))
    assert metrics.clip_im(EAST, WEST) == -1.0
    assert metrics.clip_im(EAST, np.zeros(2)) == 0.0


def test_direction_is_of_the_change_not_of_the_place():
    # Both change from east to north, the text's features twice as long.
    assert metrics.clip_dir(EAST, NORTH, 2 * EAST, 2 * NORTH) == pytest.approx(1.0)
    assert metrics.clip_dir(NORTH, EAST, EAST, NORTH) == pytest.approx(-1.0)
    # (-1, 1) against (-2, 0): 2 / (sqrt(2) * 2).
    assert metrics.clip_dir(EAST, NORTH, EAST, WEST) == pytest.approx(math.sqrt(0.5))


def test_equal_captions_leave_no_direction():
    assert metrics.clip_dir(EAST, NORTH, EAST, EAST) is None


def test_errors_count_the_masks_pixels_alone():
    a, b = picture(0, 51, 255), picture(51, 51, 0)
    assert metrics.l1(a, b, where(True, True, False)) == pytest.approx(0.1)  # (0.2 + 0) / 2
    assert metrics.mse(a, b, where(True, True, False)) == pytest.approx(0.02)  # (0.04 + 0) / 2
    assert metrics.l1(a, b, where(False, False, False)) is None
    assert metrics.mse(a, b, where(False, False, False)) is None


def test_gain_is_one_at_the_truth_and_none_for_the_copy():
    assert metrics.gain(0.0, 0.2) == 1.0
    assert metrics.gain(0.2, 0.2) == 0.0
    assert metrics.gain(0.3, 0.2) == pytest.approx(-0.5)
    assert metrics.gain(0.1, 0.0) is None


def test_a_pixel_has_changed_when_one_channel_has():
    a, b = picture(10, 10, 10, 10), picture(10, 11, 35, 36)
    b[0, 0, 2] = 9
    everywhere = where(True, True, True, True)
    assert metrics.changed_share(a, b, everywhere) == 1.0
    assert metrics.changed_share(a, b, everywhere, above=25) == 0.25
    assert metrics.changed_share(a, b, where(False, False, False, False)) is None


def test_change_is_seen_in_both_directions():
    assert metrics.changed_share(picture(255), picture(0), where(True), above=25) == 1.0
    assert metrics.changed_share(picture(0), picture(255), where(True), above=25) == 1.0


@pytest.mark.parametrize("margin", [0, 1, 2, 9])
def test_a_mask_grows_by_its_margin_on_all_sides(margin):
    mask = np.zeros((7, 8), bool)
    mask[3, 2] = True
    rows, columns = np.indices(mask.shape)
    expected = np.maximum(abs(rows - 3), abs(columns - 2)) <= margin
    assert (metrics.grown(mask, margin) == expected).all()
    assert mask.sum() == 1


def test_intersection_over_union():
    assert metrics.iou(where(True, True, False), where(False, True, True)) == pytest.approx(1 / 3)
    assert metrics.iou(where(False), where(False)) == 1.0
    assert metrics.iou(where(True), where(False)) == 0.0


def test_expressions_are_the_same_but_for_case_article_and_spaces():
    assert metrics.same_expression("The  red chair", "red chair.")
    assert metrics.same_expression("", "")
    assert not metrics.same_expression("the chair", "the red chair")
    assert not metrics.same_expression("theatre", "atre")


def test_a_share_of_nothing_is_unknown():
    assert metrics.share([True, False, False, False]) == 0.25
    assert metrics.share([]) is None


def test_a_seam_is_a_step_that_the_picture_before_had_not():
    before, band = np.full((8, 8, 3), 100, np.uint8), np.zeros((8, 8), bool)
    band[2:6, 2:6] = True
    assert metrics.seam(before, before, band) == 0.0
    even = before + np.uint8(50)
    assert metrics.seam(before, even, band) == 0.0
    after = before.copy()
    after[:, :4] += np.uint8(51)  # a step between columns 3 and 4: 4 of the 24 pairs in the band
    assert metrics.seam(before, after, band) == pytest.approx(0.2 * 4 / 24)
    assert metrics.seam(after, before, band) == pytest.approx(-0.2 * 4 / 24)
    assert metrics.seam(before, after, np.zeros_like(band)) is None


def test_the_likeness_of_patches_is_weighted_by_their_shares():
    before, after = np.eye(3), np.array([[1.0, 0, 0], [0, 1, 0], [0, 0.6, 0.8]])
    assert metrics.patch_likeness(before, after, np.array([1.0, 0, 1])) == pytest.approx(0.9)
    assert metrics.patch_likeness(before, after, np.zeros(3)) is None


def test_patches_that_turn_together_keep_the_structure():
    before = np.eye(3)
    assert metrics.structure(before, before[[1, 2, 0]]) == 0.0
    assert metrics.structure(before, np.ones((3, 3)) / np.sqrt(3)) == pytest.approx(6 / 9)
