"""What the weights of a checkpoint do not tell of its networks; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Prediction = Literal["epsilon", "v_prediction"]  # the noise, or the velocity of Salimans & Ho


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What the weights' shapes do not tell; the defaults are Stable Diffusion 1.x's."""

    heads: int = 8  # of the UNet's attention
    text_heads: int = 12  # of the text encoder's attention
    groups: int = 32  # of every group norm
    scaling_factor: float = 0.18215  # of the latents
