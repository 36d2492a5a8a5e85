"""Fine-tuning an editor on a data set of samples, or making one of a generator.

OUT/latents/      the pictures, encoded once
OUT/tune.json     what is tuned: recipe, base, data set
OUT/checkpoints/  OUT/log.jsonl  OUT/report.json   see `loop`
OUT/edits.png     held-out edits as of the last validation: before, region, after, truth
OUT/model/        the tuned editor: a diffusers folder in float16, sampling.json, README.md
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from langdesign_dataset.samples import SampleSet

from .base import check_base, load_base
from .edit_check import SCALES, EditCheck
from .edit_pairs import PairSource
from .errors import RecipeError
from .latents import weights_digest
from .loop import LoopReport, train
from .low_rank import LowRank
from .networks import Surroundings
from .processes import joined
from .sample_latents import encode_samples
from .sample_pairs import MixedPairs, SamplePairs, trained_on
from .sampling import Sampling
from .tracking import tracked
from .tune_recipes import TuneRecipe, check_recipe, tune_preset
from .tune_task import Description, TuneTask, check_begun, describe

__all__ = ["TuneRecipe", "tune", "tune_preset"]

SHEET = "edits.png"

Places = tuple[Sequence[int], Sequence[int]]
"""Of the first set: what is trained on, and what is held out."""


def tune(
    recipe: TuneRecipe,
    samples: Path,
    base: Path,
    out: Path,
    *,
    replay: Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    tracking: str = "",
    run_name: str = "",
    progress: Callable[[float], None] | None = None,
) -> LoopReport:
    """Tune an editor, or go on with it; the result is the diffusers folder OUT/model.

    Launched by `accelerate launch`, or in a worker of Ray Train, the processes share each batch.

    Args:
        recipe: see there.
        samples: folder of the data set.
        base: diffusers folder of an InstructPix2Pix or a Stable Diffusion model.
        out: folder of the training; one that was begun is gone on with, and must be of the same recipe, data
            set and base.
        replay: folder of a second data set, of which the recipe's share of every batch is drawn.
        minutes: stop cleanly after so many; None: after the recipe's.
        steps: of the whole training; None: the recipe's.
        tracking: URI of MLflow; "" tracks nowhere. One that fails is warned of (`tracking.TrackingWarning`).
        run_name: of the run there; "" for the folder's name.
        progress: called after each step with the share of the steps that is done.

    Returns:
        How far it is: `stopped` is "done", or "minutes" or "signal" where it can be gone on with.

    Raises:
        DataError: the samples do not suit the recipe.
        RecipeError: the recipe cannot be followed, or the base does not fit it.
        ResumeError: the folder was begun otherwise.
        StorageError: the disk is full, or cannot be written; the last whole checkpoint is kept.
        TrainingError: the numbers are no longer finite, or the tuned model was not written as it was trained.
        SampleError, SampleSetError: the data set is missing or damaged (of langdesign_dataset).

    """
    recipe = _followable(recipe.running(minutes=minutes, steps=steps), replay)
    check_base(base, recipe.objective.prediction, recipe.side)
    sets = [SampleSet(one) for one in (samples, replay) if one is not None]
    places = trained_on(sets[0], recipe.held_out, recipe.shares, recipe.sources)
    described = describe(recipe, sets, base)
    check_begun(out, described)
    processes, device = joined(recipe.loop.device)
    task = _task(_placed(recipe, device), sets, places, base, out, described)
    told = tracking if processes.rank == 0 else ""
    with tracked(told, out, described, out / SHEET, run_name) as tracker:
        return train(
            task,
            _placed(recipe, device).loop,
            out,
            recipe=str(described["digest"]),
            parts=recipe.accumulation,
            processes=processes,
            tracker=tracker,
            progress=progress,
        )


def _followable(recipe: TuneRecipe, replay: Path | None) -> TuneRecipe:
    """Return the recipe, having looked whether it can be followed here."""
    check_recipe(recipe)
    if (recipe.replay > 0) != (replay is not None):
        raise RecipeError(
            f"The recipe's share of replay is {recipe.replay} and the folder to replay is {replay}; "
            "give both, or neither"
        )
    if torch.device(recipe.loop.device).type == "cuda" and not torch.cuda.is_available():
        raise RecipeError("The recipe trains on a GPU and there is none; set loop.device to cpu")
    return recipe


def _placed(recipe: TuneRecipe, device: str) -> TuneRecipe:
    return dataclasses.replace(recipe, loop=dataclasses.replace(recipe.loop, device=device))


def _task(
    recipe: TuneRecipe,
    sets: Sequence[SampleSet],
    places: Places,
    base: Path,
    out: Path,
    described: Description,
) -> TuneTask:
    around, unet = load_base(base, recipe.loop.device)
    if recipe.checkpointing:
        unet.enable_gradient_checkpointing()
    low_rank = None
    if recipe.method == "lora":
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            low_rank = LowRank(unet, recipe.lora)
    train_on, held_out = _pairs(recipe, sets, places, around, base, out)
    sampling = Sampling.read(base)
    return TuneTask(
        recipe,
        around,
        unet,
        train_on,
        held_out,
        _check(recipe, held_out, sampling, out),
        sampling=sampling,
        low_rank=low_rank,
        described=described,
    )


def _pairs(
    recipe: TuneRecipe,
    sets: Sequence[SampleSet],
    places: Places,
    around: Surroundings,
    base: Path,
    out: Path,
) -> tuple[PairSource, SamplePairs | None]:
    """Return what is trained on, and what is held out of the first set."""
    identity = weights_digest(base / "vae")
    latents = [encode_samples(one, around.vae, identity, recipe.side, out / "latents") for one in sets]
    train_on, apart = places
    of_kind = recipe.shares, recipe.sources
    own = SamplePairs(sets[0], latents[0], train_on, *of_kind)
    held_out = SamplePairs(sets[0], latents[0], apart, *of_kind) if apart else None
    if len(sets) == 1:
        return own, held_out
    replayed = SamplePairs(sets[1], latents[1], range(len(sets[1])), *of_kind)
    return MixedPairs([(own, 1 - recipe.replay), (replayed, recipe.replay)]), held_out


def _check(
    recipe: TuneRecipe, held_out: SamplePairs | None, sampling: Sampling, out: Path
) -> EditCheck | None:
    examples = held_out.examples(recipe.checked, recipe.side) if held_out else []
    scales = SCALES if recipe.choose_guidance else ()
    chosen = Sampling.advised(out / "model")
    return EditCheck(examples, sampling, scales, out / SHEET, chosen=chosen) if examples else None
