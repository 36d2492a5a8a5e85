"""Recipes of a specialist as data: which context, how much of everything, and the recipes of its parts."""

from __future__ import annotations

import dataclasses
import math
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import RecipeError

WriterName = Literal["grammar", "language-model"]

_MONEY = ("llm_read_price", "llm_write_price", "llm_dollars", "llm_tokens")
_NAME = re.compile("[a-z][a-z0-9-]{0,63}")
_SEEDS = 900  # below the bench's, whose scenes nothing may be trained on

PARTS = ("dataset", "tune")
"""Recipes of other libraries; a setting of theirs is overridden as `dataset.NAME` or `tune.NAME`."""


@dataclass(frozen=True, kw_only=True)
class SpecialiseRecipe:
    """What a run makes, and from what."""

    context: str = "interior"  # folder below the contexts
    triples: int  # that the context's agents write
    writer: WriterName = "grammar"  # who writes them
    llm_model: str = "gpt-5-mini"  # name at the language model's endpoint
    llm_read_price: float = 0.0  # US dollars for a million tokens of prompts
    llm_write_price: float = 0.0  # US dollars for a million tokens of answers
    llm_dollars: float = 10.0  # that the triples may cost at these prices; 0 for no bound
    llm_tokens: int = 2_000_000  # that they may take, read and written together; 0 for no bound
    families: int  # rendered scenes that give exact pairs; 0 for a context that none can be rendered of
    general_share: float = 0.5  # of families and bench, how many the embedded base has seen the like of
    dataset: str  # preset of the data set's recipe
    tune: str  # preset of the fine-tuning's recipe
    guidance_cases: int  # held-out edits, and no-ops, that guidance is tried on, about; 0 to try none
    bench_families: int  # rendered scenes that the editors are judged on; 0 where a bench must be given
    cases: int  # edits that they are judged by, about
    no_ops: int  # pairs in which nothing should change that they are judged by; as many as the bench has
    model: str = ""  # name in the registry; "" for the context's
    alias: str = "champion"  # that the new version is promoted to where the gate holds
    seed: int = 0  # of triples and scenes
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # changed settings of the parts

    @property
    def model_name(self) -> str:
        """Name of the model in the registry."""
        return self.model or self.context


PRESETS: Mapping[str, SpecialiseRecipe] = {
    # Shows that every part works, in a few minutes; its figures mean nothing.
    "tiny": SpecialiseRecipe(
        triples=12,
        families=4,
        dataset="tiny",
        tune="tiny",
        guidance_cases=0,
        bench_families=4,
        cases=12,
        no_ops=6,
    ),
    # The embedded family on two CPU cores, within an hour.
    "mini": SpecialiseRecipe(
        triples=200,
        families=160,
        dataset="mini",
        tune="mini",
        guidance_cases=80,
        bench_families=95,
        cases=400,
        no_ops=160,
    ),
    # Stable Diffusion 1.5 and InstructPix2Pix on GPUs, with a hosted language model. No scenes are rendered:
    # the bench is a public one, given by --bench.
    "full": SpecialiseRecipe(
        triples=4_000,
        writer="language-model",
        families=0,
        dataset="full",
        tune="full",
        guidance_cases=200,
        bench_families=0,
        cases=600,
        no_ops=300,
    ),
}


def recipe(preset: str, overrides: Mapping[str, str]) -> SpecialiseRecipe:
    """Return a preset with some of its settings changed.

    Args:
        preset: its name.
        overrides: values as text by setting, such as `{"triples": "50", "tune.steps": "200"}`.

    Raises:
        RecipeError: there is no such preset or setting, or a value does not fit.

    """
    if preset not in PRESETS:
        raise RecipeError(f"There is no recipe {preset!r}; choose one of {', '.join(PRESETS)}")
    own: dict[str, Any] = {}
    parts: dict[str, dict[str, str]] = {}
    for name, text in overrides.items():
        part, dot, setting = name.partition(".")
        if dot and part in PARTS and setting:
            parts.setdefault(part, {})[setting] = text
        else:
            own[name] = _value(name, text)
    return _checked(dataclasses.replace(PRESETS[preset], **own, parts=parts))


def override(part: Any, changed: Mapping[str, str], name: str) -> Any:
    """Return a part's recipe (a dataclass) with settings changed; `loop.steps` reaches a dataclass inside.

    Raises:
        RecipeError: it has no such setting, or a value does not fit.

    """
    for setting, text in changed.items():
        part = _replaced(part, setting.split("."), text, f"{name}.{setting}")
    return part


def _replaced(part: Any, path: list[str], text: str, whole: str) -> Any:
    types = typing.get_type_hints(type(part))
    if path[0] not in types:
        raise RecipeError(f"{whole} is no setting; {type(part).__name__} has {', '.join(types)}")
    if len(path) > 1:
        inner = getattr(part, path[0])
        if not dataclasses.is_dataclass(inner):
            raise RecipeError(f"{whole} is no setting; {path[0]} has no parts")
        return dataclasses.replace(part, **{path[0]: _replaced(inner, path[1:], text, whole)})
    try:
        return dataclasses.replace(part, **{path[0]: read(text, types[path[0]])})
    except (TypeError, ValueError) as error:
        raise RecipeError(f"{whole} is {text!r}: {error}") from error


def read(text: str, kind: Any) -> Any:
    """Return a text as a value of a field's type: a number, a word, a yes or no, or None ("none").

    Raises:
        ValueError: it is none.

    """
    options = typing.get_args(kind) if typing.get_origin(kind) is not Literal else ()
    if type(None) in options:
        kinds = [one for one in options if one is not type(None)]
        return None if text.lower() == "none" else read(text, kinds[0])
    if typing.get_origin(kind) is Literal:
        if text not in typing.get_args(kind):
            raise ValueError(f"choose one of {', '.join(typing.get_args(kind))}")
        return text
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError("say true or false")
        return text.lower() == "true"
    if kind in {int, float, str}:
        return kind(text)
    raise ValueError("it cannot be set from the command line")


def _value(name: str, text: str) -> Any:
    types = typing.get_type_hints(SpecialiseRecipe)
    if name not in types or name == "parts":
        known = ", ".join(one for one in types if one != "parts")
        raise RecipeError(f"{name} is no setting; choose one of {known}, or dataset.NAME, or tune.NAME")
    try:
        return read(text, types[name])
    except ValueError as error:
        raise RecipeError(f"{name} is {text!r}: {error}") from error


def _checked(chosen: SpecialiseRecipe) -> SpecialiseRecipe:
    for name in ("triples", "cases"):
        if getattr(chosen, name) < 1:
            raise RecipeError(f"{name} is {getattr(chosen, name)}; give 1 or more")
    for name in ("families", "guidance_cases", "bench_families", "no_ops", *_MONEY):
        value = getattr(chosen, name)
        if not (math.isfinite(value) and value >= 0):
            raise RecipeError(f"{name} is {value}; give a number, 0 or more")
    if not _NAME.fullmatch(chosen.context):
        raise RecipeError(
            f"context is {chosen.context!r}; give a name of lower-case letters, digits and hyphens"
        )
    if not 0 <= chosen.seed < _SEEDS:
        raise RecipeError(
            f"seed is {chosen.seed}; give one of 0 to {_SEEDS - 1}, others are those of the bench"
        )
    if not 0 <= chosen.general_share <= 1:
        raise RecipeError(f"general_share is {chosen.general_share}; give a share, 0 to 1")
    return chosen
