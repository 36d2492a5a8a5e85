"""What the training service decides of a run are settings that the run's program has."""

import pytest
from langdesign_specialise.deployment import lowered, with_own
from langdesign_specialise.recipes import recipe
from langdesign_training.settings import SpendingSettings
from langdesign_training.spending import spending_options

WORDS = list(spending_options(SpendingSettings()))
OPTIONS = list(zip(WORDS[::2], WORDS[1::2], strict=True))
OWN = [name for option, name in OPTIONS if option == "--own"]
CEILINGS = [name for option, name in OPTIONS if option == "--ceiling"]
TEXTS = {"dataset.judging.limit_field": "max_tokens"}


@pytest.mark.parametrize("name", OWN)
def test_what_the_service_decides_is_a_setting_of_the_recipe(name):
    chosen = recipe("full", with_own({}, [f"{name}={TEXTS.get(name, '1')}"]))
    assert lowered(chosen, CEILINGS).context == "interior"  # which looks at the data set's settings too


def test_the_ceilings_of_the_service_bound_every_preset():
    assert len(CEILINGS) == 3
    bounded = lowered(recipe("full", {"llm_tokens": "0", "dataset.judging.model": "judge"}), CEILINGS)
    assert (bounded.llm_tokens, bounded.llm_dollars) == (2_000_000, 10.0)
    assert bounded.parts["dataset"]["budget.dollars"] == "10"
