"""Training with the regions that serving regularises with.

Serving lets a position inside a region attend to the words of the edit alone
(`langdesign_diffusion.regularisation`). A network that was trained without takes that for a disturbance; one
that was trained with it learns from what its positions may attend to where the edit belongs, which the words
alone often do not say.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from langdesign_diffusion.checkpoint import attention_levels
from langdesign_diffusion.parameters import RegularisationParameters
from langdesign_diffusion.region_prompts import RegionPrompts, encode_regions
from langdesign_diffusion.regularisation import build_biases, level_shapes
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from transformers import CLIPTokenizer

EXACT, GROWN = 0.5, 0.25
"""Shares of the regions given as they are, and grown by a position; the rest are boxes: so are found ones."""


class RegionBiases:
    """Biases on the cross-attention of samples, as the engine makes them of one edit.

    Args:
        tokenizer: CLIP's.
        unet: its levels count.
        rule: of the regularisation; when it starts and ends is not looked at.

    """

    def __init__(
        self, tokenizer: CLIPTokenizer, unet: UNet2DConditionModel, rule: RegularisationParameters
    ) -> None:
        self._tokenizer, self._rule = tokenizer, rule
        self._levels = attention_levels(unet)[: rule.levels]
        self._prompts: dict[str, RegionPrompts] = {}

    def __call__(self, instructions: Sequence[str], regions: Tensor) -> dict[int, Tensor]:
        """Return, per resolution, biases fp32 `[B, 1, L, 77]`; all 0 where a region is empty.

        Args:
            instructions: of B edits.
            regions: how much of each latent position they cover, 0..1 `[B, 1, h, w]`.

        """
        shapes = level_shapes((regions.shape[2], regions.shape[3]), self._levels)
        prompts = [self._prompt(instruction) for instruction in instructions]
        made = [
            build_biases(region, prompt, shapes, self._rule, torch.float32)
            for region, prompt in zip(regions, prompts, strict=True)
        ]
        tokens = self._tokenizer.model_max_length
        return {length: torch.cat([one[length] for one in made])[..., :tokens] for length in made[0]}

    def _prompt(self, instruction: str) -> RegionPrompts:
        if instruction not in self._prompts:
            self._prompts[instruction] = encode_regions(self._tokenizer, instruction, [None])
        return self._prompts[instruction]


def draw_regions(draw: np.random.Generator, inside: Tensor, share: float) -> Tensor:
    """Return regions as they may be found, 0..1 `[B, 1, h, w]`: empty but for a share of the samples.

    Args:
        draw: the randomness.
        inside: how much of each position is to change, 0..1 `[B, 1, h, w]`.
        share: of the samples whose region is given.

    """
    given, shape = draw.random((2, len(inside)))
    grown = functional.max_pool2d(inside, 3, stride=1, padding=1)
    regions = torch.where(_rows(shape < EXACT), inside, grown)
    regions = torch.where(_rows(shape < EXACT + GROWN), regions, _boxes(inside))
    return torch.where(_rows(given < share), regions, 0.0)


def _rows(flags: NDArray[np.bool_]) -> Tensor:
    return torch.from_numpy(flags)[:, None, None, None]


def _boxes(inside: Tensor) -> Tensor:
    """Return 1 in the bounding box of what is not 0, by sample."""
    touched = inside > 0
    spans = []
    for axis in (2, 3):
        seen = touched.any(dim=axis, keepdim=True).int()
        along = 5 - axis
        spans.append(seen.cummax(along).values & seen.flip(along).cummax(along).values.flip(along))
    return (spans[0] & spans[1]).to(inside)
