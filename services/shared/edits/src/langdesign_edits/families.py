"""What is asked of one family of editors alone; None leaves the choice to what the checkpoint advises."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from langdesign_edits.errors import InvalidSpec
from langdesign_edits.preserve import Preserve

Sampler = Literal["euler_ancestral", "euler", "ddim", "dpmpp_2m"]
"""How the diffusion process is solved: Euler with ancestral noise, or without, DDIM, or DPM-Solver++ (2M)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructPix2PixOptions:
    """Knobs of InstructPix2Pix (Brooks et al., arXiv:2211.09800)."""

    family: ClassVar[str] = "instruct_pix2pix"

    steps: int | None = None  # denoising steps, 1..200
    guidance_scale: float | None = None  # s_T: how strongly the text steers, 1..30
    image_guidance_scale: float | None = None  # s_I: how strongly the input picture steers, 1..10
    sampler: Sampler = "euler_ancestral"  # the solver
    background_lock: bool = False  # also penalise the instruction's words outside the region

    def check(self, preserve: Preserve) -> None:
        """Raise `InvalidSpec` where the family cannot keep a promise so."""
        if self.background_lock and preserve is Preserve.NONE:
            raise InvalidSpec(
                "needs regularisation, which preserve=none leaves out",
                field=f"{self.family}.background_lock",
                hint="choose preserve=attention, latent or strict",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class InpaintingOptions:
    """Knobs of Stable Diffusion inpainting, which paints the region anew."""

    family: ClassVar[str] = "inpainting"

    steps: int | None = None  # denoising steps, 1..200
    guidance_scale: float | None = None  # how strongly the text steers, 1..30
    sampler: Sampler = "euler_ancestral"  # the solver

    def check(self, preserve: Preserve) -> None:
        """Raise `InvalidSpec` where the family cannot keep a promise so."""
        if preserve is Preserve.ATTENTION:
            raise InvalidSpec(
                "is attention, which inpainting does not offer",
                field="preserve",
                hint="choose preserve=strict, latent or none",
            )


EditorOptions = InstructPix2PixOptions | InpaintingOptions
"""Knobs of any family; `family` names it as the contract does."""
