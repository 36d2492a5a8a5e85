import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler
from langdesign_diffusion.checkpoint import scheduler_config
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule
from langdesign_finetune.batches import draws
from langdesign_finetune.denoising import Contexts, Diffusion, Dropout, Objective, draw_dropped


def test_noise_is_added_as_diffusers_adds_it() -> None:
    config = {
        name: value for name, value in scheduler_config(NoiseSchedule()).items() if "_to_one" not in name
    }
    theirs = DDPMScheduler.from_config({**config, "_class_name": "DDPMScheduler"})
    latents, noise = torch.randn(2, 3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    timesteps = torch.tensor([0, 400, 999])
    ours = Diffusion(NoiseSchedule(), Objective()).noised(latents, noise, timesteps)
    torch.testing.assert_close(ours, theirs.add_noise(latents, noise, timesteps), rtol=1e-4, atol=1e-4)


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


def test_a_timestep_of_much_signal_weighs_less_with_min_snr() -> None:
    few, many = torch.tensor([10]), torch.tensor([900])
    weighted = Diffusion(NoiseSchedule(), Objective(min_snr=5.0))
    assert float(weighted.weights(few)) < 0.1
    assert float(weighted.weights(many)) == 1.0
    assert float(Diffusion(NoiseSchedule(), Objective(min_snr=None)).weights(few)) == 1.0


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
