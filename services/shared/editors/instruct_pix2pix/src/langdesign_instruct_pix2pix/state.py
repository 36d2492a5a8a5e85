"""One edit: what is asked, and its state on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from langdesign_diffusion.denoiser import Biases
from langdesign_diffusion.guidance import within_share
from langdesign_diffusion.state import Condition, LatentRequest, LatentState

from langdesign_instruct_pix2pix.guidance import Branch, branches_at
from langdesign_instruct_pix2pix.parameters import EditParameters


@dataclass(frozen=True, slots=True, eq=False)
class Pix2PixRequest(LatentRequest):
    """What a caller asks for; masks are one per region of the parameters."""

    parameters: EditParameters


@dataclass(slots=True, kw_only=True)
class Pix2PixState(LatentState):
    """One edit on its way; made by `Editor.prepare`, advanced by `Editor.denoise_step`."""

    parameters: EditParameters
    biases: Biases  # as `separation`, with the regularisation; empty: there is none

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The guidance branches of the next step."""
        return branches_at(self.parameters, self.step)

    @property
    def conditions(self) -> Sequence[Condition]:
        """The rows of the next step: one per guidance branch."""
        image, nothing = self.encoded.latents, torch.zeros_like(self.encoded.latents)
        return [
            Condition(
                image if branch.image else nothing,
                self.context[:1] if branch.text else self.context[1:],
                branch.weight,
            )
            for branch in self.branches
        ]

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

    @property
    def acting_biases(self) -> Biases:
        """The biases of the next step: those of regularisation in its share of the steps alone."""
        return self.biases if self.regularised else self.separation
