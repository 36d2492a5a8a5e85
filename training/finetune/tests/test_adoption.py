import dataclasses
import json
from pathlib import Path

import pytest
import torch
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_finetune import RecipeError
from langdesign_finetune.adoption import adopt
from langdesign_finetune.cards import model_card
from langdesign_finetune.clip import make_clip
from langdesign_finetune.denoising import Objective
from langdesign_finetune.denoising_recipes import EDIT, GENERATE, GenerateRecipe
from langdesign_finetune.edit import rendered_edits
from langdesign_finetune.family import Context
from langdesign_finetune.generate import GenerateTask
from langdesign_finetune.pictures import Pictures, load_pictures
from langdesign_finetune.recipes import CLIP
from langdesign_finetune.texts import kept_tokenizer
from langdesign_scenes.dataset import SceneSet

from .conftest import SIDE


@pytest.fixture
def pictures(rooms: SceneSet, tmp_path: Path) -> Pictures:
    return load_pictures(rooms, cache=tmp_path / "cache")


@pytest.fixture
def models(pictures: Pictures, tmp_path: Path) -> Path:
    """An exported family with random weights, whose generator links to the editor's autoencoder."""
    folder = tmp_path / "models"
    narrow = {"text_width": 32, "text_hidden": 32, "text_layers": 1, "text_heads": 2, "vision_layers": 1}
    tokenizer = kept_tokenizer(tmp_path / "tokenizer", pictures, 700)
    clip = make_clip(dataclasses.replace(CLIP["mini"], **narrow), tokenizer, SIDE)
    clip.half().save_pretrained(folder / "clip")
    tokenizer.save_pretrained(folder / "clip")
    random_checkpoint("tiny").save(folder / "edit")
    random_checkpoint("tiny", in_channels=4).save(folder / "generate")
    weights = folder / "generate/vae/diffusion_pytorch_model.safetensors"
    weights.unlink()
    weights.symlink_to("../../edit/vae/diffusion_pytorch_model.safetensors")
    (folder / "clip/README.md").write_text("# Known before\n")
    return folder


def going_on(start: str = "generate-before") -> GenerateRecipe:
    small = {"batch": 4, "measured": 4, "steps": 2, "shown": 2, "objective": Objective()}
    return dataclasses.replace(GENERATE["mini-more"], **small, start=start)


def task_of(pictures: Pictures, family: Path, start: str = "generate-before") -> GenerateTask:
    (family / "generate").mkdir(exist_ok=True)
    return GenerateTask(going_on(start), Context(pictures, family, family / "generate"))


def test_a_training_goes_on_from_an_exported_family_s_generator(
    models: Path, pictures: Pictures, tmp_path: Path
) -> None:
    identities = adopt(models, tmp_path / "family")
    assert set(identities) == {"vae", "clip", "generate-before", "edit-before"}
    task = task_of(pictures, tmp_path / "family")
    exported = load_checkpoint(models / "generate").unet.state_dict()
    for name, value in task.trained.state_dict().items():
        torch.testing.assert_close(value, exported[name], msg=name)
    assert all(one.requires_grad for one in task.trained.parameters())
    assert bool(task.losses(task.batch(0))["total"].isfinite())


def test_a_training_goes_on_from_an_exported_family_s_editor(
    models: Path, pictures: Pictures, tmp_path: Path
) -> None:
    family = tmp_path / "family"
    adopt(models, family)
    (family / "edit-before/model/sampling.json").write_text(
        '{"steps": 3, "guidance_scale": 2.5, "image_guidance_scale": 1.25}'
    )
    (family / "edit").mkdir()
    small = {"batch": 4, "measured": 4, "checked": 0, "general": None, "objective": Objective()}
    recipe = dataclasses.replace(EDIT["mini-more"], **small)
    task = rendered_edits(recipe, Context(pictures, family, family / "edit"))
    exported = load_checkpoint(models / "edit").unet.state_dict()
    for name, value in task.trained["unet"].state_dict().items():
        torch.testing.assert_close(value, exported[name], msg=name)
    assert bool(task.losses(task.batch(0))["total"].isfinite())
    task.save(tmp_path, ema=False)
    advised = json.loads((tmp_path / "sampling.json").read_text())
    assert (advised["steps"], advised["guidance_scale"], advised["enlargement"]) == (3, 2.5, 2.0)


def test_only_an_editor_can_be_gone_on_with(models: Path, pictures: Pictures, tmp_path: Path) -> None:
    adopt(models, tmp_path / "family")
    recipe = dataclasses.replace(
        EDIT["mini-more"], before="generate-before", objective=Objective(), general=None
    )
    with pytest.raises(RecipeError, match="go on with an InstructPix2Pix"):
        rendered_edits(recipe, Context(pictures, tmp_path / "family", tmp_path))


def test_links_between_exported_models_become_files(models: Path, tmp_path: Path) -> None:
    adopt(models, tmp_path / "family")
    assert not [path for path in (tmp_path / "family").rglob("*") if path.is_symlink()]


def test_an_adopted_model_keeps_its_card(models: Path, tmp_path: Path) -> None:
    adopt(models, tmp_path)
    assert model_card("clip", tmp_path / "clip") == "# Known before\n"


def test_only_a_generator_can_be_gone_on_from(models: Path, pictures: Pictures, tmp_path: Path) -> None:
    adopt(models, tmp_path / "family")
    with pytest.raises(RecipeError, match="text-to-image"):
        task_of(pictures, tmp_path / "family", "edit-before")


def test_adopting_again_replaces_but_never_a_training_of_its_own(models: Path, tmp_path: Path) -> None:
    adopt(models, tmp_path / "family")
    first = adopt(models, tmp_path / "family")
    (models / "clip/README.md").write_text("# Another\n")
    second = adopt(models, tmp_path / "family")
    assert first["clip"] != second["clip"]
    assert first["vae"] == second["vae"]
    (tmp_path / "family/clip/adopted.json").unlink()
    with pytest.raises(RecipeError, match="training of its own"):
        adopt(models, tmp_path / "family")


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="exported family"):
        adopt(tmp_path, tmp_path / "family")
