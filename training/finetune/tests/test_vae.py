import dataclasses
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL
from langdesign_finetune import train
from langdesign_finetune.family import Context
from langdesign_finetune.pictures import load_pictures
from langdesign_finetune.recipes import VAE, VaeRecipe
from langdesign_finetune.vae import VaeTask, colour_loss, edge_loss, encode, psnr, standardised
from langdesign_scenes.dataset import SceneSet

RECIPE: VaeRecipe = dataclasses.replace(
    VAE["mini"].running(steps=16, validate_every=100),
    loop=dataclasses.replace(VAE["mini"].loop, steps=16, warmup=2, ema=0.0, learning_rate=3e-3),
    channels=(8, 8, 16, 16),
    crop=32,
    batch=2,
)


@pytest.fixture
def task(rooms: SceneSet, tmp_path: Path) -> VaeTask:
    return VaeTask(RECIPE, Context(load_pictures(rooms), tmp_path, tmp_path))


def test_crops_come_first_and_whole_pictures_last_of_as_many_pixels(task: VaeTask) -> None:
    early, late = task.batch(0), task.batch(15)
    assert early.images.shape == (8, 3, 32, 32)
    assert late.images.shape == (2, 3, 64, 64)
    assert early.noise.shape == (8, 4, 4, 4)


def test_a_batch_depends_on_its_step_alone(task: VaeTask) -> None:
    first = task.batch(3)
    other = task.batch(4)
    again = task.batch(3)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.noise, again.noise)
    assert not torch.equal(first.images, other.images)


def test_training_reconstructs_better_than_it_began(task: VaeTask, tmp_path: Path) -> None:
    before = task.validate()["psnr"]
    report = train(task, RECIPE.loop, tmp_path)
    assert report.metrics["psnr"] > before + 1
    assert (tmp_path / "reconstructions.png").is_file()


def test_the_saved_latents_are_standardised_and_decode_to_the_same(
    task: VaeTask, rooms: SceneSet, tmp_path: Path
) -> None:
    pictures = load_pictures(rooms).pixels
    task.trained.eval()
    task.save(tmp_path, ema=True)
    saved = AutoencoderKL.from_pretrained(tmp_path)
    plain, plain_spread = encode(task.trained, pictures)
    mean, spread = encode(saved, pictures)
    assert mean.mean((0, 2, 3)).abs().max() < 0.1
    assert mean.std((0, 2, 3)) == pytest.approx(torch.ones(4), abs=0.1)
    assert saved.config.scaling_factor == pytest.approx(1, abs=0.01)
    with torch.no_grad():
        torch.testing.assert_close(
            saved.decode(mean).sample, task.trained.decode(plain).sample, rtol=1e-3, atol=1e-4
        )
    # The posterior's own deviation shrinks with its latents.
    torch.testing.assert_close(
        (0.5 * spread).exp(),
        (0.5 * plain_spread).exp() / plain.std((0, 2, 3))[:, None, None],
        rtol=0.1,
        atol=1e-3,
    )


def test_standardising_leaves_the_original_alone(task: VaeTask) -> None:
    before = task.trained.quant_conv.weight.clone()
    standardised(task.trained, torch.ones(4), torch.full((4,), 2.0))
    assert torch.equal(task.trained.quant_conv.weight, before)


def test_edges_count_in_the_loss_and_offsets_do_not() -> None:
    flat, edge = torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    edge[..., 8:] = 1
    assert edge_loss(flat + 0.5, flat) == 0
    assert edge_loss(edge, flat) > 0


def test_psnr_is_that_of_the_error(rooms: SceneSet) -> None:
    truth = load_pictures(rooms).pixels[:2].clip(0, 250)
    assert psnr(truth + 5, truth) == pytest.approx(34.15, abs=0.01)


def test_a_colour_that_is_off_costs_and_detail_around_the_right_colour_does_not() -> None:
    truth = torch.zeros(1, 3, 16, 16)
    tinted, detailed = truth.clone(), truth.clone()
    tinted[:, 1] = 0.3
    detailed[..., ::2], detailed[..., 1::2] = 0.3, -0.3
    assert colour_loss(tinted, truth).item() == pytest.approx(0.03)
    assert colour_loss(detailed, truth).item() == pytest.approx(0.0, abs=1e-12)
