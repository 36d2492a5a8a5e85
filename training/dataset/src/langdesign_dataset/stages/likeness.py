"""What CLIP says of a pair: one scene, both captions, the change, and the change undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from langdesign_evaluation import Clip, metrics
from langdesign_evaluation.metrics import Vector
from langdesign_triples import Change

from ..recipes import Gates
from ..samples import KEPT, Sample
from ..store import Store
from .inputs import read_samples
from .notes import Note, pack_notes
from .stage import Made, Work

_READ = ("clip_image", "clip_text", "clip_direction", "backward")
PICTURES = 32  # of one pass


@dataclass(frozen=True)
class LikenessStage:
    """The CLIP gates, and the backward check."""

    gates: Gates
    model: Path  # CLIP
    model_name: str  # "name@sha256:..."
    device: str = "cpu"
    name: ClassVar[str] = "likeness"

    @property
    def depends(self) -> Mapping[str, Any]:
        """Return version, thresholds and model."""
        gates = dataclasses.asdict(self.gates)
        return {"version": 1, "model": self.model_name, **{name: gates[name] for name in _READ}}

    def open(self) -> Work:
        """Load CLIP."""
        clip = Clip(self.model, self.device, PICTURES)

        def work(payload: Mapping[str, Any], store: Store) -> Made:
            clip.forget()  # a block's scores depend on nothing but the block
            return Made(pack_notes(judge(read_samples(payload, store), clip, self.gates)))

        return work


def judge(samples: Sequence[Sample], clip: Clip, gates: Gates) -> list[Note]:
    """Return a note on each sample; rendered pairs are measured, and pass whatever they score.

    Args:
        samples: pairs; what several share, a picture or a text, is embedded once.
        clip: of any size; its features have length 1.
        gates: least scores.

    """
    if not samples:
        return []
    pictures = [one.pictures() for one in samples]
    before, after = (
        clip.images([first for first, _ in pictures]),
        clip.images([second for _, second in pictures]),
    )
    inputs = clip.texts([one.triple.input for one in samples])
    outputs = clip.texts([one.triple.output for one in samples])
    scores = [likeness(*row) for row in zip(before, after, inputs, outputs, strict=True)]
    return [_note(sample, one, clip.identity, gates) for sample, one in zip(samples, scores, strict=True)]


def likeness(before: Vector, after: Vector, text_before: Vector, text_after: Vector) -> dict[str, float]:
    """Return the scores of a pair's features, all of length 1.

    The product of both directions is the sum of two halves: after fits the output by that much better than
    before does ("forward"), and before fits the input by that much better than after does ("backward"). A
    pair may pass by one half alone; that both hold is what Winoground calls the image score (Thrush et al.,
    arXiv:2204.03162). The backward half asks whether the way back is an edit too.
    """
    scores = {
        "clip_image": metrics.clip_im(before, after),
        "clip_text_before": metrics.cosine(before, text_before),
        "clip_text_after": metrics.cosine(after, text_after),
    }
    direction = metrics.clip_dir(before, after, text_before, text_after)
    if direction is not None:  # there is none between equal captions
        scores["clip_direction"] = direction
        scores["forward"] = scores["clip_text_after"] - metrics.cosine(before, text_after)
        scores["backward"] = scores["clip_text_before"] - metrics.cosine(after, text_before)
    return {name: float(np.float32(value)) for name, value in scores.items()}


_GATES: Mapping[str, Callable[[Mapping[str, float], Gates], tuple[float, float]]] = {
    # gate -> (score, least score)
    "clip_image": lambda scores, gates: (scores["clip_image"], gates.clip_image),
    "clip_text_before": lambda scores, gates: (scores["clip_text_before"], gates.clip_text),
    "clip_text_after": lambda scores, gates: (scores["clip_text_after"], gates.clip_text),
    "clip_direction": lambda scores, gates: (scores["clip_direction"], gates.clip_direction),
    "backward": lambda scores, gates: (scores["backward"], gates.backward),
}

_SAYS = {
    "clip_image": "the pictures do not show one scene",
    "clip_text_before": "the picture before does not show its caption",
    "clip_text_after": "the picture after does not show its caption",
    "clip_direction": "the pictures do not differ by what the captions differ by",
    "backward": "the caption before fits the picture after as well as the one before",
}


def _note(sample: Sample, scores: dict[str, float], model: str, gates: Gates) -> Note:
    verdict, reason = (KEPT, "") if sample.source == "rendered" else _verdict(sample, scores, gates)
    return Note(sample.key, scores, {"clip": model}, verdict, reason)


def _verdict(sample: Sample, scores: Mapping[str, float], gates: Gates) -> tuple[str, str]:
    directed = {"clip_direction", "backward"}
    for gate, bound in _GATES.items():
        if gate in directed and (sample.triple.change is Change.NONE or gate not in scores):
            continue
        score, least = bound(scores, gates)
        if score < least:
            return gate, f"{_SAYS[gate]} ({score:.3f}, at least {least:g} is asked)"
    return KEPT, ""
