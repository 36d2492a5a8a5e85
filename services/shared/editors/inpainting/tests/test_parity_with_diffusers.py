"""An inpainting equals diffusers' own pipeline, at random weights, in float32, from the same noise."""

from functools import partial

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionInpaintPipeline,
)
from diffusers.models.attention_processor import AttnProcessor2_0
from diffusers.pipelines.stable_diffusion import pipeline_stable_diffusion_inpaint as theirs
from langdesign_diffusion.checkpoint import scheduler_config
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_inpainting import InpaintParameters
from langdesign_inpainting.state import InpaintRequest
from PIL import Image

SCHEDULERS = {
    "euler_ancestral": EulerAncestralDiscreteScheduler,
    "euler": EulerDiscreteScheduler,
    "ddim": DDIMScheduler,
    "dpmpp_2m": DPMSolverMultistepScheduler,
}
# diffusers' schedulers hand tensors to numpy in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def deterministic(monkeypatch):
    """The pipeline draws what it knows of the picture from the posterior; we take its mode."""
    monkeypatch.setattr(theirs, "retrieve_latents", partial(theirs.retrieve_latents, sample_mode="argmax"))


def diffusers_latents(image, mask, parameters: InpaintParameters) -> torch.Tensor:
    checkpoint = random_checkpoint("tiny", in_channels=9)
    checkpoint.unet.set_attn_processor(AttnProcessor2_0())
    config = {key: value for key, value in scheduler_config(checkpoint.noise).items() if key[0] != "_"}
    kind = SCHEDULERS[parameters.sampler]
    pipeline = StableDiffusionInpaintPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=checkpoint.tokenizer,
        unet=checkpoint.unet,
        scheduler=kind(**{key: value for key, value in config.items() if key in kind().config}),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        parameters.instruction,
        image=Image.fromarray(image),
        mask_image=Image.fromarray(mask[0]),
        height=image.shape[0],
        width=image.shape[1],
        strength=1.0,
        num_inference_steps=parameters.steps,
        guidance_scale=parameters.guidance_scale,
        generator=torch.Generator().manual_seed(parameters.seed),
        output_type="latent",
    ).images


@pytest.mark.usefixtures("deterministic")
@pytest.mark.parametrize("sampler", SCHEDULERS)
@pytest.mark.parametrize("steps", [6, 20])
def test_an_inpainting_equals_the_pipeline_of_diffusers(editor, image, mask, figure, sampler, steps):
    parameters = InpaintParameters("a red chair", steps=steps, sampler=sampler, seed=11, preserve="none")
    state = editor.prepare(InpaintRequest(image, mask, parameters))
    while not state.done:
        editor.denoise_step([state])
    ours = state.latents * state.schedule.input_scale(state.steps)
    expected = diffusers_latents(image, mask, parameters)
    difference = (ours - expected).abs().max().item() / expected.abs().max().item()
    figure(f"inpainting's parity with diffusers, {sampler}, {steps} steps: latents within {difference:.1e}")
    assert difference <= 1e-5


@pytest.mark.usefixtures("deterministic")
def test_the_image_returned_is_the_pipelines_rounded_to_8_bits(editor, image, mask):
    parameters = InpaintParameters("a red chair", steps=4, seed=3, preserve="none")
    vae, latents = editor.checkpoint.vae, diffusers_latents(image, mask, parameters)
    with torch.inference_mode():
        colours = vae.decode(latents / vae.config.scaling_factor).sample[0].permute(1, 2, 0).numpy()
    expected = ((colours + 1) * 127.5).clip(0, 255)
    assert np.abs(editor.edit(image, mask, parameters).image - expected).max() <= 0.51
