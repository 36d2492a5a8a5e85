"""Reading a rendered set; needs neither the renderer nor torch.

    SET/manifest.json               format, recipe (its arguments), digest, number of families
    SET/families/000123/family.json what `Family` holds
    SET/families/000123/0.png       RGB picture of state 0
    SET/families/000123/0.index.png 8-bit: 0, or 1 + position in the state's instances

A family is one scene and variants of it, each of which changes one thing or surface. Any two states that
differ in one change make an edit; its exact region is the union of its targets' footprints in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .errors import DatasetError

FORMAT = "langdesign-scenes/1"
MANIFEST = "manifest.json"
_TYPES = {"format": str, "digest": str, "recipe": dict, "families": int}

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Instance:
    """Something in a picture that can be named: a thing, a wall, the floor, a window."""

    id: str  # "chair-1", "wall", "floor", "window-1"
    kind: str  # a class of the vocabulary, or "wall", "floor", "ceiling", "window"
    colour: str
    material: str
    pattern: str
    pixels: int  # that show it
    box: tuple[int, int, int, int]  # left, top, width, height in pixels; zeros where nothing shows
    depth: float  # metres from the camera, median over its pixels


@dataclass(frozen=True)
class Expression:
    """A referring expression on one state."""

    state: int
    text: str
    targets: tuple[str, ...]  # ids of all that is meant; empty where there is no such thing
    kind: str  # "unique", "several" (a plural that means all of them), "ambiguous" or "absent"


@dataclass(frozen=True)
class Edit:
    """An instruction that turns one state into another."""

    before: int
    after: int  # equal to `before` where the picture must not change
    operation: str  # "recolour", "material", "pattern", "remove", "add", "replace", "restyle" or "none"
    instruction: str
    expression: str  # what a reference service should find in it; for an addition its anchor; "" for none
    targets: tuple[str, ...]  # ids whose footprints, before and after, are the region
    located: tuple[str, ...]  # ids that the expression means in the picture before (an addition's anchor)
    ambiguous: bool  # whether the expression alone could mean another thing too
    caption_before: str
    caption_after: str


@dataclass(frozen=True)
class State:
    """One picture of a family."""

    caption: str
    instances: tuple[Instance, ...]
    scene: str  # the description, as `Scene.from_json` reads it

    def values(self, ids: Sequence[str]) -> tuple[int, ...]:
        """Return the index map's values that show any of the instances; ids that it lacks have none."""
        return tuple(value for value, one in enumerate(self.instances, start=1) if one.id in ids)


@dataclass(frozen=True)
class Family:
    """One scene and its variants."""

    folder: Path
    index: int
    room: str  # "" for a single object
    general: bool  # whether it holds nothing that the general split leaves out
    states: tuple[State, ...]
    edits: tuple[Edit, ...]
    expressions: tuple[Expression, ...]

    def image(self, state: int) -> Pixels:
        """Return the picture of a state, RGB uint8 [H, W, 3]."""
        return np.asarray(Image.open(self.folder / f"{state}.png").convert("RGB"))

    def index_map(self, state: int) -> Pixels:
        """Return which instance each pixel shows, uint8 [H, W]: 0, or 1 + its position."""
        return np.asarray(Image.open(self.folder / f"{state}.index.png"))

    def mask(self, state: int, ids: Sequence[str]) -> Mask:
        """Return where a state shows any of the instances, bool [H, W]; ids that it lacks show nowhere."""
        return np.isin(self.index_map(state), self.states[state].values(ids))

    def region(self, edit: Edit) -> Mask:
        """Return the exact region of an edit, bool [H, W]."""
        return self.mask(edit.before, edit.targets) | self.mask(edit.after, edit.targets)


class SceneSet:
    """A rendered set.

    Args:
        folder: where it is.

    Raises:
        DatasetError: there is none, its manifest is damaged, or it is of another format.

    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.manifest = read_manifest(self.folder)

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """Folders of the families that are whole, in order; more may come while a set is being rendered."""
        return tuple(sorted(path.parent for path in self.folder.glob("families/*/family.json")))

    def __len__(self) -> int:
        return len(self.folders)

    def __getitem__(self, place: int) -> Family:
        return read_family(self.folders[place])

    def __iter__(self) -> Iterator[Family]:
        return (read_family(folder) for folder in self.folders)


def read_manifest(folder: Path, needs: Sequence[str] = ("format",)) -> dict[str, Any]:
    """Read what a set says of itself.

    Args:
        folder: of the set.
        needs: names that the manifest must hold; whoever reads families needs no more than the format.

    Returns:
        "format", "digest", "recipe" (its arguments) and "families" (how many it shall hold).

    Raises:
        DatasetError: there is none, it is damaged or lacks a name, or it is of another format.

    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DatasetError(f"{folder} holds no rendered set; make one with `make scenes`") from error
    except ValueError as error:
        raise DatasetError(_damaged(path, str(error))) from error
    if not isinstance(manifest, dict):
        raise DatasetError(_damaged(path, "it holds no object"))
    wrong = [name for name in needs if not isinstance(manifest.get(name), _TYPES[name])]
    if wrong:
        raise DatasetError(_damaged(path, f"missing or of another type: {', '.join(wrong)}"))
    if manifest["format"] != FORMAT:
        raise DatasetError(
            f"{folder} is of format {manifest['format']}; this library reads {FORMAT}; "
            "render into another folder"
        )
    return manifest


def _damaged(path: Path, why: str) -> str:
    return (
        f"{path} is damaged ({why}); remove it and render again with the arguments of that set, "
        "or render into another folder"
    )


def read_family(folder: Path) -> Family:
    """Read one family.

    Raises:
        DatasetError: its file is missing, damaged, or lacks a field.

    """
    try:
        data = json.loads((folder / "family.json").read_text("utf-8"))
        return Family(
            folder=folder,
            index=data["index"],
            room=data["room"],
            general=data["general"],
            states=tuple(_state(state) for state in data["states"]),
            edits=tuple(Edit(**_tuples(edit)) for edit in data["edits"]),
            expressions=tuple(Expression(**_tuples(one)) for one in data["expressions"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{folder} holds no whole family ({error}); render it again") from error


def is_whole(folder: Path) -> bool:
    """Tell whether a family's description can be read and no picture that it names is missing."""
    try:
        states = range(len(read_family(folder).states))
    except DatasetError:
        return False
    return all((folder / f"{state}{end}").is_file() for state in states for end in (".png", ".index.png"))


def _state(data: dict[str, Any]) -> State:
    instances = tuple(Instance(**_tuples(one)) for one in data["instances"])
    return State(caption=data["caption"], instances=instances, scene=data["scene"])


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
