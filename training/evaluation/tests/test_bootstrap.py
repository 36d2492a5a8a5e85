import math

import numpy as np
import pytest
from langdesign_evaluation.bootstrap import difference, first_mean, gain_of_means, interval, psnr_of_mean


def column(count=200, seed=0):
    return np.random.default_rng(seed).normal(1.0, 0.5, count)


def test_the_interval_of_a_mean_is_that_of_its_standard_error():
    values = column()
    found = interval([values], first_mean)
    error = 1.96 * values.std() / math.sqrt(len(values))
    assert found.mean == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - error, abs=error / 5)
    assert found.high == pytest.approx(values.mean() + error, abs=error / 5)


def test_intervals_hold_the_true_mean_about_as_often_as_they_say():
    held = [
        one.low <= 1.0 <= one.high
        for one in (interval([column(60, seed)], first_mean, seed) for seed in range(100))
    ]
    assert 0.88 <= np.mean(held) <= 1.0


def test_equal_seeds_give_equal_intervals():
    assert interval([column()], first_mean, 3) == interval([column()], first_mean, 3)
    assert interval([column()], first_mean, 3) != interval([column()], first_mean, 4)


def test_a_paired_difference_knows_more_than_two_intervals():
    base = column()
    tuned = base + 0.1 + np.random.default_rng(1).normal(0, 0.01, len(base))
    apart = difference([base], [tuned], first_mean)
    assert apart.low > 0.09
    assert apart.high < 0.11
    assert interval([base], first_mean).high > interval([tuned], first_mean).low


def test_a_gain_is_that_of_the_means_of_the_cases_drawn():
    error, baseline = np.array([0.1, 0.3, 0.2]), np.array([0.4, 0.4, 0.4])
    found = interval([error, baseline], gain_of_means)
    assert found.mean == pytest.approx(0.5)
    assert found.low == pytest.approx(0.25)
    assert found.high == pytest.approx(0.75)
    assert interval([baseline, baseline], gain_of_means) == type(found)(0.0, 0.0, 0.0)


def test_a_gain_over_no_error_is_none():
    assert math.isnan(interval([column(), np.zeros(200)], gain_of_means).mean)


def test_a_psnr_without_error_is_infinite_and_has_no_difference():
    exact = np.zeros(20)
    found = interval([exact], psnr_of_mean)
    assert found.mean == found.low == found.high == math.inf
    assert math.isnan(difference([exact], [exact], psnr_of_mean).mean)
    assert interval([np.full(20, 0.01)], psnr_of_mean).low == pytest.approx(20.0)
