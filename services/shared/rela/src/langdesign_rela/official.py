"""Between the published state dict and this network; the names are data, in `official_names.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import torch
from torch import Tensor

from .errors import CheckpointError
from .model import Rela
from .swin import relative_position_index

_NAMED_IN_AN_ERROR = 8


def official_shapes(model: Rela) -> dict[str, tuple[int, ...]]:
    """Return the published name and shape of every learned tensor of `model`, in its own order."""
    return {official: shape for _, official, shape in _pairs(model)}


def official_state_dict(model: Rela) -> dict[str, Tensor]:
    """Return the weights of `model` under their published names, constants left out."""
    state = model.state_dict()
    return {official: state[own].reshape(shape) for own, official, shape in _pairs(model)}


def load_official_state_dict(model: Rela, state: Mapping[str, Tensor]) -> None:
    """Load a published state dict into `model`, in place, with nothing missing and nothing unexpected.

    Tensors that hold no learned value (`relative_position_index`, `position_ids`) may be there or not; those
    that are there must hold what this network computes.

    The published code itself never reads `predictor.lang_weight` back (its decoder overrides the loading and
    leaves out its own parameter), so its evaluation of a file runs with 0 there. It is loaded here, as it was
    trained. `model.region_decoder.language_gate.data.zero_()` gives the published evaluation.

    Raises:
        CheckpointError: names or shapes differ, or a constant does; the message lists them.

    """
    pairs = list(_pairs(model))
    constants = {name: kind for name in state if (kind := _constant_kind(name))}
    problems = compare_shapes(
        {official: shape for _, official, shape in pairs},
        {name: tuple(value.shape) for name, value in state.items() if name not in constants},
    )
    problems += [
        f"{name} is not the constant that this network computes"
        for name, kind in constants.items()
        if not _holds_constant(kind, state[name])
    ]
    if problems:
        raise CheckpointError(summary(problems))
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    model.load_state_dict({own: state[official].reshape(shapes[own]) for own, official, _ in pairs})


def compare_shapes(
    expected: Mapping[str, tuple[int, ...]], found: Mapping[str, tuple[int, ...]]
) -> list[str]:
    """Describe each name that is missing, unexpected or of another shape; an empty list means equal."""
    missing = [f"{name} is missing" for name in expected if name not in found]
    unexpected = [f"{name} is unexpected" for name in found if name not in expected]
    reshaped = [
        f"{name} has shape {list(found[name])}, not {list(shape)}"
        for name, shape in expected.items()
        if name in found and found[name] != shape
    ]
    return missing + unexpected + reshaped


def is_constant(name: str) -> bool:
    """Tell whether a published tensor of this name holds no learned value."""
    return _constant_kind(name) is not None


def _pairs(model: Rela) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Yield own name, published name and published shape."""
    pointwise = _patterns(tuple(_table()["pointwise"]))
    for own, value in model.state_dict().items():
        shape = tuple(value.shape)
        if value.ndim == 2 and any(pattern.fullmatch(own) for pattern in pointwise):
            shape = (*shape, 1)  # the original writes these matrices as convolutions of width 1
        yield own, official_name(own), shape


def official_name(own: str) -> str:
    """Translate one of this network's tensor names into the published one.

    Raises:
        KeyError: no rule knows the name.

    """
    names: dict[str, str] = _table()["names"]
    for pattern, target in zip(_patterns(tuple(names)), names.values(), strict=True):
        if match := pattern.fullmatch(own):
            return target.format(**match.groupdict())
    raise KeyError(own)


def _constant_kind(name: str) -> str | None:
    kinds: dict[str, str] = _table()["constants"]
    patterns = zip(_patterns(tuple(kinds)), kinds.values(), strict=True)
    return next((kind for pattern, kind in patterns if pattern.fullmatch(name)), None)


def _holds_constant(kind: str, value: Tensor) -> bool:
    if kind == "arange":
        return torch.equal(value.flatten(), torch.arange(value.numel(), dtype=value.dtype))
    window = round(value.shape[0] ** 0.5)
    return torch.equal(value, relative_position_index(window).to(value.dtype))


@cache
def _table() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("official_names.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


@cache
def _patterns(templates: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_pattern(template)) for template in templates)


def _pattern(template: str) -> str:
    """Turn "layers.{i}.norm.{x}" into an expression: i and j are numbers, rest is anything."""
    kinds = {"i": r"\d+", "j": r"\d+", "rest": ".+"}
    parts = re.split(r"\{(\w+)\}", template)
    literals, fields = map(re.escape, parts[::2]), parts[1::2]
    groups = [f"(?P<{field}>{kinds.get(field, '[^.]+')})" for field in fields]
    return "".join(literal + group for literal, group in zip(literals, [*groups, ""], strict=True))


def summary(problems: list[str]) -> str:
    """Say in one sentence what does not fit, naming the first few."""
    listed = "; ".join(problems[:_NAMED_IN_AN_ERROR])
    more = len(problems) - _NAMED_IN_AN_ERROR
    return f"The state dict does not fit: {listed}" + (f"; and {more} more" if more > 0 else "")
