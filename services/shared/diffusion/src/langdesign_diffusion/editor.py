"""The editor: one seam for a solo edit and for step-level batching."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from langdesign_diffusion.parameters import EditParameters

Denoiser = Callable[
    [torch.Tensor, torch.Tensor, torch.Tensor, dict[int, torch.Tensor] | None], torch.Tensor
]  # (sample [B, 8, h, w], timesteps [B], context [B, 77, D], biases {L: [B, 1, L, 77]}) -> noise [B, 4, h, w]


@dataclass(slots=True)
class EditState:
    """One edit on its way; made by `Editor.prepare`, advanced by `Editor.denoise_step`."""

    parameters: EditParameters
    step: int  # steps done, 0..steps
    steps: int  # steps in all
    latents: torch.Tensor  # [1, 4, h, w] float32, on the editor's device

    @property
    def done(self) -> bool:
        """Whether no step is left; then `Editor.finish` may be called."""
        return self.step >= self.steps

    @property
    def latent_shape(self) -> tuple[int, int]:
        """(h, w) of the padded latents: only states of one latent shape share a batch."""
        return self.latents.shape[-2], self.latents.shape[-1]


@dataclass(frozen=True, slots=True)
class EditResult:
    """The edited image, of the size that the caller sent, and what changed."""

    image: NDArray[np.uint8]  # [H, W, 3 or 4], RGB or RGBA


class Editor:
    """Edits images by instruction with an InstructPix2Pix checkpoint.

    `denoiser` may be replaced by a compiled form of itself; shapes depend only on
    the number of rows and the latent shape, never on the region.
    """

    denoiser: Denoiser

    def prepare(
        self, image: NDArray[np.uint8], masks: NDArray[np.uint8] | None, parameters: EditParameters
    ) -> EditState:
        """Encode the image `[H, W, 3 or 4]`, the masks `[R, H, W]` (0 or 255) and the text.

        Raises:
            InvalidImage, InvalidMask, InvalidParameters: naming the mend.
        """
        raise NotImplementedError

    def rows(self, states: Sequence[EditState]) -> int:
        """Return how many UNet rows the next step of these states takes (1 to 3 per state)."""
        raise NotImplementedError

    def denoise_step(self, states: Sequence[EditState], *, pad_rows_to: int | None = None) -> None:
        """Advance every state by one step, in one UNet call.

        The states share a latent shape; timestep, sampler, guidance, seed, region and step
        count are each state's own. `pad_rows_to` fills the batch with idle rows up to a fixed
        number, for compiled or captured forms of the denoiser.
        """
        raise NotImplementedError

    def preview(self, state: EditState) -> NDArray[np.uint8]:
        """Return a small picture `[ceil(H/8), ceil(W/8), 3]` of the state's current estimate."""
        raise NotImplementedError

    def finish(self, state: EditState) -> EditResult:
        """Decode, crop to the caller's size, keep the preservation contract and report the change."""
        raise NotImplementedError

    def edit(
        self, image: NDArray[np.uint8], masks: NDArray[np.uint8] | None, parameters: EditParameters
    ) -> EditResult:
        """Run one edit alone: `prepare`, every `denoise_step`, `finish`."""
        state = self.prepare(image, masks, parameters)
        while not state.done:
            self.denoise_step([state])
        return self.finish(state)
