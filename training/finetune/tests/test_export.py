import dataclasses
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_finetune import RecipeError, trainings
from langdesign_finetune.cards import model_card
from langdesign_finetune.cli import app
from langdesign_finetune.export import export
from langdesign_finetune.family import train_model
from langdesign_finetune.glossary import meaning
from langdesign_finetune.recipes import VAE, Recipe, preset
from langdesign_finetune.trainings import TRAININGS
from langdesign_rela.checkpoint import load_checkpoint as load_rela
from langdesign_rela.checkpoint import save_checkpoint
from langdesign_rela.random_weights import random_model
from langdesign_scenes.dataset import SceneSet
from safetensors.torch import load_file
from typer.testing import CliRunner

SMALL = dataclasses.replace(VAE["mini"], channels=(8, 8, 8, 16), batch=1, crop=32)


def trained(family: Path, rooms: SceneSet, name: str = "vae", recipe: Recipe = SMALL) -> Path:
    train_model(name, TRAININGS["vae"].build, recipe.running(steps=2, minutes=5), rooms, family)
    return family / name


def test_a_family_s_models_are_found_by_one_another(rooms: SceneSet, tmp_path: Path) -> None:
    folder = trained(tmp_path, rooms)
    assert (folder / "model" / "config.json").is_file()
    assert (folder / "recipe.json").is_file()


def test_the_command_line_trains_prints_a_card_and_exports(
    rooms: SceneSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = dataclasses.replace(TRAININGS["vae"], recipes={"mini": SMALL})
    monkeypatch.setattr("langdesign_finetune.cli.TRAININGS", {"vae": small})
    command = CliRunner()
    family, models = tmp_path / "family", tmp_path / "models"
    arguments = [
        "train",
        "vae",
        "--data",
        str(rooms.folder),
        "--out",
        str(family),
        "--steps",
        "2",
        "--threads",
        "1",
    ]
    assert command.invoke(app, arguments, catch_exceptions=False).exit_code == 0
    card = command.invoke(app, ["card", "vae", "--out", str(family)], catch_exceptions=False).stdout
    assert SMALL.digest in card
    assert "| steps | 2 of 2 (done) |" in card
    assert "psnr" in card
    arguments = ["export", "--out", str(family), "--to", str(models), "--model", "vae"]
    assert command.invoke(app, arguments, catch_exceptions=False).exit_code == 0
    assert (models / "vae" / "README.md").read_text() == card
    weights = load_file(models / "vae" / "diffusion_pytorch_model.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float16}
    assert AutoencoderKL.from_pretrained(models / "vae", torch_dtype=torch.float32).dtype == torch.float32


def laid_out(tmp_path: Path, rooms: SceneSet, name: str) -> Path:
    training = trained(tmp_path, rooms)
    training.rename(tmp_path / name)
    model = tmp_path / name / "model"
    for path in model.iterdir():
        path.unlink()
    return model


def test_an_exported_diffusion_model_computes_in_fp32_on_the_cpu(rooms: SceneSet, tmp_path: Path) -> None:
    whole = random_checkpoint("tiny")
    whole.save(laid_out(tmp_path, rooms, "edit"))
    export(tmp_path, tmp_path / "models", ["edit"])
    card = (tmp_path / "models/edit/README.md").read_text()
    assert "`euler_ancestral`" in card
    assert "StableDiffusionInstructPix2PixPipeline.from_pretrained(folder, torch_dtype=" in card
    read = load_checkpoint(tmp_path / "models" / "edit")
    written = load_file(tmp_path / "models" / "edit" / "unet" / "diffusion_pytorch_model.safetensors")
    assert {value.dtype for value in written.values()} == {torch.float16}
    for network, original in (
        (read.unet, whole.unet),
        (read.vae, whole.vae),
        (read.text_encoder, whole.text_encoder),
    ):
        for (name, value), other in zip(
            network.state_dict().items(), original.state_dict().values(), strict=True
        ):
            assert value.dtype == other.dtype, name
            torch.testing.assert_close(value, other, rtol=1e-3, atol=1e-4)


def test_an_exported_rela_is_read(rooms: SceneSet, tmp_path: Path) -> None:
    model = random_model("tiny")
    save_checkpoint(model, laid_out(tmp_path, rooms, "segment"))
    export(tmp_path, tmp_path / "models", ["segment"])
    read = load_rela(tmp_path / "models" / "segment").float()
    for name, value in read.state_dict().items():
        torch.testing.assert_close(value, model.state_dict()[name], rtol=1e-3, atol=1e-4)


def test_a_model_that_is_not_trained_names_the_hint(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="train clip"):
        export(tmp_path, tmp_path / "models", ["clip"])


def test_a_file_too_large_for_a_repository_is_refused(rooms: SceneSet, tmp_path: Path) -> None:
    model = laid_out(tmp_path, rooms, "dino")
    (model / "model.bin").write_bytes(np.zeros(17 * 2**20, np.uint8).tobytes())
    with pytest.raises(RecipeError, match="16 MiB"):
        export(tmp_path, tmp_path / "models", ["dino"])


def test_a_digest_names_what_is_trained_and_not_how_a_run_goes() -> None:
    recipe = VAE["mini"]
    assert recipe.running(steps=5, minutes=1, threads=2, device="cuda").digest == recipe.digest
    assert dataclasses.replace(recipe, seed=1).digest != recipe.digest
    assert (
        dataclasses.replace(recipe, loop=dataclasses.replace(recipe.loop, learning_rate=1.0)).digest
        != recipe.digest
    )


def test_every_training_has_a_mini_recipe_and_a_builder_that_exists() -> None:
    for training in trainings.TRAININGS.values():
        assert "mini" in training.recipes
        module, builder = training.build.split(":")
        assert callable(getattr(import_module(f"langdesign_finetune.{module}"), builder))


def test_an_unknown_recipe_names_those_there_are() -> None:
    with pytest.raises(RecipeError, match="mini"):
        preset(VAE, "huge")


def test_an_editor_alone_does_not_change_what_the_generator_links_to(rooms: SceneSet, tmp_path: Path) -> None:
    editor, other = random_checkpoint("tiny"), random_checkpoint("tiny", seed=1)
    for name in ("edit", "generate"):
        editor.save(laid_out(tmp_path, rooms, name))
    models = tmp_path / "models"
    export(tmp_path, models, ["edit"])
    export(tmp_path, models, ["edit", "generate"])
    before = (models / "edit" / "README.md").stat().st_mtime_ns
    other.save(tmp_path / "edit/model")
    with pytest.raises(RecipeError, match="--model edit --model generate"):
        export(tmp_path, models, ["edit"])
    assert (models / "edit" / "README.md").stat().st_mtime_ns == before
    around = {"vae": editor.vae, "text_encoder": editor.text_encoder}
    dataclasses.replace(other, **around).save(tmp_path / "edit/model")
    (models / "generate/unet/diffusion_pytorch_model.safetensors").unlink()
    export(tmp_path, models, ["edit"])
    assert (models / "edit" / "README.md").stat().st_mtime_ns != before


def test_a_card_names_what_its_model_stands_on_and_explains_its_figures(
    rooms: SceneSet, tmp_path: Path
) -> None:
    trained(tmp_path, rooms)
    editor = laid_out(tmp_path, rooms, "edit")
    random_checkpoint("tiny").save(editor)
    trained(tmp_path, rooms)
    card = model_card("edit", tmp_path / "edit")
    assert f"| vae | `{SMALL.digest}`, 2 of 2 steps, {len(rooms)} families, 0 minutes |" in card
    assert "dB, pictures encoded and decoded" in card
    assert "none with a bathroom or a dining room or teal" in card
    export(tmp_path, tmp_path / "models", ["edit"])
    assert "# Autoencoder" in (tmp_path / "models/edit/vae/README.md").read_text()


def test_every_figure_of_a_validation_has_a_meaning() -> None:
    for metric in ("psnr", "latent_std_3", "error_add", "iou_placed", "clip_dir_shuffled", "loss_crop"):
        assert meaning(metric)
    assert meaning("iou_placed") == f"{meaning('iou')}; placed alone"
    assert not meaning("unheard_of")


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("toaster", "no device; give cpu"),
        *([] if torch.cuda.is_available() else [("cuda", "no CUDA device")]),
    ],
)
def test_a_device_that_is_not_there_names_the_hint(
    rooms: SceneSet, tmp_path: Path, device: str, said: str
) -> None:
    arguments = ["train", "vae", "--data", str(rooms.folder), "--out", str(tmp_path), "--device", device]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 2
    assert said in told.output
    assert not any(tmp_path.iterdir())


def test_what_two_models_share_is_laid_out_once(rooms: SceneSet, tmp_path: Path) -> None:
    editor = random_checkpoint("tiny")
    editor.save(laid_out(tmp_path, rooms, "edit"))
    other = random_checkpoint("tiny", seed=1)
    dataclasses.replace(other, vae=editor.vae).save(laid_out(tmp_path, rooms, "generate"))
    sizes = export(tmp_path, tmp_path / "models", ["edit", "generate"])
    generator = tmp_path / "models" / "generate"
    vae, unet = (generator / part / "diffusion_pytorch_model.safetensors" for part in ("vae", "unet"))
    assert vae.is_symlink()
    assert not unet.is_symlink()
    assert sizes["generate"] < sizes["edit"]
    assert "_name_or_path" not in (tmp_path / "models" / "edit" / "vae" / "config.json").read_text()
    read = load_checkpoint(tmp_path / "models" / "generate")
    for name, value in read.vae.state_dict().items():
        torch.testing.assert_close(value, editor.vae.state_dict()[name], rtol=1e-3, atol=1e-4)
