"""What strangers order of a deployment cannot cost more than it allows."""

import pytest
from langdesign_specialise.deployment import JUDGE_DOLLARS, lowered, with_own
from langdesign_specialise.errors import RecipeError
from langdesign_specialise.recipes import recipe

PAID = {
    "dataset.judging.model": "judge",
    "dataset.judging.input_price": "1",
    "dataset.judging.output_price": "4",
}


def spent(ceilings, preset="full", **ordered):
    """Return (tokens, dollars, the judge's dollars) of a recipe below its ceilings."""
    changed = {name.replace("__", "."): value for name, value in ordered.items()}
    made = lowered(recipe(preset, changed), ceilings)
    return made.llm_tokens, made.llm_dollars, made.parts.get("dataset", {}).get("budget.dollars")


def test_what_the_deployment_decides_is_taken_and_cannot_be_ordered():
    own = ["llm_read_price=0.25", "dataset.judging.endpoint"]
    assert with_own({"triples": "9"}, own) == {"triples": "9", "llm_read_price": "0.25"}
    for name in ("llm_read_price", "dataset.judging.endpoint"):
        with pytest.raises(RecipeError, match=f"{name} is for the deployment to decide; leave it out"):
            with_own({name: "1"}, own)


def test_a_preset_that_spends_more_is_lowered_and_one_that_spends_less_is_not():
    assert spent(["llm_tokens=5000", "llm_dollars=2.5"]) == (5000, 2.5, None)
    assert spent(["llm_tokens=5000000", "llm_dollars=20"]) == (2_000_000, 10.0, None)
    assert spent([]) == (2_000_000, 10.0, None)


def test_no_bound_is_above_every_ceiling():
    assert spent(["llm_tokens=5000", "llm_dollars=2.5"], llm_tokens="0", llm_dollars="0")[:2] == (5000, 2.5)


@pytest.mark.parametrize(
    ("ordered", "left"), [({}, "4"), ({JUDGE_DOLLARS: "9"}, "4"), ({JUDGE_DOLLARS: "3"}, "3")]
)
def test_the_judge_costs_no_more_than_its_ceiling(ordered, left):
    assert spent([f"{JUDGE_DOLLARS}=4"], **PAID, **ordered)[2] == left


def test_a_data_set_that_nobody_judges_is_left_as_it_is():
    assert lowered(recipe("full", {}), [f"{JUDGE_DOLLARS}=4"]) == recipe("full", {})


@pytest.mark.parametrize("ceiling", ["triples=4", "llm_dollars=nan", "llm_dollars=0", "llm_dollars", "=3"])
def test_a_ceiling_that_bounds_nothing_is_refused(ceiling):
    with pytest.raises(RecipeError, match="and a number above 0"):
        spent([ceiling])
