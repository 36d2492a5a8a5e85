"""What the stages of a run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from langdesign_evaluation.provenance import identity
from langdesign_triples import Context, load_context

from .places import NEEDED, Places
from .recipes import SpecialiseRecipe
from .reporting import Report
from .workspace import Done, Workspace


@dataclass
class Work:
    """A run under way."""

    recipe: SpecialiseRecipe
    places: Places
    workspace: Workspace
    report: Report
    judges: bool = False  # whether it comes to judge editors
    done: dict[str, Done] = field(default_factory=dict)  # stages, by name, in the order they were done

    def folder(self, stage: str) -> Path:
        """Return what an earlier stage made."""
        return self.done[stage].folder

    def shared(self, name: str) -> Path:
        """Return a folder that stages of other inputs share, made where it is missing."""
        folder = self.workspace.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def pairs(self) -> str:
        """The stage whose pairs are trained on: what a review left, or else all that the gates let pass."""
        return "reviewed" if "reviewed" in self.done else "dataset"

    @property
    def device(self) -> str:
        """Where models make, judge and compare pairs."""
        return self.places.device or "cpu"

    def digests(self, *stages: str) -> dict[str, str]:
        """Return the digests of earlier stages, for a later one's inputs."""
        return {name: self.done[name].digest for name in stages}

    @cached_property
    def models(self) -> dict[str, str]:
        """`name@sha256:...` of every model that the run stands on."""
        return {name: identity(self.places.model(name)) for name in NEEDED}

    @cached_property
    def context(self) -> Context:
        """The context that the run is for, read once."""
        return load_context(self.places.contexts / self.recipe.context)
