"""A family before it is rendered: its scenes, and which change leads from which to which."""

from __future__ import annotations

from dataclasses import dataclass

from .description import Scene


@dataclass(frozen=True)
class Change:
    """One thing or surface differs between two states, and nothing else."""

    before: int  # state
    after: int  # state
    operation: str  # "recolour", "material", "pattern", "remove", "add", "replace" or "restyle"
    target: str  # id of the thing, "wall" or "floor"; a replacement keeps the id


@dataclass(frozen=True)
class FamilyPlan:
    """One scene (state 0), variants of it, and every ordered pair of states that one change tells apart."""

    index: int
    general: bool  # whether it holds nothing that the general split leaves out
    states: tuple[Scene, ...]
    changes: tuple[Change, ...]

    @property
    def room(self) -> str:
        """A name of `vocabulary.ROOMS`, or "" for a single object."""
        return self.states[0].room
