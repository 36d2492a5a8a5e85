"""Samples from and to InstructPix2Pix's layout (see `edit_layout`).

The layout keeps captions, instruction, pictures and figures. It has no place for masks, and its pictures are
JPEG, so that a set that went through it is near the one that was exported, not equal to it. What the original
has no name for is kept in `metadata.jsonl` as "sample", and read back.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from langdesign_triples import Change, SubjectKind, Triple

from ..errors import LayoutError, SampleError, SampleSetError
from .edit_layout import EditDataset, ImagePair, Prompt, write_edit_dataset
from .reading import SampleSet
from .sample import Sample, encode_picture, sample_key

IMPORTED = "imported"
_OURS = "sample"  # of a line of metadata.jsonl: what the original has no name for

_SCORES = {
    "clip_sim_0": "clip_text_before",
    "clip_sim_1": "clip_text_after",
    "clip_sim_dir": "clip_direction",
    "clip_sim_image": "clip_image",
}
_PARAMETERS = {"p2p_threshold": "share", "cfg_scale": "guidance"}

_VERBS = {
    Change.ADD: ("add", "put", "place", "hang", "insert", "include", "give"),
    Change.REMOVE: ("remove", "delete", "erase", "take", "drop", "clear", "get"),
    Change.REPLACE: ("replace", "swap", "exchange", "substitute"),
}  # first words of instructions; any other alters


def import_edit_dataset(folder: Path, *, licence: str = "unknown") -> Iterator[Sample]:
    """Read a folder in InstructPix2Pix's layout as samples of source "imported", one by one.

    Where the change is not told it is read off the captions and the first word of the instruction; the region
    is unknown. Figures of metadata.jsonl that are not finite are left out.

    Args:
        folder: of the layout.
        licence: of its pictures, where metadata.jsonl does not tell.

    Raises:
        LayoutError: a file is missing or damaged, or there is no pair; the message names it.

    """
    dataset = EditDataset(folder)
    if not len(dataset):
        raise LayoutError(f"{folder} holds no pair; give a folder whose seeds.json names some")
    taken: set[str] = set()
    for place in range(len(dataset)):
        sample = _sample(dataset, place, licence, taken)
        taken.add(sample.key)
        yield sample


def _sample(dataset: EditDataset, place: int, licence: str, taken: set[str]) -> Sample:
    folder, name = dataset.names(place)
    line = dataset.metadata(place)
    ours = line.get(_OURS, {})
    try:
        triple = _triple(dataset.prompt(place), ours)
        seed = int(name) if name.isdecimal() and int(name) < 2**63 else _seed_of(folder, name)
        if sample_key(triple, IMPORTED, seed) in taken:
            seed = _seed_of(folder, name)
        before, after = (encode_picture(np.asarray(one)) for one in dataset.pictures(place))
        return Sample(
            key=sample_key(triple, IMPORTED, seed),
            triple=triple,
            before=before,
            after=after,
            mask=None,
            source=IMPORTED,
            seed=seed,
            models=ours.get("models", {}),
            parameters=_known(line, _PARAMETERS) | ours.get("parameters", {}),
            scores=_known(line, _SCORES) | ours.get("scores", {}),
            licence=ours.get("licence", licence),
        )
    except (SampleError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise LayoutError(f"{folder}/metadata.jsonl says of seed {name} what cannot be ({error})") from error


def _triple(prompt: Prompt, ours: Mapping[str, Any]) -> Triple:
    told = ours.get("triple", {})
    return Triple(
        input=prompt.input,
        edit=prompt.edit,
        output=prompt.output,
        change=Change(told["change"]) if told else _change(prompt),
        subject=told.get("subject", ""),
        subject_kind=SubjectKind(told.get("subject_kind", "room")),
        target_before=told.get("target_before", ""),
        target_after=told.get("target_after", ""),
    )


def _change(prompt: Prompt) -> Change:
    if prompt.input and prompt.input == prompt.output:
        return Change.NONE
    words = prompt.edit.lower().split()
    return next((change for change, verbs in _VERBS.items() if words and words[0] in verbs), Change.ALTER)


def _seed_of(folder: str, name: str) -> int:
    """Return a seed for a pair whose name is no number, or whose number another pair of its captions has."""
    return int.from_bytes(hashlib.sha256(f"{folder}/{name}".encode()).digest()[:7], "big")


def _known(line: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, float]:
    found = {ours: line[theirs] for theirs, ours in names.items() if theirs in line}
    return {
        name: float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def export_edit_dataset(samples: SampleSet, folder: Path) -> None:
    """Write a set in InstructPix2Pix's layout: JPEG of quality 100 and full colour, lossy all the same.

    Samples of equal captions and instruction share a prompt. Masks are left behind.

    Raises:
        SampleSetError: the set holds no sample, is damaged, or the folder cannot be written.

    """
    if not len(samples):
        raise SampleSetError(
            f"{samples.folder} holds no sample to export; its gates dropped all: loosen them"
        )
    places: dict[Prompt, list[int]] = {}
    for place, row in enumerate(samples.table.to_pylist()):
        places.setdefault(Prompt(row["edit"], row["input"], row["output"]), []).append(place)
    try:
        write_edit_dataset(folder, ((prompt, _pairs(samples, own)) for prompt, own in places.items()))
    except OSError as error:
        raise SampleSetError(
            f"{folder} cannot be written ({error}); make room there, and export again"
        ) from error


def _pairs(samples: SampleSet, places: Sequence[int]) -> list[ImagePair]:
    pairs: dict[str, ImagePair] = {}
    for place in places:
        sample = samples[place]
        seed = str(sample.seed) if str(sample.seed) not in pairs else sample.key
        pairs[seed] = ImagePair(seed, *sample.pictures(), metadata=_line(sample))
    return list(pairs.values())


def _line(sample: Sample) -> dict[str, Any]:
    scores = {theirs: sample.scores[ours] for theirs, ours in _SCORES.items() if ours in sample.scores}
    parameters = {
        theirs: sample.parameters[ours] for theirs, ours in _PARAMETERS.items() if ours in sample.parameters
    }
    ours = {
        "key": sample.key,
        "source": sample.source,
        "triple": {
            name: getattr(sample.triple, name)
            for name in ("change", "subject", "subject_kind", "target_before", "target_after")
        },
        "models": sample.models,
        "parameters": {k: v for k, v in sample.parameters.items() if k not in _PARAMETERS.values()},
        "scores": {k: v for k, v in sample.scores.items() if k not in _SCORES.values()},
        "licence": sample.licence,
    }
    return {**scores, **parameters, _OURS: ours}
