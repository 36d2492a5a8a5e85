"""Tiny samples: a box in a room that changes its colour, comes, goes, or stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from langdesign_dataset.samples import (
    Sample,
    SampleSet,
    encode_mask,
    encode_picture,
    sample_key,
    write_samples,
)
from langdesign_triples import Change, SubjectKind, Triple

SIZE = (48, 64)  # height and width: not square, and no size that a network takes
COLOURS = {"red": (200, 40, 40), "blue": (40, 40, 200)}


def write_tiny(folder: Path, count: int = 24) -> SampleSet:
    """Write a set of samples of four changes and three sources."""
    return write_samples(folder, made(count), recipe={"tiny": count})


def made(count: int) -> Iterator[Sample]:
    for number in range(count):
        yield one_sample(number, (Change.ALTER, Change.ADD, Change.REMOVE, Change.NONE)[number % 4])


def one_sample(number: int, change: Change) -> Sample:
    room = f"a room number {number} of grey"
    red, blue = f"{room} with a red box on the left", f"{room} with a blue box on the left"
    edit, before, after, captions = {
        Change.ALTER: ("Make the left box blue.", "red", "blue", (red, blue)),
        Change.ADD: ("Add a red box on the left.", "", "red", (room, red)),
        Change.REMOVE: ("Remove the left box.", "red", "", (red, room)),
        Change.NONE: ("Remove the lamp.", "red", "red", (red, red)),
    }[change]
    triple = Triple(
        captions[0], edit, captions[1], change, "room", SubjectKind.ROOM, "the left box", "the left box"
    )
    source = {Change.NONE: "no-op", Change.ADD: "rendered"}.get(change, "prompt-to-prompt")
    region = np.zeros(SIZE, np.bool_)
    region[16:40, 8:32] = True
    return Sample(
        key=sample_key(triple, source, number),
        triple=triple,
        before=encode_picture(_paint(number, before, region)),
        after=encode_picture(_paint(number, after, region)),
        mask=None if change is Change.NONE else encode_mask(region),
        source=source,
        seed=number,
    )


def _paint(number: int, colour: str, region: np.ndarray) -> np.ndarray:
    picture = np.full((*SIZE, 3), 90 + 3 * number, np.uint8)
    if colour:
        picture[region] = COLOURS[colour]
    return picture
