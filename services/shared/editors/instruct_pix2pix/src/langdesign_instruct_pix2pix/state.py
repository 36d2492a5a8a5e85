"""One edit: what is asked, and its state on the way."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from langdesign_diffusion.denoiser import Biases
from langdesign_diffusion.encoding import EncodedImage
from langdesign_diffusion.guidance import within_share
from langdesign_diffusion.samplers import Schedule
from langdesign_edits import Pixels, Weights

from langdesign_instruct_pix2pix.guidance import Branch, branches_at
from langdesign_instruct_pix2pix.parameters import EditParameters


@dataclass(frozen=True, slots=True, eq=False)
class Pix2PixRequest:
    """What a caller asks for."""

    image: Pixels  # [H, W, 3 or 4]
    masks: Pixels | None  # [R, H, W], 0 or 255, one per region of the parameters; None: no region
    parameters: EditParameters

    @property
    def work(self) -> float:
        """Steps times the size of the picture: a large edit is no cheaper for being one request."""
        return float(self.parameters.steps * self.image.size)

    @property
    def preview_every(self) -> int:
        """Steps between previews; 0: none."""
        return self.parameters.preview_every


@dataclass(slots=True)
class Pix2PixState:
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
    def shape(self) -> tuple[int, int]:
        """(h, w) of the padded latents: only states of one latent shape share a batch."""
        return self.latents.shape[-2], self.latents.shape[-1]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The guidance branches of the next step: its rows in the batch."""
        return branches_at(self.parameters, self.step)

    @property
    def rows(self) -> int:
        """How many rows of the UNet's batch the next step takes: one per guidance branch."""
        return len(self.branches)

    @property
    def regularised(self) -> bool:
        """Whether the next step carries the region bias."""
        rule = self.parameters.regularisation
        return (
            bool(self.biases)
            and rule is not None
            and within_share(self.step, self.steps, rule.start, rule.end)
        )
