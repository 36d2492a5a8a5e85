"""The budget of tokens over time."""

import pytest
from langdesign_reference.budget import TokenBudget


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    return TokenBudget(60, clock)


def test_a_minutes_tokens_may_be_used_at_once_and_no_more(budget):
    assert budget.reserve(59)
    assert not budget.reserve(2)
    assert budget.reserve(1)  # what was refused took nothing


def test_tokens_come_back_with_time_up_to_a_minutes(budget, clock):
    assert budget.reserve(60)
    clock.now += 2
    assert not budget.reserve(3)
    assert budget.reserve(2)
    clock.now += 600
    assert not budget.reserve(61)
    assert budget.reserve(60)
