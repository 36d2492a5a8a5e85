"""Which of the pairs that passed are kept: the best of each triple, and none twice."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence

import imagehash
import numpy as np
from langdesign_triples import Change
from numpy.typing import NDArray
from PIL import Image

from .recipes import Gates
from .samples import Sample
from .samples.sample import Pixels

Hash = NDArray[np.bool_]


def select(samples: Sequence[Sample], gates: Gates) -> list[Sample]:
    """Return the samples, of which those that are too many or there already are dropped.

    Args:
        samples: in any order, dropped ones too; the result does not depend on it.
        gates: how many of a triple are kept, and from how many bits on two pictures are two.

    """
    ordered = sorted(samples, key=lambda one: one.key)
    return sorted(without_duplicates(best(ordered, gates.kept), gates.duplicate), key=lambda one: one.key)


def best(samples: Iterable[Sample], kept: int) -> list[Sample]:
    """Keep at most `kept` pairs of a triple, best CLIP_dir first, and the no-op that fits its caption best.

    Rendered pairs are exact, so all of them stay.
    """
    groups: dict[object, list[Sample]] = defaultdict(list)
    chosen = []
    for sample in samples:
        if sample.kept and sample.source != "rendered":
            groups[sample.triple].append(sample)
        else:
            chosen.append(sample)
    for group in groups.values():
        score, most = ("clip_text_before", 1) if _changes_nothing(group[0]) else ("clip_direction", kept)
        ranked = sorted(group, key=lambda one, name=score: (-one.scores.get(name, 0.0), one.key))  # type: ignore[misc]
        chosen += ranked[:most]
        reason = f"{most} of this triple have a higher {score}"
        chosen += [dropped(one, "surplus", reason) for one in ranked[most:]]
    return chosen


def without_duplicates(samples: Sequence[Sample], bits: int) -> list[Sample]:
    """Drop what looks like a kept sample of the same instruction before it, in both of its pictures.

    By perceptual hashes of structure (pHash) and, since plain pictures differ little in that, of colour.
    Pairs with other instructions are other samples, however alike their pictures.
    """
    result: list[Sample] = []
    seen: dict[str, list[tuple[str, Hash]]] = defaultdict(list)
    for sample in sorted(samples, key=lambda one: one.key):
        if not sample.kept or sample.source == "rendered":
            result.append(sample)
            continue
        hashed, alike = hash_of(sample), seen[sample.triple.edit]
        twin = next((key for key, other in alike if _near(hashed, other, bits)), None)
        if twin is None:
            alike.append((sample.key, hashed))
            result.append(sample)
        else:
            result.append(dropped(sample, "duplicate", f"its pictures look like those of {twin}"))
    return result


def hash_of(sample: Sample) -> Hash:
    """Return the perceptual hashes of both pictures, bool [2, 128]: of structure, and of colour."""
    return np.stack([_hash(picture) for picture in sample.pictures()])


def _hash(picture: Pixels) -> Hash:
    image = Image.fromarray(picture)
    structure = np.asarray(imagehash.phash(image).hash, np.bool_).ravel()
    colour = np.asarray(imagehash.colorhash(image, binbits=4).hash, np.bool_).ravel()
    return np.concatenate([structure, colour])


def _near(one: Hash, other: Hash, bits: int) -> bool:
    return bool(((one ^ other).sum(axis=1) <= bits).all())


def dropped(sample: Sample, gate: str, reason: str) -> Sample:
    """Return a sample that a gate drops."""
    return dataclasses.replace(sample, verdict=gate, reason=reason)


def _changes_nothing(sample: Sample) -> bool:
    return sample.triple.change is Change.NONE
