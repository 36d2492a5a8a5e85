"""What the editors of a run are called, and their folders of pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import product
from typing import get_args

from .editors import Identity, Level, RoundTrip, Truth
from .focusing import View

LEVELS: tuple[Level, ...] = get_args(Level)

VIEWS: tuple[View, ...] = get_args(View)

SOURCES = {"truth": "truth", "rela": "ReLA"}
"""What tables call the source of an engine's regions, by what `--regions` calls it."""

ROUND_TRIP_OF_TRUTH = f"{RoundTrip.name} of the truth"


def engine_name(checkpoint: str, what: str, source: str = "", view: View = "native") -> str:
    """Return the name of what a checkpoint does: "tuned: strict, ReLA region, crop".

    Empty parts and the native view are left out.
    """
    own = f"{what}, {source} region" if source else what
    own = own if view == "native" else f"{own}, {view}"
    return f"{checkpoint}: {own}" if checkpoint else own


def service_name(level: Level) -> str:
    """Return the name of a level as running services do it."""
    return f"{level} by services"


def own_names(checkpoints: Iterable[str]) -> list[str]:
    """Return all that the bench calls editors of its own, whether a run has them or not.

    Args:
        checkpoints: the names of the editing checkpoints; "" for the one without a name.

    """
    sources = ("", *SOURCES.values())
    done = [(RoundTrip.name, ""), (ROUND_TRIP_OF_TRUTH, "")]
    engines = [engine_name(checkpoint, *one) for checkpoint in checkpoints for one in done]
    engines += [engine_name(*one) for one in product(checkpoints, LEVELS, sources, VIEWS)]
    return [Identity.name, Truth.name, *engines, *map(service_name, LEVELS)]


def first_clash(names: Sequence[str], taken: Iterable[str] = ()) -> tuple[str, str] | None:
    """Return the first name whose folder of pictures is another's already, and that other; None if none is.

    Equal names share a folder, and so do those that `slug` makes equal.
    """
    holders = {slug(name): name for name in taken}
    for name in names:
        if (folder := slug(name)) in holders:
            return name, holders[folder]
        holders[folder] = name
    return None


def slug(name: str) -> str:
    """Return a name that may be a folder's: "strict, ReLA region" -> "strict-rela-region"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
