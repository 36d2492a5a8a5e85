"""The family of models that the repository carries: whole, small enough, and doing what it is there for."""

import io
from pathlib import Path

import numpy as np
import pytest
from langdesign_command import samples
from langdesign_diffusion.checkpoint import GENERATOR_CHANNELS, load_checkpoint
from langdesign_editing.sampling import read_sampling
from langdesign_edits import feathered
from langdesign_finetune.trainings import TRAININGS
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_rela import Predictor
from langdesign_segmentation.thresholds import read_thresholds
from PIL import Image
from transformers import CLIPModel, Dinov2Model

FAMILY = Path(__file__).parents[2] / "deploy/models/mini"
MODELS = ("edit", "generate", "segment", "clip", "dino")


@pytest.fixture(scope="module")
def room():
    return np.array(Image.open(io.BytesIO(samples.bedroom())).convert("RGB"))


def test_every_model_has_a_card_and_the_family_fits_a_source_repository():
    files = [path for path in FAMILY.rglob("*") if path.is_file() and not path.is_symlink()]
    assert max(path.stat().st_size for path in files) <= 16 * 2**20
    assert sum(path.stat().st_size for path in files) <= 45_000_000
    for model in MODELS:
        card = (FAMILY / model / "README.md").read_text()
        assert "## Limits" in card
        recipes = TRAININGS[model].recipes.values()
        assert any(f"| recipe | `{recipe.digest}` |" in card for recipe in recipes)
    assert "# Autoencoder" in (FAMILY / "edit/vae/README.md").read_text()


def test_rela_finds_what_is_there_and_not_what_is_not(room):
    thresholds = read_thresholds(FAMILY / "segment/thresholds.json")
    found = Predictor.from_folder(FAMILY / "segment").predict(room, ["the bed", "the piano"])
    bed, piano = found.no_target >= thresholds.no_target_threshold
    assert (bed, piano) == (False, True)
    assert 0.01 < found.masks(thresholds.mask_threshold)[0].mean() < 0.6


def test_the_editor_recolours_the_bed_and_nothing_else(room):
    editor = Editor.load(FAMILY / "edit")
    sampling = read_sampling(FAMILY / "edit/sampling.json")
    mask = Predictor.from_folder(FAMILY / "segment").predict(room, ["the bed"]).masks()[0]
    parameters = EditParameters(
        "Make the bed red",
        steps=sampling.steps,
        guidance_scale=sampling.guidance_scale,
        image_guidance_scale=sampling.image_guidance_scale,
        seed=1,
        preserve="strict",
        feather=4,
    )
    edited = editor.edit(room, mask[None].astype(np.uint8) * 255, parameters).image
    outside = feathered(mask, 4) == 0
    assert np.array_equal(edited[outside], room[outside])
    moved = (edited[mask].astype(float) - room[mask]).mean(axis=0)
    assert moved[0] - moved[1] > 30  # towards red: more of it, or less of the others


def test_the_generator_and_the_judges_load():
    generator = load_checkpoint(FAMILY / "generate")
    assert generator.unet.config.in_channels == GENERATOR_CHANNELS
    assert generator.noise.prediction == "v_prediction"
    assert CLIPModel.from_pretrained(FAMILY / "clip", local_files_only=True).config.projection_dim == 128
    assert Dinov2Model.from_pretrained(FAMILY / "dino", local_files_only=True).config.image_size == 128
