"""One edit on its way through the editor, and its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from langdesign_edits import Weights

from langdesign_diffusion.encoding import EncodedImage
from langdesign_diffusion.guidance import Branch, branches_at, within_share
from langdesign_diffusion.imaging import Pixels
from langdesign_diffusion.parameters import EditParameters
from langdesign_diffusion.samplers import Schedule

Biases = dict[int, torch.Tensor]
Denoiser = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Biases | None], torch.Tensor]
# (sample [B, 8, h, w], timesteps [B], context [B, 77, D], biases {L: [B, 1, L, 77]}) -> what
# `NoiseSchedule.prediction` says, [B, 4, h, w]


@dataclass(slots=True)
class EditState:
    """One edit on its way; made by `Editor.prepare`, advanced by `Editor.denoise_step`."""

    parameters: EditParameters
    image: Pixels  # [H, W, 3 or 4], as the caller sent it
    encoded: EncodedImage
    context: torch.Tensor  # [2, 77, D]: the instruction, the empty text
    schedule: Schedule
    generator: torch.Generator  # on the CPU; every random number of this edit comes from it
    noise: torch.Tensor  # [1, 4, h, w], the unit noise that the edit starts from
    latents: torch.Tensor  # [1, 4, h, w] float32, x = x0 + sigma * noise
    biases: Biases  # per resolution [1, 1, L, 80]; empty: not regularised
    weights: Weights | None  # [H, W], 1 on the regions, 0 beyond the feather; None: no region
    latent_weights: torch.Tensor | None  # [1, 1, h, w]; None: latents are not blended
    denoised: torch.Tensor | None = None  # [1, 4, h, w], the last step's estimate of x0
    step: int = 0  # steps done, 0..steps

    @property
    def steps(self) -> int:
        """How many steps there are in all."""
        return self.schedule.steps

    @property
    def done(self) -> bool:
        """Whether no step is left; then `Editor.finish` may be called."""
        return self.step >= self.steps

    @property
    def latent_shape(self) -> tuple[int, int]:
        """(h, w) of the padded latents: only states of one latent shape share a batch."""
        return self.latents.shape[-2], self.latents.shape[-1]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The guidance branches of the next step: its rows in the batch."""
        return branches_at(self.parameters, self.step)

    @property
    def regularised(self) -> bool:
        """Whether the next step carries the region bias."""
        rule = self.parameters.regularisation
        return (
            bool(self.biases)
            and rule is not None
            and within_share(self.step, self.steps, rule.start, rule.end)
        )


@dataclass(frozen=True, slots=True)
class EditResult:
    """The edited image, of the size that the caller sent."""

    image: Pixels  # [H, W, 3 or 4], RGB or RGBA as sent; alpha is the sender's
    checkpoint: str = ""  # `name@sha256:...` of what edited; empty for weights from no folder
