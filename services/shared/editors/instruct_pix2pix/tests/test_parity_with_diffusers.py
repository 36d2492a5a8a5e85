"""A plain edit equals diffusers' own pipeline, at random weights, in float32, from the same noise."""

import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionInstructPix2PixPipeline,
)
from diffusers.models.attention_processor import AttnProcessor2_0
from langdesign_diffusion.checkpoint import scheduler_config
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.imaging import to_pillow
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

SCHEDULERS = {
    "euler_ancestral": EulerAncestralDiscreteScheduler,
    "euler": EulerDiscreteScheduler,
    "ddim": DDIMScheduler,
    "dpmpp_2m": DPMSolverMultistepScheduler,
}
# diffusers' schedulers hand tensors to numpy in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

INSTRUCTION = "make the blue chair red"


def editor_of(prediction: Prediction) -> Editor:
    """The editor of random weights, whose output is taken for noise or velocity."""
    return Editor(dataclasses.replace(random_checkpoint("tiny"), noise=NoiseSchedule(prediction=prediction)))


def diffusers_latents(image, parameters: EditParameters, prediction: Prediction = "epsilon") -> torch.Tensor:
    checkpoint = editor_of(prediction).checkpoint
    checkpoint.unet.set_attn_processor(AttnProcessor2_0())
    config = {key: value for key, value in scheduler_config(checkpoint.noise).items() if key[0] != "_"}
    kind = SCHEDULERS[parameters.sampler]
    accepted = {key: value for key, value in config.items() if key in kind().config}
    pipeline = StableDiffusionInstructPix2PixPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=checkpoint.tokenizer,
        unet=checkpoint.unet,
        scheduler=kind(**accepted),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        parameters.instruction,
        image=to_pillow(image),
        num_inference_steps=parameters.steps,
        guidance_scale=parameters.guidance_scale,
        image_guidance_scale=parameters.image_guidance_scale,
        generator=torch.Generator().manual_seed(parameters.seed),
        output_type="latent",
    ).images


def our_latents(editor: Editor, image, parameters: EditParameters) -> torch.Tensor:
    state = editor.prepare(Pix2PixRequest(image, None, parameters))
    while not state.done:
        editor.denoise_step([state])
    return state.latents * state.schedule.input_scale(state.steps)


def decoded(editor: Editor, latents: torch.Tensor) -> torch.Tensor:
    """Colours in -1..1, neither clamped nor rounded."""
    vae = editor.checkpoint.vae
    with torch.inference_mode():
        return vae.decode(latents / vae.config.scaling_factor).sample


@pytest.mark.parametrize("sampler", SCHEDULERS)
@pytest.mark.parametrize("steps", [6, 20])
@pytest.mark.parametrize("prediction", get_args(Prediction))
def test_a_plain_edit_equals_the_pipeline_of_diffusers(image, figure, sampler, steps, prediction):
    editor = editor_of(prediction)
    parameters = EditParameters(INSTRUCTION, steps=steps, sampler=sampler, seed=11)
    ours = our_latents(editor, image, parameters)
    theirs = diffusers_latents(image, parameters, prediction)
    scale = theirs.abs().max().item()  # a network of random weights leaves much of the noise: about 60
    latents = (ours - theirs).abs().max().item() / scale
    colours = (decoded(editor, ours) - decoded(editor, theirs)).abs().max().item()
    what = f"parity with diffusers, {prediction}, {sampler}, {steps} steps"
    figure(f"{what}: latents within {latents:.1e} of the largest")
    figure(f"{what}: colours in -1..1 within {colours:.1e}")
    assert latents <= 1e-5
    assert colours <= 1e-4


def test_the_image_returned_is_the_pipelines_rounded_to_8_bits(editor, image):
    parameters = EditParameters(INSTRUCTION, steps=4, seed=3)
    colours = decoded(editor, diffusers_latents(image, parameters))[0].permute(1, 2, 0).numpy()
    theirs = ((colours + 1) * 127.5).clip(0, 255)
    assert np.abs(editor.edit(image, None, parameters).image - theirs).max() <= 0.51
