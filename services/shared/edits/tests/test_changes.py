import math

import numpy as np
import pytest
from langdesign_edits import ChangeReport, ChangeStatistics, Preserve, measure_change


def test_figures_are_those_of_their_definitions():
    before = np.zeros((4, 4, 3), np.uint8)
    after, mask = before.copy(), np.zeros((4, 4), bool)
    mask[:2] = True
    after[0, 0] = [30, 0, 0]
    after[3, 3] = [0, 0, 12]
    report = measure_change(before, after, mask, preserve=Preserve.LATENT)
    assert report.preserve is Preserve.LATENT
    assert (report.inside.pixels, report.outside.pixels) == (8, 8)
    assert report.inside.changed_share == 1 / 8
    assert report.inside.mean_difference == pytest.approx(30 / 24)
    assert report.inside.psnr == pytest.approx(10 * math.log10(255**2 / (900 / 24)))
    assert report.outside.mean_difference == pytest.approx(12 / 24)


def test_the_feather_counts_as_inside():
    before = np.zeros((5, 5, 3), np.uint8)
    after, mask = before.copy(), np.zeros((5, 5), bool)
    mask[2, 2] = True
    after[1:4, 1:4] = 9
    report = measure_change(before, after, mask, feather=1, preserve=Preserve.STRICT)
    assert (report.inside.pixels, report.inside.changed_share) == (9, 1)
    assert report.outside == ChangeStatistics(pixels=16)


def test_alpha_dilutes_no_figure_and_its_change_counts():
    before = np.zeros((2, 2, 4), np.uint8)
    after = before.copy()
    after[0, 0, :3] = 30
    after[1, 1, 3] = 5
    inside = measure_change(before, after, None).inside
    assert inside.changed_share == 2 / 4
    assert inside.mean_difference == pytest.approx(30 / 4)


def test_nothing_changed_is_all_outside():
    report = ChangeReport.unchanged(12, Preserve.STRICT)
    picture = np.zeros((3, 4, 3), np.uint8)
    nowhere = np.zeros((3, 4), bool)
    assert report == measure_change(picture, picture, nowhere, preserve=Preserve.STRICT)
