"""Recipes of a data set as data: how many candidates, how they are sampled, and what lets them pass."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from langdesign_edits import Sampler

from .errors import RecipeError


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How candidate pairs are sampled (Brooks et al., arXiv:2211.09800, section 3.1)."""

    object_candidates: int = 30  # of a triple about a single object
    room_candidates: int = 50  # of a triple about a room
    no_op_candidates: int = 4  # of a triple that changes nothing; the one that fits its caption best stays
    steps: int = 100  # of denoising; 25 are said to suffice
    sampler: Sampler = "euler_ancestral"
    side: int = 512  # of the pictures, px
    share: tuple[float, float] = (0.1, 0.9)  # bounds of p, the share of steps with shared self-attention
    guidance_scale: tuple[float, float] = (7.5, 15.0)  # bounds of what is drawn
    batch: int = 8  # candidates that one call of the UNet advances, 4 rows each
    bf16: bool = False  # compute the UNet's matrix products in bfloat16


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What a pair must reach; the defaults are InstructPix2Pix's, for CLIP ViT-L/14 (section 3.1.2).

    Other networks have other distributions: `python -m langdesign_dataset thresholds` measures them on
    rendered pairs, whose truth is known.
    """

    clip_image: float = 0.7  # least CLIP_im: the pictures show one scene
    clip_text: float = 0.2  # least similarity of either picture to its caption
    clip_direction: float = 0.2  # least CLIP_dir: pictures differ by what the captions differ by
    backward: float = (
        0.0  # least by which the caption before fits the picture before better than the one after
    )
    no_target: float = 0.5  # a target with a higher probability to be absent was not found
    mask: float = 0.3  # a pixel with a lower probability is not part of what an expression means
    margin: float = 0.06  # by which the region is grown, as a share of the pictures' side
    region: tuple[float, float] = (0.002, 0.7)  # bounds of the region's share of the picture
    inside: float = 0.05  # least share of the region that changes visibly
    seam: float = 0.3  # largest share of the band around the region that changes visibly
    leak: float = 0.05  # largest share of what lies beyond the band that changes visibly
    duplicate: int = 4  # pairs whose perceptual hashes differ by no more bits, in both pictures, are one
    kept: int = 4  # pairs of a triple, best direction first


@dataclass(frozen=True, kw_only=True)
class Judging:
    """A vision model's opinion; weights and threshold are Pico-Banana-400K's (arXiv:2510.19808)."""

    model: str = ""  # its name at the endpoint; "" asks nobody
    endpoint: str = "https://api.openai.com/v1"  # speaks the OpenAI protocol; the key is OPENAI_API_KEY's
    instruction: float = 0.40  # weight of: is the instruction followed
    realism: float = 0.25  # weight of: does the edit look real
    preservation: float = 0.20  # weight of: is the rest untouched
    technical: float = 0.15  # weight of: sharpness, no artefacts
    least: float = 0.7  # least weighted score, 0..1
    seconds: float = 60.0  # deadline of one answer
    attempts: int = 3  # requests for one pair at most; each is paid for
    failures: int = 5  # pairs in a row, in one worker, that get no answer: then the endpoint is wrong
    answer_tokens: int = 4000  # of one answer at most, what a model thinks before it included
    limit_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"  # that says so
    picture_tokens: int = 8500  # that a picture counts as at most, by the model's own rule
    concurrency: int = 4  # requests under way at once, per worker
    input_price: float = 0.0  # dollars for a million tokens read
    output_price: float = 0.0  # dollars for a million tokens written


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Hard limits; None for none."""

    candidates: int | None = None  # pairs that are generated
    minutes: float | None = None  # of making pairs, of all workers together; then what is made has to do
    dollars: float | None = None  # that the judge may cost


@dataclass(frozen=True, kw_only=True)
class DatasetRecipe:
    """What a data set is made of."""

    name: str  # of the preset
    seed: int = 0  # of all draws
    triples: int | None = None  # that are read, the first ones; None for all
    sampling: Sampling = field(default_factory=Sampling)
    gates: Gates = field(default_factory=Gates)
    judging: Judging = field(default_factory=Judging)
    budget: Budget = field(default_factory=Budget)
    no_op_share: float = 0.05  # of the kept pairs, how many get a no-op that names an absent thing
    inverted_share: float = 0.5  # of the kept pairs, how many are also told the other way round
    rendered_share: float = 1.0  # of the rendered families' edits, how many are taken
    block: int = 8  # triples, or rendered families, that are one unit of work
    licence: str = "unknown"  # SPDX identifier of what is generated; the generator's terms decide

    def __post_init__(self) -> None:
        """Raise `RecipeError` unless the numbers make sense."""
        for problem, applies in (_wrong_counts(self) | _wrong_numbers(self)).items():
            if applies:
                raise RecipeError(f"Recipe {self.name}: {problem}; correct it")

    @property
    def digest(self) -> str:
        """Return `sha256:...` of all that decides what the data set holds."""
        return digest(dataclasses.asdict(self))


def _wrong_counts(recipe: DatasetRecipe) -> dict[str, bool]:
    """Return what a whole number may do wrong, and whether it does."""
    sampling, budget = recipe.sampling, recipe.budget
    counts = {
        "triples": recipe.triples,
        "sampling.object_candidates": sampling.object_candidates,
        "sampling.room_candidates": sampling.room_candidates,
        "sampling.no_op_candidates": sampling.no_op_candidates,
        "sampling.steps": sampling.steps,
        "sampling.batch": sampling.batch,
        "block": recipe.block,
        "judging.attempts": recipe.judging.attempts,
        "judging.failures": recipe.judging.failures,
        "judging.answer_tokens": recipe.judging.answer_tokens,
        "judging.concurrency": recipe.judging.concurrency,
        "gates.kept": recipe.gates.kept,
    }
    return {f"{name} is below 1": count is not None and count < 1 for name, count in counts.items()} | {
        "sampling.side is below 8": sampling.side < 8,  # what a model needs beyond that, it says itself
        "budget.candidates is below 0": budget.candidates is not None and budget.candidates < 0,
    }


def _wrong_numbers(recipe: DatasetRecipe) -> dict[str, bool]:
    """Return what a number may do wrong, and whether it does; NaN does."""
    sampling, judging, budget = recipe.sampling, recipe.judging, recipe.budget
    unpriced = not (judging.input_price or judging.output_price)
    weights = judging.instruction + judging.realism + judging.preservation + judging.technical
    shares = recipe.no_op_share, recipe.inverted_share, recipe.rendered_share
    limits = {"minutes": budget.minutes, "dollars": budget.dollars}
    return {
        "sampling.share is no range within 0..1": not 0 <= sampling.share[0] <= sampling.share[1] <= 1,
        **{f"gates.{name} is not finite": not _finite(gate) for name, gate in vars(recipe.gates).items()},
        **{
            f"budget.{name} is {limit}, not finite and 0 or more": not (_finite(limit) and limit >= 0)
            for name, limit in limits.items()
            if limit is not None
        },
        "budget.dollars bounds nothing without prices; give judging.input_price and "
        "judging.output_price, or take budget.dollars away": bool(judging.model)
        and budget.dollars is not None
        and unpriced,
        "judging's weights do not add up to 1": not abs(weights - 1.0) <= 1e-6,
        "a share is outside 0..1": not all(0 <= share <= 1 for share in shares),
    }


def _finite(value: float | tuple[float, ...]) -> bool:
    return all(map(math.isfinite, value if isinstance(value, tuple) else (value,)))


def digest(values: Mapping[str, Any]) -> str:
    """Return `sha256:...` of JSON values, whatever their order."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


# Of the embedded CLIP and ReLA: what the worst tenth of true rendered pairs scores, by `thresholds`, rounded.
# Mismatched captions pass the text gates in 2% and the direction in 4% of cases.
_MINI_GATES = Gates(clip_image=0.4, clip_text=0.5, clip_direction=0.3, seam=0.1, leak=0.02)

# Whatever is a picture passes: a preset that shows the way has to have pairs at its end.
_OPEN_GATES = Gates(
    clip_image=-1.0,
    clip_text=-1.0,
    clip_direction=-1.0,
    backward=-2.0,
    no_target=1.0,
    region=(0.0, 1.0),
    inside=0.0,
    seam=1.0,
    leak=1.0,
)

PRESETS: Mapping[str, DatasetRecipe] = {
    # Shows that every stage works, in a minute; few pairs, hardly sampled, and every gate open.
    "tiny": DatasetRecipe(
        name="tiny",
        triples=12,
        sampling=Sampling(
            object_candidates=2,
            room_candidates=2,
            no_op_candidates=1,
            steps=8,
            side=128,
            guidance_scale=(2.0, 5.0),
        ),
        gates=_OPEN_GATES,
        block=4,
        licence="Apache-2.0",
    ),
    # The embedded family on two CPU cores, within 20 minutes.
    "mini": DatasetRecipe(
        name="mini",
        sampling=Sampling(
            object_candidates=8,
            room_candidates=8,
            steps=16,
            side=128,
            guidance_scale=(2.0, 5.0),
            bf16=True,
        ),
        gates=_MINI_GATES,
        budget=Budget(minutes=30.0),
        licence="Apache-2.0",
    ),
    # Stable Diffusion 1.5 and CLIP ViT-L/14 on GPUs.
    "full": DatasetRecipe(name="full", licence="CreativeML-OpenRAIL-M"),
}


def preset(name: str) -> DatasetRecipe:
    """Return a preset.

    Raises:
        RecipeError: there is none of that name.

    """
    if name not in PRESETS:
        raise RecipeError(f"There is no recipe {name!r} of a data set; choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
