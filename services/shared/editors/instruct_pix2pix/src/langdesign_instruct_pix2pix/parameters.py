"""What a caller may ask of one edit: frozen, validated, with a JSON round trip."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Self

from langdesign_diffusion.errors import InvalidParameters
from langdesign_diffusion.parameters import (
    DETAIL,
    STRICT,
    Detail,
    Every,
    Feather,
    Instruction,
    Interval,
    Promise,
    RegionParameters,
    Regions,
    RegularisationParameters,
    Scale,
    Seed,
    Steps,
    check_instructions,
    check_order,
    read_parameters,
    told,
)
from langdesign_edits import Preserve, Sampler
from pydantic import Field, ModelWrapValidatorHandler, model_validator
from pydantic.dataclasses import dataclass

__all__ = ["EditParameters", "RegionParameters"]


@dataclass(frozen=True, slots=True, config=STRICT)
class EditParameters:
    """One edit.

    Raises:
        InvalidParameters: on construction, naming the field and a hint.

    """

    instruction: Instruction  # what to do, e.g. "make the chair red"; may be "" if every region has its own
    steps: Steps = 20  # denoising steps, 1..200
    guidance_scale: Scale = 7.5  # s_T: how strongly the text steers, 1..30
    image_guidance_scale: Annotated[float, Field(ge=1.0, le=10.0)] = 1.5
    """s_I: how strongly the input image steers, 1..10."""
    seed: Seed = 0  # 0..2^63-1; a seed means the same noise on every machine and batch
    sampler: Sampler = "euler_ancestral"
    guidance_interval: Interval | None = None  # guide only in this share of the steps
    regularisation: RegularisationParameters | None = dataclasses.field(
        default_factory=RegularisationParameters
    )  # None: off
    preserve: Promise = Preserve.ATTENTION  # what is promised outside the regions
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
        """Raise `InvalidParameters` where fields contradict each other."""
        if self.guidance_interval is not None:
            check_order("guidance_interval[1]", *self.guidance_interval)
        check_instructions(self.instruction, self.regions)
        if self.preserve is Preserve.ATTENTION and self.regularisation is None:
            raise InvalidParameters(
                "regularisation", 'preserve="attention" is done by regularisation: set it, or preserve="none"'
            )

    def to_json(self) -> str:
        """Return the JSON object that `from_json` reads back to an equal value."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a JSON object; fields left out take their defaults, unknown ones are refused.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        return read_parameters(cls, text)
