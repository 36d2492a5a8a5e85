from dataclasses import dataclass, field
from typing import Literal

import pytest
from langdesign_specialise.cli import named
from langdesign_specialise.errors import RecipeError
from langdesign_specialise.recipes import PRESETS, override, recipe


@dataclass(frozen=True)
class Inner:
    steps: int = 10
    minutes: float | None = None


@dataclass(frozen=True)
class Part:
    rate: float = 0.1
    method: Literal["full", "lora"] = "full"
    quick: bool = False
    loop: Inner = field(default_factory=Inner)
    levels: tuple[int, ...] = (1, 2)


def test_a_preset_takes_settings_as_text():
    chosen = recipe("tiny", {"triples": "5", "general_share": "0.25", "context": "wardrobe"})
    assert (chosen.triples, chosen.general_share, chosen.context) == (5, 0.25, "wardrobe")
    assert chosen.cases == PRESETS["tiny"].cases


def test_settings_of_the_parts_are_kept_for_them():
    chosen = recipe("tiny", {"tune.loop.steps": "7", "dataset.keep": "2"})
    assert chosen.parts == {"tune": {"loop.steps": "7"}, "dataset": {"keep": "2"}}


@pytest.mark.parametrize(
    ("preset", "overrides", "said"),
    [
        ("huge", {}, "choose one of tiny, mini, full"),
        ("mini", {"triple": "5"}, "triple is no setting"),
        ("mini", {"parts": "5"}, "parts is no setting"),
        ("mini", {"triples": "many"}, "triples is 'many'"),
        ("mini", {"triples": "0"}, "give 1 or more"),
        ("mini", {"families": "-1"}, "give a number, 0 or more"),
        ("mini", {"bench_families": "-1"}, "give a number, 0 or more"),
        ("mini", {"no_ops": "-1"}, "give a number, 0 or more"),
        ("mini", {"llm_dollars": "nan"}, "give a number, 0 or more"),
        ("mini", {"llm_read_price": "-1"}, "give a number, 0 or more"),
        ("mini", {"general_share": "1.5"}, "give a share, 0 to 1"),
        ("mini", {"writer": "poet"}, "choose one of grammar, language-model"),
        ("mini", {"model.name": "x"}, "model.name is no setting"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(preset, overrides, said):
    with pytest.raises(RecipeError, match=said):
        recipe(preset, overrides)


def test_a_part_is_overridden_by_the_types_of_its_fields():
    changed = override(
        Part(),
        {"rate": "1e-3", "method": "lora", "quick": "true", "loop.steps": "3", "loop.minutes": "none"},
        "tune",
    )
    assert changed == Part(1e-3, "lora", True, Inner(3, None))
    assert override(Part(), {"loop.minutes": "2.5"}, "tune").loop.minutes == 2.5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"speed": "1"}, "tune.speed is no setting; Part has rate, method, quick, loop, levels"),
        ({"rate": "fast"}, "tune.rate is 'fast'"),
        ({"method": "none"}, "choose one of full, lora"),
        ({"quick": "yes"}, "say true or false"),
        ({"rate.of": "1"}, "rate has no parts"),
        ({"loop.stops": "1"}, "tune.loop.stops is no setting; Inner has steps, minutes"),
        ({"levels": "3"}, "cannot be set from the command line"),
    ],
)
def test_a_wrong_setting_of_a_part_is_named_in_full(changed, said):
    with pytest.raises(RecipeError, match=said):
        override(Part(), changed, "tune")


def test_a_launcher_names_a_preset_or_a_context_and_a_preset():
    assert named("mini", {}).context == "interior"
    assert named("wardrobe-tiny", {}) == recipe("tiny", {"context": "wardrobe"})
    assert named("tiny", {"context": "wardrobe"}).model_name == "wardrobe"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"context": "../secrets"}, "give a name of lower-case letters"),
        ({"seed": "-1"}, "give one of 0 to 899"),
        ({"seed": "999"}, "others are those of the bench"),
    ],
)
def test_no_setting_leaves_its_bounds(overrides, said):
    with pytest.raises(RecipeError, match=said):
        recipe("tiny", overrides)
