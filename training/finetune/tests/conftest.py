"""A tiny rendered set: boxes of a colour in a room, in the format of rendered ones."""

from __future__ import annotations

import dataclasses
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from langdesign_scenes.dataset import FORMAT, SceneSet
from langdesign_scenes.vocabulary import COLOURS, ROOMS
from PIL import Image

SIDE = 64
FAMILIES = 22  # so that one is for validation
_COLOURS = ("red", "blue", "green", "yellow")
_KINDS = ("chair", "table", "sofa")


@dataclasses.dataclass(frozen=True)
class Box:
    colour: str
    kind: str
    side: str  # of the picture: "left" or "right"


@contextmanager
def full_disk(largest: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> SceneSet:
    folder = tmp_path_factory.mktemp("rooms")
    write_set(folder, FAMILIES)
    return SceneSet(folder)


def write_set(folder: Path, families: int) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"format": FORMAT, "digest": "boxes"}))
    for index in range(families):
        write_family(folder / "families" / f"{index:06d}", index)


def write_family(folder: Path, index: int, side: int = SIDE) -> None:
    """A box and the same box in two other colours: three states, six edits."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(index)
    kind, place = _KINDS[draw.integers(3)], ("left", "right")[draw.integers(2)]
    room = ROOMS[draw.integers(len(ROOMS))]
    colours = draw.permutation(_COLOURS)[:3]
    boxes = [Box(str(colour), kind, place) for colour in colours]
    for state, box in enumerate(boxes):
        picture, index_map = paint(box, ROOMS.index(room), side)
        Image.fromarray(picture).save(folder / f"{state}.png")
        Image.fromarray(index_map).save(folder / f"{state}.index.png")
    data = {
        "index": index,
        "room": room,
        "general": index % 2 == 0,
        "states": [_state(room, box, side) for box in boxes],
        "edits": [_edit(room, boxes, one, two) for one in range(3) for two in range(3) if one != two],
        "expressions": [
            {"state": 0, "text": f"the {kind} on the {place}", "targets": ["box-1"], "kind": "unique"},
            {"state": 0, "text": "the clock", "targets": [], "kind": "absent"},
        ],
    }
    (folder / "family.json").write_text(json.dumps(data))


def paint(box: Box, room: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    picture = np.full((side, side, 3), 90 + 25 * room, np.uint8)
    picture[side // 2 :] = 60 + 15 * room
    index_map = np.ones((side, side), np.uint8)
    left = side // 8 if box.side == "left" else side // 2
    height = side // 8 * (2 + _KINDS.index(box.kind))
    where = (slice(side - height - side // 8, side - side // 8), slice(left, left + side * 3 // 8))
    picture[where] = COLOURS[box.colour]
    index_map[where] = 2
    return picture, index_map


def caption(room: str, box: Box) -> str:
    return f"a {room} with a {box.colour} {box.kind} on the {box.side}"


def _state(room: str, box: Box, side: int) -> dict:
    def instance(name: str, kind: str, colour: str) -> dict:
        fixed = {
            "pixels": side,
            "box": [0, 0, side, side],
            "depth": 2.0,
            "material": "wood",
            "pattern": "plain",
        }
        return {"id": name, "kind": kind, "colour": colour, **fixed}

    things = [instance("wall", "wall", "grey"), instance("box-1", box.kind, box.colour)]
    return {"caption": caption(room, box), "instances": things, "scene": "{}"}


def _edit(room: str, boxes: list[Box], before: int, after: int) -> dict:
    return {
        "before": before,
        "after": after,
        "operation": "recolour",
        "instruction": f"Make the {boxes[0].kind} on the {boxes[0].side} {boxes[after].colour}.",
        "expression": f"the {boxes[0].kind}",
        "targets": ["box-1"],
        "located": ["box-1"],
        "ambiguous": False,
        "caption_before": caption(room, boxes[before]),
        "caption_after": caption(room, boxes[after]),
    }
