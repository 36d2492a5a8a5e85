"""One inpainting: what is asked, and its state on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from langdesign_diffusion.state import Condition, LatentRequest, LatentState

from langdesign_inpainting.parameters import InpaintParameters


@dataclass(frozen=True, slots=True, eq=False)
class InpaintRequest(LatentRequest):
    """What a caller asks for; the union of the masks is painted anew."""

    parameters: InpaintParameters


@dataclass(slots=True, kw_only=True)
class InpaintState(LatentState):
    """One inpainting on its way; made by `Editor.prepare`, advanced by `Editor.denoise_step`."""

    parameters: InpaintParameters
    known: torch.Tensor  # [1, 5, h, w]: the mask, and the latents of the picture without what it covers

    @property
    def conditions(self) -> Sequence[Condition]:
        """The rows of the next step: with the text and, unless that weighs nothing, without."""
        scale = self.parameters.guidance_scale
        rows = (
            Condition(self.known, self.context[:1], scale),
            Condition(self.known, self.context[1:], 1 - scale),
        )
        return [row for row in rows if row.weight != 0.0]
