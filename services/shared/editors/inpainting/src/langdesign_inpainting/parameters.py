"""What a caller may ask of one inpainting: frozen, validated."""

from __future__ import annotations

from typing import Self

from langdesign_diffusion.errors import InvalidParameters
from langdesign_diffusion.parameters import (
    DETAIL,
    STRICT,
    Detail,
    Every,
    Feather,
    Instruction,
    Promise,
    Regions,
    Scale,
    Seed,
    Steps,
    check_instructions,
    told,
)
from langdesign_edits import Preserve, Sampler
from pydantic import ModelWrapValidatorHandler, model_validator
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, slots=True, config=STRICT)
class InpaintParameters:
    """One inpainting.

    Raises:
        InvalidParameters: on construction, naming the field and a hint.

    """

    instruction: Instruction  # what to show, e.g. "a red chair"; may be "" if every region has its own
    steps: Steps = 20  # denoising steps, 1..200
    guidance_scale: Scale = 7.5  # how strongly the text steers, 1..30
    seed: Seed = 0  # 0..2^63-1; a seed means the same noise on every machine and batch
    sampler: Sampler = "euler_ancestral"
    preserve: Promise = Preserve.STRICT  # what is promised outside the region; "attention" is not offered
    feather: Feather = 8  # px over which an edit fades out around its region, 0..128
    detail: Detail = DETAIL  # change in 8-bit levels up to which the input's detail comes back; 0: none does
    preview_every: Every = 0  # steps between previews; 0: none
    regions: Regions = ()

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, value: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        with told(cls):
            return read(value)

    def __post_init__(self) -> None:
        """Raise `InvalidParameters` where this family cannot do what is asked."""
        if self.preserve is Preserve.ATTENTION:
            raise InvalidParameters(
                "preserve", "is attention, which inpainting does not offer; choose strict, latent or none"
            )
        check_instructions(self.instruction, self.regions)
