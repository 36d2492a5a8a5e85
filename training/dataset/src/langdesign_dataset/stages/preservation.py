"""The preservation gate: what changes must lie where both pictures show what the edit is about.

CLIP does not see a background that moves. So the targets are segmented by their expressions in both pictures,
and the change is measured by place: inside the union of the masks, in a band around it, and beyond.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from langdesign_evaluation import metrics
from langdesign_evaluation.metrics import Mask, Pixels
from langdesign_rela import Predictor, Request, Segmentation
from langdesign_triples import Change

from ..recipes import Gates
from ..samples import KEPT, Sample, encode_mask
from ..store import Store
from ..wording import absent_thing
from .inputs import read_samples
from .notes import Note, pack_notes
from .stage import Made, Work

_READ = ("no_target", "mask", "margin", "region", "inside", "seam", "leak")
Pair = tuple[Pixels, Pixels]


@dataclass(frozen=True)
class PreservationStage:
    """Segments targets, and measures where the pictures differ."""

    gates: Gates
    things: tuple[str, ...]  # that a no-op may name, where the caption does not
    model: Path  # ReLA
    model_name: str  # "name@sha256:..."
    device: str = "cpu"
    name: ClassVar[str] = "preservation"

    @property
    def depends(self) -> Mapping[str, Any]:
        """Return version, thresholds, things and model."""
        gates = dataclasses.asdict(self.gates)
        bounds = {name: gates[name] for name in _READ}
        return {"version": 1, "model": self.model_name, "things": list(self.things), **bounds}

    def open(self) -> Work:
        """Load ReLA."""
        predictor = Predictor.from_folder(self.model, self.device)

        def work(payload: Mapping[str, Any], store: Store) -> Made:
            samples = [one for one in read_samples(payload, store) if one.kept]
            return Made(pack_notes(judge(samples, predictor, self.gates, self.things, self.model_name)))

        return work


def judge(
    samples: Sequence[Sample], predictor: Predictor, gates: Gates, things: Sequence[str], model: str
) -> list[Note]:
    """Return a note on each sample; rendered pairs are measured in their exact region, and pass.

    Args:
        samples: pairs; all their expressions are segmented in one go.
        predictor: ReLA.
        gates: bounds.
        things: names of which one that the caption lacks is looked for, for a later no-op.
        model: name of the predictor's weights.

    """
    pictures = [one.pictures() for one in samples]
    asked = [_requests(one, pair, things) for one, pair in zip(samples, pictures, strict=True)]
    flat = [request for requests in asked for request in requests.values()]
    answers = iter(predictor.predict_many(flat) if flat else [])
    notes = []
    for sample, pair, requests in zip(samples, pictures, asked, strict=True):
        found = {place: next(answers) for place in requests}
        models = {"segment": model} if requests else {}
        notes.append(dataclasses.replace(_note(sample, pair, found, gates), models=models))
    return notes


def _requests(sample: Sample, pair: Pair, things: Sequence[str]) -> dict[str, Request]:
    """Return what is looked for: the targets, and something that should not be there."""
    if sample.source == "rendered":
        return {}
    triple = sample.triple
    expressions = {"before": [triple.target_before], "after": [triple.target_after]}
    if triple.change is not Change.NONE:
        expressions["before"].append(absent_thing(triple, sample.key, things))
    requests = {}
    for (place, texts), picture in zip(expressions.items(), pair, strict=True):
        said = [text for text in texts if text]
        if said:
            requests[place] = Request(picture, said)
    return requests


def _note(sample: Sample, pair: Pair, found: Mapping[str, Segmentation], gates: Gates) -> Note:
    if sample.source == "rendered":
        region = sample.region()
        measured = {} if region is None else measure(*pair, region, _margin(pair[0], gates))
        return Note(sample.key, measured)
    triple, scores = sample.triple, {}
    if triple.change is Change.NONE:
        return _no_op_note(sample, found, gates)
    masks: list[Mask] = []
    for place, target in (("before", triple.target_before), ("after", triple.target_after)):
        if target:
            scores[f"no_target_{place}"] = _number(found[place].no_target[0])
            masks.append(found[place].masks(gates.mask)[0])
    if "before" in found and len(found["before"].no_target) > bool(triple.target_before):
        scores["absent"] = _number(found["before"].no_target[-1])
    if not masks:  # the whole picture may change
        return Note(sample.key, scores)
    region = np.logical_or.reduce(masks)
    margin = _margin(pair[0], gates)
    scores |= measure(*pair, region, margin)
    verdict, reason = _verdict(sample, scores, gates)
    allowed = encode_mask(metrics.grown(region, margin))
    return Note(sample.key, scores, verdict=verdict, reason=reason, mask=allowed)


def _no_op_note(sample: Sample, found: Mapping[str, Segmentation], gates: Gates) -> Note:
    target = sample.triple.target_before
    if not target:
        return Note(sample.key)
    absent = _number(found["before"].no_target[0])
    if absent >= gates.no_target:
        return Note(sample.key, {"absent": absent})
    reason = f"the picture may show {target}, which the instruction takes for absent ({absent:.3f})"
    return Note(sample.key, {"absent": absent}, verdict="absent", reason=reason)


def measure(before: Pixels, after: Pixels, region: Mask, margin: int) -> dict[str, float]:
    """Return where two pictures visibly differ.

    Args:
        before: RGB uint8 [H, W, 3].
        after: likewise.
        region: bool [H, W], where the edit's target is, in either.
        margin: px; the region grown by it is inside, and a band as wide again is where a seam would be.

    Returns:
        "region", its share of the picture; "inside", "seam" (the band) and "leak" (what lies beyond it), the
        share of their pixels with a channel that differs by more than `metrics.VISIBLE` levels; none of a
        part that has no pixel.

    """
    grown = metrics.grown(region, margin)
    wide = metrics.grown(grown, margin)
    parts = {"inside": region, "seam": wide & ~grown, "leak": ~wide}
    shares = {
        name: metrics.changed_share(before, after, part, metrics.VISIBLE) for name, part in parts.items()
    }
    measured = {name: _number(share) for name, share in shares.items() if share is not None}
    return {"region": _number(region.mean()), **measured}


def _verdict(sample: Sample, scores: Mapping[str, float], gates: Gates) -> tuple[str, str]:
    targets = {"before": sample.triple.target_before, "after": sample.triple.target_after}
    for place, target in targets.items():
        absent = scores.get(f"no_target_{place}", 0.0)
        if absent >= gates.no_target:
            return "target", f"the picture {place} does not show {target} ({absent:.3f} absent)"
    least, most = gates.region
    if not least <= scores["region"] <= most:
        share = f"{100 * scores['region']:.1f}% of the picture"
        return "region", f"the region is {share}, and {100 * least:g} to {100 * most:g}% is asked"
    changed = scores.get("inside", 0.0)
    if changed < gates.inside:
        return "inside", f"only {100 * changed:.1f}% of the region changes"
    for gate, says in (("seam", "around the region"), ("leak", "far from the region")):
        bound: float = getattr(gates, gate)
        if scores.get(gate, 0.0) > bound:
            share = f"{100 * scores[gate]:.1f}% of what lies {says} changes"
            return gate, f"{share}, at most {100 * bound:g}% may"
    return KEPT, ""


def _margin(picture: Pixels, gates: Gates) -> int:
    return max(1, int(gates.margin * min(picture.shape[:2])))


def _number(value: float) -> float:
    return float(np.float32(value))
