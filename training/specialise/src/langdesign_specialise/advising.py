"""The stage that advises how the tuned editor is sampled: with the guidance that suits a promotion best.

FOLDER/model/         the tuned editor (links to the tuning's files), with sampling.json as advised
FOLDER/guidance.json  {"base": trial, "tuned": [trial...], "no_ops": count, "chosen": trial}
FOLDER/outcomes/      the edits, so that trials that were cut short go on
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from langdesign_dataset.samples import SampleSet
from langdesign_evaluation.errors import BenchSetError
from langdesign_evaluation.guidance import SCALES, Trial, Trials, best, try_guidance
from langdesign_finetune.sample_pairs import SPLIT
from langdesign_finetune.sampling import SAMPLING, Sampling
from langdesign_registry.promotion import GATE

from .held_out import HeldOut, apart_for_guidance
from .learning import tune_recipe
from .work import Work

GUIDANCE = "guidance.json"
MODEL = "model"


def advises(work: Work) -> bool:
    """Tell whether a run tries guidance at all."""
    return work.recipe.guidance_cases > 0


def guidance_inputs(work: Work) -> dict[str, Any]:
    """Return what the advice depends on."""
    tried = {"cases": work.recipe.guidance_cases, "scales": SCALES, "margins": _margins()}
    apart = {"held_out": tune_recipe(work).held_out, "split": SPLIT, "shared": _shared(work)}
    return {**work.digests(work.pairs, "tune"), **tried, **apart, "models": judging_models(work)}


def make_guidance(work: Work, folder: Path) -> None:
    """Try guidance on pairs that were not trained on, and advise the best; without any, the base's stays."""
    tuned = work.folder("tune") / MODEL
    model = _linked(tuned, folder / MODEL)
    try:
        trials = try_guidance(
            work.places.model("edit"),
            tuned,
            _cases(work),
            clip=work.places.model("clip"),
            dino=work.places.model("dino"),
            out=folder,
            edits=work.recipe.guidance_cases,
            no_ops=work.recipe.guidance_cases,
            device=work.device,
            progress=lambda share: work.report.progress("guidance", share),
        )
    except BenchSetError as error:
        work.report.note(f"guidance: no other than the base's is tried: {error}")
        return
    chosen = best(trials, **_margins())
    advised = replace(
        Sampling.read(tuned),
        guidance_scale=chosen.guidance_scale,
        image_guidance_scale=chosen.image_guidance_scale,
    )
    advised.write(model)
    found = {**asdict(trials), "chosen": asdict(chosen)}
    (folder / GUIDANCE).write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    work.report.note(f"guidance: {_in_words(chosen)}, as tried on pairs that were not trained on")


def read_guidance(work: Work) -> tuple[Trials, Trial] | None:
    """Return what was tried, and what was chosen of it; None where nothing was."""
    if "guidance" not in work.done or not (file := work.folder("guidance") / GUIDANCE).is_file():
        return None
    found = json.loads(file.read_text("utf-8"))
    tuned = tuple(Trial(**one) for one in found["tuned"])
    return Trials(Trial(**found["base"]), tuned, found["no_ops"]), Trial(**found["chosen"])


def tuned_model(work: Work) -> Path:
    """Return the folder of the tuned editor, with the guidance that is advised for it."""
    return work.folder("guidance" if "guidance" in work.done else "tune") / MODEL


def judging_models(work: Work) -> dict[str, str]:
    """Return `name@sha256:...` of the base and of the models that judge it and what is tuned from it."""
    return {name: work.models[name] for name in ("edit", "clip", "dino")}


def tuned_digests(work: Work) -> dict[str, str]:
    """Return the digests of the stages that made the tuned editor and its advice."""
    return work.digests("tune", *(["guidance"] if "guidance" in work.done else []))


def _cases(work: Work) -> HeldOut:
    samples = SampleSet(work.folder(work.pairs))
    return HeldOut(samples, apart_for_guidance(samples, tune_recipe(work).held_out, shared=_shared(work)))


def _shared(work: Work) -> bool:
    """Tell whether the pairs that guidance is chosen on would also be the bench."""
    return work.places.bench is None and not work.context.rendered


def _margins() -> dict[str, float]:
    return {"psnr_margin": GATE.psnr_margin, "false_edit_margin": GATE.false_edit_margin}


def _linked(source: Path, target: Path) -> Path:
    """Return a folder with the files of another and a sampling.json of its own."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, copy_function=_link)
    return target


def _link(source: str, target: str) -> None:
    """Link a file that nobody changes; copy one that is to change, and where nothing can be linked."""
    if Path(source).name != SAMPLING:
        try:
            os.link(source, target)
        except OSError:
            pass
        else:
            return
    shutil.copy2(source, target)


def _in_words(trial: Trial) -> str:
    return f"s_T {trial.guidance_scale:g} and s_I {trial.image_guidance_scale:g} are advised"
