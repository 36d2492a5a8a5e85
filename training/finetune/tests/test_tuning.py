import dataclasses
import json
import math
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from langdesign_dataset.samples import SampleSet
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_finetune import RecipeError, ResumeError, TrainingError, checkpoints, drafts
from langdesign_finetune.cli import app
from langdesign_finetune.denoising import Objective
from langdesign_finetune.edit_check import SCALES, EditCheck
from langdesign_finetune.low_rank import LowRank
from langdesign_finetune.ray_tuning import tune_on_workers
from langdesign_finetune.tune_recipes import TUNE, Lora, check_recipe
from langdesign_finetune.tuning import TuneRecipe, tune, tune_preset
from langdesign_instruct_pix2pix.editor import Editor
from safetensors.torch import load_file
from typer.testing import CliRunner

from .samples import write_tiny

SIDE = 32


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("samples")).folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base"))


def write_base(folder: Path, channels: int = 8) -> Path:
    random_checkpoint("tiny", in_channels=channels).save(folder)
    advised = {"steps": 3, "guidance_scale": 2.5, "image_guidance_scale": 1.25}
    (folder / "sampling.json").write_text(json.dumps(advised))
    return folder


def tiny(**changes: Any) -> TuneRecipe:
    loop = dataclasses.replace(
        TUNE["tiny"].loop, steps=4, learning_rate=3e-3, checkpoint_minutes=1e9, threads=1
    )
    settings = {
        "loop": loop,
        "side": SIDE,
        "objective": Objective(min_snr=None),
        "held_out": 0.3,
        "measured": 4,
    }
    return dataclasses.replace(TUNE["tiny"], **{**settings, **changes})


def looped(**changes: Any) -> TuneRecipe:
    return tiny(loop=dataclasses.replace(tiny().loop, **changes))


def losses(out: Path) -> list[dict[str, float]]:
    """The log without what depends on the clock."""
    timed = {"samples/s", "seconds"}
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in timed} for line in lines]


def unet_of(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "unet/diffusion_pytorch_model.safetensors")


def test_an_editor_is_tuned_and_laid_out_with_its_sampling_and_card(
    samples: Path, base: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[float] = []
    report = tune(tiny(), samples, base, tmp_path, progress=told.append)
    assert capfd.readouterr().out == "", "who launched it reads its standard output"
    assert (report.stopped, report.step, report.samples) == ("done", 4, 16)
    assert told[-1] == 1.0
    assert {"loss", "inside", "outside", "error", "false_edit"} <= report.metrics.keys()
    assert Editor.load(tmp_path / "model").checkpoint.unet.config.in_channels == 8
    assert json.loads((tmp_path / "model/sampling.json").read_text()) == json.loads(
        (base / "sampling.json").read_text()
    )
    before, after = unet_of(base), unet_of(tmp_path / "model")
    assert any(not torch.allclose(before[name], value.float(), atol=1e-3) for name, value in after.items())
    assert (tmp_path / "edits.png").is_file()
    card = (tmp_path / "model/README.md").read_text()
    for said in (SampleSet(samples).digest, "euler_ancestral", "torch_dtype", "all weights", tiny().digest):
        assert said in card


def test_a_validation_may_advise_other_guidance_than_the_base(
    samples: Path, base: Path, tmp_path: Path
) -> None:
    report = tune(tiny(choose_guidance=True), samples, base, tmp_path)
    advised = json.loads((tmp_path / "model/sampling.json").read_text())
    assert advised["steps"] == 3
    assert advised["guidance_scale"] == report.metrics["guidance_scale"]


def test_a_training_that_goes_on_chooses_among_the_same_guidance(
    samples: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = 2.5, 1.25  # the base's
    tried: list[tuple[float, float]] = []
    best = SCALES[2]

    def edited(
        check: EditCheck, _editor: Editor, scales: tuple[float, float], _times: float
    ) -> list[np.ndarray]:
        tried.append(scales)
        return [one.truth if scales == best else one.before for one in check._examples]

    monkeypatch.setattr(EditCheck, "_edited", edited)
    recipe = tiny(choose_guidance=True)
    tune(recipe, samples, base, tmp_path, steps=2)
    assert tried == [own, *SCALES]
    tried.clear()

    def stop(_share: float) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    assert tune(recipe, samples, base, tmp_path, progress=stop).stopped == "signal"
    assert tried == [], "it ended before a validation"
    assert advised(tmp_path) == SCALES[2]
    best = own
    tune(recipe, samples, base, tmp_path)
    assert tried == [own, *SCALES]
    assert advised(tmp_path) == own


def advised(out: Path) -> tuple[float, float]:
    told = json.loads((out / "model/sampling.json").read_text())
    return told["guidance_scale"], told["image_guidance_scale"]


def test_a_generator_becomes_an_editor(samples: Path, tmp_path: Path) -> None:
    write_base(tmp_path / "base", channels=4)
    tune(tiny(), samples, tmp_path / "base", tmp_path / "out")
    kernel = unet_of(tmp_path / "out/model")["conv_in.weight"]
    assert kernel.shape[1] == 8
    assert kernel[:, 4:].abs().max() > 0
    assert "widened to 8 input channels" in (tmp_path / "out/model/README.md").read_text()


def low_rank(**changes: Any) -> TuneRecipe:
    return tiny(method="lora", lora=Lora(rank=2, alpha=8), **changes)


def test_a_misspelt_layer_beside_a_right_one_is_told(samples: Path, base: Path, tmp_path: Path) -> None:
    recipe = tiny(method="lora", lora=Lora(rank=2, targets=("to_q", "to_kk")))
    with pytest.raises(RecipeError, match="no layer that ends in to_kk; change lora"):
        tune(recipe, samples, base, tmp_path)


def test_low_rank_updates_are_merged_with_their_alpha(samples: Path, base: Path, tmp_path: Path) -> None:
    recipe = low_rank(loop=dataclasses.replace(tiny().loop, ema=0.0))
    tune(recipe, samples, base, tmp_path)
    before, after = unet_of(base), unet_of(tmp_path / "model")
    assert before.keys() == after.keys()
    changed = {name for name, value in after.items() if not torch.equal(value, before[name].half())}
    assert changed
    assert all(any(f".{end}." in name for end in recipe.lora.targets) for name in changed)
    trained = load_file(checkpoints.saved(tmp_path)[-1] / "weights.safetensors")
    assert all(key.startswith("unet.") and value.ndim == 2 for key, value in trained.items())
    name = next(iter(sorted(changed))).removesuffix(".weight")
    factors = [trained[f"unet.{name.replace('.', '-')}.{place}.weight"] for place in (0, 1)]
    expected = before[f"{name}.weight"] + 8 / 2 * factors[1] @ factors[0]
    torch.testing.assert_close(after[f"{name}.weight"].float(), expected, rtol=1e-3, atol=1e-4)


def test_a_low_rank_training_goes_on_as_if_it_had_not_ended(
    samples: Path, base: Path, tmp_path: Path
) -> None:
    steady = dataclasses.replace(tiny().loop, warmup=0, floor=1.0)
    for name, cuts in {"whole": (4,), "cut": (2, 4)}.items():
        for steps in cuts:
            tune(low_rank(loop=dataclasses.replace(steady, steps=steps)), samples, base, tmp_path / name)
    one, other = (
        load_file(checkpoints.saved(tmp_path / name)[-1] / "average.safetensors") for name in ("whole", "cut")
    )
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_what_is_not_written_as_it_was_trained_is_refused(
    samples: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = random_checkpoint("tiny", seed=1).unet
    monkeypatch.setattr(LowRank, "merged", lambda _self: plain)
    with pytest.raises(TrainingError, match="predicts something else than what was trained"):
        tune(low_rank(), samples, base, tmp_path)
    assert not (tmp_path / "model").exists()


def test_layers_that_are_not_there_are_named(samples: Path, base: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no layer that ends in to_nothing; change lora\.targets"):
        tune(tiny(method="lora", lora=Lora(targets=("to_nothing",))), samples, base, tmp_path)


def test_parts_and_kept_activations_teach_the_same(samples: Path, base: Path, tmp_path: Path) -> None:
    tune(tiny(), samples, base, tmp_path / "whole")
    tune(tiny(accumulation=2, checkpointing=True), samples, base, tmp_path / "parts")
    one, other = (
        [line["total"] for line in losses(tmp_path / name) if "total" in line] for name in ("whole", "parts")
    )
    assert other == pytest.approx(one, rel=1e-3)


def in_child(work: Callable[[], object]) -> int | None:
    """Do work in a process of its own, and return its exit code."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(120)
    if child.exitcode is None:
        child.kill()
        child.join()
    return child.exitcode


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_training_that_is_killed_twice_has_the_same_losses(
    samples: Path, base: Path, tmp_path: Path
) -> None:
    recipe = looped(steps=6, checkpoint_minutes=0.0, log_every=2, validate_every=3)
    tune(recipe, samples, base, tmp_path / "whole")

    def killed_between_steps() -> None:
        tune(recipe, samples, base, tmp_path / "cut", progress=lambda share: die() if share >= 0.5 else None)

    def killed_while_it_writes() -> None:
        written = drafts.replace_folder

        def replace(draft: Path, place: Path) -> None:
            if place.name == "step-00000005":
                die()
            written(draft, place)

        drafts.replace_folder = replace
        tune(recipe, samples, base, tmp_path / "cut")

    assert in_child(killed_between_steps) == -signal.SIGKILL
    assert in_child(killed_while_it_writes) == -signal.SIGKILL
    assert [one.name for one in checkpoints.saved(tmp_path / "cut")] == ["step-00000003", "step-00000004"]
    tune(recipe, samples, base, tmp_path / "cut")
    assert losses(tmp_path / "cut") == losses(tmp_path / "whole")
    assert not list((tmp_path / "cut/checkpoints").glob(".*"))
    ours, theirs = unet_of(tmp_path / "cut/model"), unet_of(tmp_path / "whole/model")
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_a_sample_that_is_no_number_is_named(samples: Path, base: Path, tmp_path: Path) -> None:
    tune(looped(steps=1), samples, base, tmp_path)
    (path,) = (tmp_path / "latents").glob("latents-*.f16")
    table = SampleSet(samples)
    moments = np.memmap(path, np.float16, "r+").reshape(len(table), -1)
    broken = table.table["change"].to_pylist().index("alter")
    moments[broken] = np.nan
    moments.flush()
    with pytest.raises(
        TrainingError, match=f"total, mse was not finite, on the samples {table.keys[broken]}"
    ):
        tune(looped(steps=200, validate_every=1000), samples, base, tmp_path)


@pytest.mark.parametrize(
    ("part", "changes", "said"),
    [
        ("vae", {"latent_channels": 16}, "16 latent channels and its UNet predicts 4"),
        ("unet", {"in_channels": 9}, r"takes 9 channels, not 8 \(InstructPix2Pix\) or 4"),
        ("unet", {"cross_attention_dim": 768}, "is 32 wide and its UNet attends to 768"),
        ("text_encoder", {"eos_token_id": 49407}, "ends texts with token 49407 of"),
        ("text_encoder", {"eos_token_id": None}, "ends texts with token None of"),
        (
            "scheduler",
            {"prediction_type": "v_prediction"},
            "predicts v_prediction and .* is epsilon",
        ),
        ("scheduler", {"prediction_type": "sample"}, "prediction_type is sample"),
    ],
)
def test_a_base_that_does_not_fit_is_refused_before_anything_is_encoded(
    samples: Path, tmp_path: Path, part: str, changes: dict[str, Any], said: str
) -> None:
    base = write_base(tmp_path / "base")
    path = base / part / ("scheduler_config.json" if part == "scheduler" else "config.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(RecipeError, match=said):
        tune(tiny(), samples, base, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("length", "said"),
    [(None, r"has no diffusion_pytorch_model\.safetensors"), (0, "damaged"), (-1, "damaged")],
)
def test_a_base_whose_weights_are_gone_or_cut_is_refused_before_anything_is_encoded(
    samples: Path, tmp_path: Path, length: int | None, said: str
) -> None:
    base = write_base(tmp_path / "base")
    (file,) = (base / "unet").glob("*.safetensors")
    if length is None:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(RecipeError, match=said):
        tune(tiny(), samples, base, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_model_is_refused(samples: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no diffusers folder"):
        tune(tiny(), samples, tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch": 6, "accumulation": 4}, "batch of 6 cannot be trained in 4"),
        ({"held_out": 1.0}, r"held_out is 1\.0; give a share"),
        ({"replay": 0.2}, r"share of replay is 0\.2 and the folder to replay is None"),
        ({"side": 40}, "trains on 40 pixels, no multiple of the 16"),
        ({"side": 0}, "trains on 0 pixels, no multiple of the 16"),
        ({"method": "lora", "lora": Lora(rank=0)}, r"lora\.rank is below 1"),
        *(
            []
            if torch.cuda.is_available()
            else [({"loop": dataclasses.replace(TUNE["full"].loop)}, r"set loop\.device to cpu")]
        ),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(
    samples: Path, base: Path, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(RecipeError, match=said):
        tune(tiny(**changes), samples, base, tmp_path)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("steps", 0, r"loop\.steps is 0; give 1 or more"),
        ("learning_rate", 0.0, r"loop\.learning_rate is 0\.0; give a number above 0"),
        ("learning_rate", -1e-4, r"loop\.learning_rate is -0\.0001; give"),
        ("learning_rate", math.nan, r"loop\.learning_rate is nan; give"),
        ("learning_rate", math.inf, r"loop\.learning_rate is inf; give"),
        ("log_every", 0, r"loop\.log_every is 0; give 1 or more"),
        ("validate_every", 0, r"loop\.validate_every is 0; give 1 or more"),
        ("warmup", -1, r"loop\.warmup is -1; give 0 or more"),
        ("ema", 1.0, r"loop\.ema is 1\.0; give a decay from 0 to below 1"),
        ("ema", -0.1, r"loop\.ema is -0\.1; give"),
        ("ema", math.nan, r"loop\.ema is nan; give"),
        ("checked", -1, "checked is -1; give 0 or more"),
        ("measured", -1, "measured is -1; give 0 or more"),
        ("inside", -1.0, r"inside is -1\.0; give a number, 0 or more"),
        ("inside", math.nan, "inside is nan; give"),
        ("inside", math.inf, "inside is inf; give"),
        ("held_out", math.nan, "held_out is nan; give a share"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_before_samples_or_base_are_looked_for(
    tmp_path: Path, setting: str, value: float, said: str
) -> None:
    make = tiny if setting in TuneRecipe.__dataclass_fields__ else looped
    with pytest.raises(RecipeError, match=said):
        tune(make(**{setting: value}), tmp_path / "none", tmp_path / "none", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_ends_of_the_ranges_and_an_unused_lora_are_accepted() -> None:
    loop = {"steps": 1, "log_every": 1, "validate_every": 1, "warmup": 0, "ema": 0.0}
    least = dataclasses.replace(looped(**loop), checked=0, measured=0, inside=0.0, held_out=0.0)
    check_recipe(dataclasses.replace(least, lora=Lora(rank=0)))
    for recipe in TUNE.values():
        check_recipe(recipe)


def test_a_batch_that_workers_cannot_share_is_refused(samples: Path, base: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="batch of 4 cannot be divided among 3 workers"):
        tune_on_workers(tiny(), samples, base, tmp_path / "out", workers=3)
    assert not (tmp_path / "out").exists()


def test_a_folder_goes_on_with_what_it_was_begun_with_alone(
    samples: Path, base: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tune(looped(steps=1), samples, base, out)
    with pytest.raises(ResumeError, match="begun with samples"):
        tune(tiny(), write_tiny(tmp_path / "others", 16).folder, base, out)
    random_checkpoint("tiny", seed=3).save(tmp_path / "base")
    with pytest.raises(ResumeError, match="begun with base"):
        tune(tiny(), samples, tmp_path / "base", out)
    with pytest.raises(ResumeError, match="begun with recipe_digest"):
        tune(tiny(inside=0.0), samples, base, out)
    base.rename(base.with_name("moved"))
    try:
        assert tune(tiny(), samples, base.with_name("moved"), out).step == 4
    finally:
        base.with_name("moved").rename(base)


def test_another_set_is_mixed_in(samples: Path, base: Path, tmp_path: Path) -> None:
    other = write_tiny(tmp_path / "others", 8)
    tune(tiny(replay=0.5), samples, base, tmp_path / "out", replay=other.folder)
    assert f"replayed: 8 of `{other.digest}`" in (tmp_path / "out/model/README.md").read_text()


def test_the_budget_of_minutes_ends_cleanly(samples: Path, base: Path, tmp_path: Path) -> None:
    assert tune(tiny(), samples, base, tmp_path, minutes=0.0).stopped == "minutes"
    assert load_checkpoint(tmp_path / "model").unet.config.in_channels == 8
    assert tune(tiny(), samples, base, tmp_path, steps=2).stopped == "done"


def test_the_command_line_tunes(
    samples: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TUNE, "tiny", tiny())  # type: ignore[index]
    asked = ["tune", "--samples", str(samples), "--base", str(base), "--out", str(tmp_path)]
    result = CliRunner().invoke(
        app, [*asked, "--recipe", "tiny", "--steps", "1", "--method", "lora", "--device", "cpu"]
    )
    assert result.exit_code == 0, result.output
    assert "step 1 of 1 (done)" in " ".join(result.output.split())
    assert json.loads((tmp_path / "tune.json").read_text())["recipe"]["method"] == "lora"


def test_presets_follow_the_published_dropout_and_can_be_followed() -> None:
    for name in ("tiny", "mini", "full"):
        dropout = tune_preset(name).dropout
        assert (dropout.text, dropout.image, dropout.both) == (0.05, 0.05, 0.05)
        assert sum(tune_preset(name).shares.values()) == pytest.approx(1)
    with pytest.raises(RecipeError, match="tiny, mini, full"):
        tune_preset("huge")
