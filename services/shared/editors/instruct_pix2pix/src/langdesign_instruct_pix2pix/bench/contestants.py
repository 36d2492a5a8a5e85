"""Ways to make the same edit with the same weights, to be timed against each other."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import EulerAncestralDiscreteScheduler, StableDiffusionInstructPix2PixPipeline
from diffusers.models.attention_processor import AttnProcessor2_0
from langdesign_diffusion.attention import ExplicitAttention, RegionAttention
from langdesign_diffusion.checkpoint import Checkpoint, scheduler_config
from langdesign_diffusion.denoiser import Denoiser
from langdesign_diffusion.imaging import to_pillow
from langdesign_edits import Pixels, Preserve

from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.parameters import EditParameters

INSTRUCTION = "paint the blue chair by the window red"


@dataclass(frozen=True)
class Contestant:
    """One way to edit; `edit` takes an image `[H, W, 3]` and returns when the pixels are there."""

    name: str
    edit: Callable[[Pixels], object]


class Contestants:
    """The four ways over one editor; its attention processors and denoiser are exchanged between edits."""

    def __init__(self, editor: Editor, size: int, steps: int) -> None:
        self._editor = editor
        self._served: Denoiser = editor.denoiser  # compiled and captured on CUDA
        self._steps = steps
        self._mask = np.zeros((1, size, size), np.uint8)
        self._mask[:, size // 4 : 3 * size // 4, size // 4 : 3 * size // 4] = 255
        self._pipeline = pipeline_of(editor.checkpoint)

    def all(self) -> list[Contestant]:
        """Return plain first: the others are compared with it."""
        return [
            Contestant("plain", self._plain),
            Contestant("regularised", self._regularised),
            Contestant("diffusers", self._diffusers),
            Contestant("explicit softmax", self._explicit),
        ]

    def clear(self) -> None:
        """Give the editor back as it was."""
        self._use(RegionAttention(), self._served)

    def _plain(self, image: Pixels) -> object:
        self._use(RegionAttention(), self._served)
        return self._editor.edit(image, None, self._parameters(regularised=False)).image

    def _regularised(self, image: Pixels) -> object:
        self._use(RegionAttention(), self._served)
        return self._editor.edit(image, self._mask, self._parameters(regularised=True)).image

    def _explicit(self, image: Pixels) -> object:
        self._use(ExplicitAttention(), self._editor.predict)
        return self._editor.edit(image, self._mask, self._parameters(regularised=True)).image

    def _diffusers(self, image: Pixels) -> object:
        self._use(AttnProcessor2_0(), self._editor.predict)
        edited = self._pipeline(
            INSTRUCTION,
            image=to_pillow(image),
            num_inference_steps=self._steps,
            generator=torch.Generator().manual_seed(0),
        )
        return edited.images[0]

    def _use(self, attention: object, denoiser: Denoiser) -> None:
        self._editor.checkpoint.unet.set_attn_processor(attention)
        self._editor.denoiser = denoiser

    def _parameters(self, *, regularised: bool) -> EditParameters:
        preserve = Preserve.ATTENTION if regularised else Preserve.NONE
        return EditParameters(INSTRUCTION, steps=self._steps, preserve=preserve)


def pipeline_of(checkpoint: Checkpoint) -> StableDiffusionInstructPix2PixPipeline:
    """Return diffusers' own pipeline over a checkpoint's networks."""
    known = EulerAncestralDiscreteScheduler().config
    config = {name: value for name, value in scheduler_config(checkpoint.noise).items() if name in known}
    pipeline = StableDiffusionInstructPix2PixPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=checkpoint.tokenizer,
        unet=checkpoint.unet,
        scheduler=EulerAncestralDiscreteScheduler(**config),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
