"""Types of arguments, for argparse: each reads one, or says what is wrong with it and what to give."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Collection
from pathlib import Path

import torch

from .names import slug


def count(text: str) -> int:
    """Read a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no count; give a whole number from 1")
    return int(text)


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return what reads a whole number from `low`, at least 0, to `high`."""

    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ArgumentTypeError(f"{text!r} cannot be taken; give a whole number from {low} to {high}")
        return int(text)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """Return what reads a number from `low` to `high`."""

    def read(text: str) -> float:
        value = _number(text)
        if value is None or not low <= value <= high:  # nor is NaN between them
            raise ArgumentTypeError(f"{text!r} cannot be taken; give a number from {low:g} to {high:g}")
        return value

    return read


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def device(text: str) -> torch.device:
    """Read auto, cpu, cuda or cuda:N; auto is CUDA where there is any."""
    form = re.fullmatch(r"auto|cpu|cuda(?::(0|[1-9][0-9]*))?", text)
    if form is None:
        raise ArgumentTypeError(f"{text!r} is no device; give auto, cpu, cuda or cuda:N")
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if text == "auto":
        return torch.device("cuda" if devices else "cpu")
    if text != "cpu" and int(form[1] or 0) >= devices:
        raise ArgumentTypeError(
            f"{text!r} is not there: this machine has {devices} CUDA devices, the first cuda:0; "
            "give one that it has, cpu or auto"
        )
    return torch.device(text)


def among(choices: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    """Return what reads some of the choices, commas between, into the choices' order."""

    def read(text: str) -> tuple[str, ...]:
        asked = [part.strip() for part in text.split(",")]
        unknown = [part for part in asked if part not in choices]
        if unknown:
            raise ArgumentTypeError(f"{unknown[0]!r} is unknown; choose of {', '.join(choices)}")
        return tuple(choice for choice in choices if choice in asked)

    return read


def named(text: str) -> tuple[str, Path]:
    """Read NAME=DIR; the name is also a folder's, so a part of it has to be fit for that."""
    name, separator, folder = text.partition("=")
    if not (name and separator and folder):
        raise ArgumentTypeError(f"{text!r} names no folder; write NAME=DIR")
    if not slug(name):
        raise ArgumentTypeError(f"the name {name!r} has no letter of a-z and no digit; give it one")
    return name, Path(folder)


def public(choices: Collection[str]) -> Callable[[str], tuple[str, Path]]:
    """Return what reads NAME:PATH, the name one of the choices."""

    def read(text: str) -> tuple[str, Path]:
        name, separator, path = text.partition(":")
        if name not in choices:
            raise ArgumentTypeError(f"{name!r} is no benchmark; choose of {', '.join(choices)}")
        if not (separator and path):
            raise ArgumentTypeError(f"{text!r} names no place; write {name}:PATH")
        return name, Path(path)

    return read


def addresses(text: str) -> dict[str, str]:
    """Read STEM=HOST:PORT, commas between."""
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(stem and separator and address for stem, separator, address in pairs):
        raise ArgumentTypeError(f"{text!r} is not of the form editing=127.0.0.1:7004,...")
    return {stem.strip(): address.strip() for stem, _, address in pairs}
