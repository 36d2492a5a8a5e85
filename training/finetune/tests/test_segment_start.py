import dataclasses
from pathlib import Path

import pytest
import torch
from langdesign_finetune.family import Context
from langdesign_finetune.pictures import load_pictures
from langdesign_finetune.referring import Mixture
from langdesign_finetune.segment import SegmentTask
from langdesign_finetune.segment_recipes import SEGMENT, SegmentRecipe
from langdesign_rela import Rela
from langdesign_rela.positions import sine_positions
from langdesign_rela.resnet import NormedConv
from langdesign_rela.training import Batch
from langdesign_scenes.dataset import SceneSet


def recipe(network: str = "mini") -> SegmentRecipe:
    mixture = Mixture(pictures=6, expressions=4)
    return dataclasses.replace(
        SEGMENT["mini"], start="", network=network, batch=24, mixture=mixture, measured=4
    )


@pytest.fixture(scope="module")
def task(rooms: SceneSet, tmp_path_factory: pytest.TempPathFactory) -> SegmentTask:
    """The mini network at its start, calibrated on its first batch."""
    folder = tmp_path_factory.mktemp("segment")
    pictures = load_pictures(rooms, cache=folder)
    return SegmentTask(recipe(), Context(pictures, folder, folder))


@pytest.fixture(scope="module")
def batch(task: SegmentTask) -> Batch:
    return task.batch(0).expressions


def seen(model: Rela, batch: Batch) -> torch.Tensor:
    with torch.no_grad():
        return model.look(batch.images)[0]


def test_the_frozen_norms_normalise_the_pictures_they_were_frozen_at(task: SegmentTask, batch: Batch) -> None:
    backbone = task.model.backbone
    means, deviations = [], []

    def watch(_norm: object, _inputs: object, output: torch.Tensor) -> None:
        means.append(output.mean(dim=(0, 2, 3)).abs().max())
        deviations.append(output.std(dim=(0, 2, 3)).mean())

    hooks = [
        part.norm.register_forward_hook(watch) for part in backbone.modules() if isinstance(part, NormedConv)
    ]
    with torch.no_grad():
        backbone(task.model.normalise(batch.images))
    for hook in hooks:
        hook.remove()
    assert len(means) == 32
    assert max(means) < 1e-3
    assert torch.stack(deviations).sub(1).abs().max() < 0.1


def test_what_votes_on_masks_starts_centred(task: SegmentTask, batch: Batch) -> None:
    features = seen(task.model, batch)
    assert features.mean(dim=(0, 2, 3)).abs().max() < 1e-4
    assert features.std() == pytest.approx(0.3, rel=0.02)
    with torch.no_grad():
        out = task.model.eval()(batch.images, batch.tokens.ids, batch.tokens.mask, batch.image_of)
    task.model.train()
    assert out.masks.std() < 3
    assert out.minimap.softmax(dim=-1)[..., 1].mean() == pytest.approx(0.08, abs=0.04)


def test_each_region_looks_nearest_by_at_first(task: SegmentTask) -> None:
    decoder = task.model.region_decoder
    places = decoder.region_place.weight
    channels = places.shape[1]
    pixels = sine_positions(16, 16, channels, torch.device("cpu"))[0].flatten(1).T
    attention = decoder.layers[0].region_image
    weight, bias = attention.inputs.weight, attention.inputs.bias
    queries = places @ weight[:channels].T + bias[:channels]
    keys = pixels @ weight[channels : 2 * channels].T + bias[channels : 2 * channels]
    found = (queries @ keys.T).argmax(dim=1)
    rows, columns = found // 16 / 2, found % 16 / 2  # in cells of the regions
    regions = torch.arange(64)
    # Positions count from the far side of a cell, so that coarse and fine ones agree there.
    assert (rows - regions // 8 - 0.5).abs().max() <= 1
    assert (columns - regions % 8 - 0.5).abs().max() <= 1


def test_words_move_the_masks_from_the_first_step(task: SegmentTask, batch: Batch) -> None:
    task.trained.zero_grad()
    task.losses(task.batch(0))["mask"].backward()
    learned = task.model.text.embeddings.word_embeddings.weight.grad
    assert learned is not None
    assert learned.abs().max() > 0
    task.trained.zero_grad()


def test_a_network_that_reads_words_in_its_backbone_starts_too(rooms: SceneSet, tmp_path: Path) -> None:
    pictures = load_pictures(rooms, cache=tmp_path)
    task = SegmentTask(recipe("tiny"), Context(pictures, tmp_path, tmp_path))
    losses = task.losses(task.batch(0))
    assert torch.isfinite(losses["total"])
    assert losses["mask"] < 3
