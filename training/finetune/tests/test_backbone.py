import dataclasses
from pathlib import Path

import pytest
import torch
from langdesign_finetune import RecipeError, train
from langdesign_finetune.backbone import BackboneTask
from langdesign_finetune.family import Context
from langdesign_finetune.pictures import Pictures, load_pictures
from langdesign_finetune.referring import Mixture
from langdesign_finetune.segment import SegmentTask
from langdesign_finetune.segment_recipes import BACKBONE, SEGMENT, BackboneRecipe
from langdesign_scenes.dataset import SceneSet


@pytest.fixture(scope="module")
def pictures(rooms: SceneSet, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return load_pictures(rooms, cache=tmp_path_factory.mktemp("cache"))


def recipe(steps: int) -> BackboneRecipe:
    loop = dataclasses.replace(BACKBONE["mini"].loop, steps=steps, warmup=2, ema=0.5)
    return dataclasses.replace(BACKBONE["mini"], loop=loop, batch=6)


def context(pictures: Pictures, family: Path, name: str) -> Context:
    (family / name).mkdir(exist_ok=True)
    return Context(pictures, family, family / name)


def test_it_learns_what_pixels_show_and_the_segmentation_starts_from_it(
    pictures: Pictures, tmp_path: Path
) -> None:
    task = BackboneTask(recipe(25), context(pictures, tmp_path, "backbone"))
    before = task.validate()
    report = train(task, recipe(25).loop, tmp_path / "backbone")
    assert report.metrics["kind"] > max(0.6, before["kind"])

    mixture = Mixture(pictures=2, expressions=2)
    chosen = dataclasses.replace(SEGMENT["mini"], batch=4, mixture=mixture, measured=4)
    started = SegmentTask(chosen, context(pictures, tmp_path, "segment"))
    batch = started.batch(0)
    with torch.no_grad():
        read = started.losses(batch)["scenery"]
        random = dataclasses.replace(chosen, start="")
        fresh = SegmentTask(random, context(pictures, tmp_path, "fresh")).losses(batch)["scenery"]
    assert read < 0.8 * fresh


def test_a_segmentation_whose_start_is_missing_says_what_to_train(pictures: Pictures, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="train backbone"):
        SegmentTask(SEGMENT["mini"], context(pictures, tmp_path, "segment"))


def test_a_backbone_that_reads_words_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    fused = dataclasses.replace(BACKBONE["mini"], network="tiny")
    with pytest.raises(RecipeError, match="ResNet"):
        BackboneTask(fused, context(pictures, tmp_path, "backbone"))


def test_a_batch_is_a_function_of_its_step(pictures: Pictures, tmp_path: Path) -> None:
    task = BackboneTask(recipe(1), context(pictures, tmp_path, "backbone"))
    first, again, other = task.batch(3), task.batch(3), task.batch(4)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)
