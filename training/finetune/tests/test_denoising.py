from typing import get_args

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler
from langdesign_diffusion.checkpoint import scheduler_config
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule, denoised_of
from langdesign_finetune.batches import draws
from langdesign_finetune.denoising import Contexts, Diffusion, Dropout, Objective, draw_dropped

LATENTS, NOISE = torch.randn(2, 3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
TIMESTEPS = torch.tensor([0, 400, 999])


def diffusion_of(prediction: Prediction, min_snr: float | None = None) -> Diffusion:
    return Diffusion(NoiseSchedule(prediction=prediction), Objective(min_snr=min_snr))


@pytest.fixture(scope="module")
def theirs() -> DDPMScheduler:
    """The same process in diffusers."""
    config = {
        name: value for name, value in scheduler_config(NoiseSchedule()).items() if "_to_one" not in name
    }
    return DDPMScheduler.from_config({**config, "_class_name": "DDPMScheduler"})


def test_noise_is_added_as_diffusers_adds_it(theirs: DDPMScheduler) -> None:
    ours = diffusion_of("epsilon").noised(LATENTS, NOISE, TIMESTEPS)
    torch.testing.assert_close(ours, theirs.add_noise(LATENTS, NOISE, TIMESTEPS), rtol=1e-4, atol=1e-4)


def test_what_is_to_be_predicted_is_the_noise_or_the_velocity_of_diffusers(theirs: DDPMScheduler) -> None:
    assert torch.equal(diffusion_of("epsilon").target(LATENTS, NOISE, TIMESTEPS), NOISE)
    velocity = diffusion_of("v_prediction").target(LATENTS, NOISE, TIMESTEPS)
    expected = theirs.get_velocity(LATENTS, NOISE, TIMESTEPS)
    torch.testing.assert_close(velocity, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("prediction", get_args(Prediction))
def test_the_engine_finds_the_picture_from_what_is_to_be_predicted(prediction: Prediction) -> None:
    diffusion = diffusion_of(prediction)
    noised = diffusion.noised(LATENTS, NOISE, TIMESTEPS)
    target = diffusion.target(LATENTS, NOISE, TIMESTEPS)
    for row, sigma in enumerate(NoiseSchedule().sigmas()[TIMESTEPS.numpy()].tolist()):
        sample = noised[row] * (1 + sigma**2) ** 0.5
        found = denoised_of(sample, target[row], sigma, prediction)
        torch.testing.assert_close(found, LATENTS[row], rtol=1e-4, atol=1e-4)


def test_each_timestep_of_a_batch_is_from_its_own_part() -> None:
    diffusion = Diffusion(NoiseSchedule(), Objective())
    timesteps = diffusion.draw_timesteps(draws(0, 0), 10)
    assert sorted((timesteps // 100).tolist()) == list(range(10))
    assert timesteps.tolist() != sorted(timesteps.tolist())


def test_a_shift_makes_more_of_the_batch_noisy() -> None:
    shifted = Diffusion(NoiseSchedule(), Objective(shift=3.0)).draw_timesteps(draws(0, 0), 100)
    assert 0 <= int(shifted.min()) < 200
    assert int(shifted.max()) <= 999
    assert 700 < float(shifted.float().median()) < 800


def test_weights_are_those_of_min_snr() -> None:
    times = torch.tensor([10, 300, 900])  # of much signal to little
    snr = torch.from_numpy(NoiseSchedule().sigmas()[times.numpy()] ** -2.0).float()
    for prediction, unclipped in (("epsilon", snr), ("v_prediction", snr + 1)):
        found = diffusion_of(prediction, 5.0).weights(times)
        assert found.shape == (3, 1, 1, 1)
        torch.testing.assert_close(found.flatten(), snr.clamp(max=5.0) / unclipped)
        assert diffusion_of(prediction).weights(times).flatten().tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("chosen", [Dropout(), Dropout(text=0.1, image=0.0, both=0.0)])
def test_conditions_are_dropped_by_their_shares(chosen: Dropout) -> None:
    text, image = draw_dropped(draws(0, 0), 40_000, chosen)
    shares = (text & ~image).mean(), (image & ~text).mean(), (text & image).mean()
    np.testing.assert_allclose(shares, (chosen.text, chosen.image, chosen.both), atol=0.005)


def test_contexts_are_those_of_the_editor_and_each_text_is_encoded_once() -> None:
    checkpoint = random_checkpoint("tiny")
    calls: list[int] = []
    checkpoint.text_encoder.register_forward_hook(lambda module, given, out: calls.append(len(given[0])))
    contexts = Contexts(checkpoint.text_encoder, checkpoint.tokenizer)
    found = contexts(["paint it red", "", "paint it red"])
    assert found.shape == (3, 77, 32)
    ids = checkpoint.tokenizer(["paint it red", ""], padding="max_length", return_tensors="pt").input_ids
    expected = checkpoint.text_encoder(ids).last_hidden_state
    torch.testing.assert_close(found[:2], expected, rtol=2e-3, atol=2e-3)
    assert torch.equal(contexts(["", "paint it red"]), found[[1, 0]])
    assert calls == [2, 2]  # ours, once, and the test's


def test_contexts_of_a_trained_encoder_have_a_gradient_and_are_made_anew() -> None:
    checkpoint = random_checkpoint("tiny")
    checkpoint.text_encoder.requires_grad_(True)
    contexts = Contexts(checkpoint.text_encoder, checkpoint.tokenizer)
    before = contexts(["a lamp"])
    before.sum().backward()
    with torch.no_grad():
        for parameter in checkpoint.text_encoder.parameters():
            parameter.sub_(parameter.grad)
    assert not torch.allclose(contexts(["a lamp"]), before, atol=1e-3)


def test_a_text_that_is_too_long_is_cut_before_its_end() -> None:
    checkpoint = random_checkpoint("tiny")
    assert Contexts(checkpoint.text_encoder, checkpoint.tokenizer)(["lamp " * 200]).shape == (1, 77, 32)
