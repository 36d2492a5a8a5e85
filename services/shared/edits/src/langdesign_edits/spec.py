"""What is asked of an edit."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from langdesign_edits.errors import InvalidSpec
from langdesign_edits.pictures import ImageFormat
from langdesign_edits.regions import Region, Whole


class Preserve(StrEnum):
    """How strongly what was not asked for is kept, from not at all to bit for bit outside the region."""

    NONE = "none"
    ATTENTION = "attention"
    LATENT = "latent"
    STRICT = "strict"


Sampler = Literal["euler_ancestral", "euler", "ddim", "dpmpp_2m"]
"""How the diffusion process is solved: Euler with ancestral noise, or without, DDIM, or DPM-Solver++ (2M)."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EditSpec:
    """What a caller asks for; None leaves the choice to what the checkpoint advises.

    Raises:
        InvalidSpec: on construction, where fields contradict each other.

    """

    instruction: str  # what to do, 1..1000 characters, such as "make the chair red"
    caption: str = ""  # what the picture shows, 0..1000 characters; helps to read the instruction
    region: Region | None = None  # where to do it; None: the instruction tells
    steps: int | None = None  # denoising steps, 1..200
    guidance_scale: float | None = None  # s_T: how strongly the text steers, 1..30
    image_guidance_scale: float | None = None  # s_I: how strongly the input picture steers, 1..10
    seed: int = 0  # 0..2^63-1; a seed means the same picture on every machine and batch size
    sampler: Sampler = "euler_ancestral"  # the solver
    preserve: Preserve = Preserve.STRICT  # what is promised outside the region
    # Pixels of what the network sees, over which an edit fades out around its region, 0..128.
    feather: int | None = None
    preview_every: int = 5  # steps between previews, 0..200; 0: none
    background_lock: bool = False  # also penalise the instruction's words outside the region
    native: bool = False  # show the network the whole picture as it is, however large
    result_format: ImageFormat = ImageFormat.PNG  # how the result is encoded

    def __post_init__(self) -> None:
        """Raise `InvalidSpec` where fields contradict each other."""
        if self.background_lock and self.preserve is Preserve.NONE:
            raise InvalidSpec(
                "needs regularisation, which preserve=none leaves out",
                field="background_lock",
                mend="choose preserve=attention, latent or strict",
            )
        strict = self.preserve is Preserve.STRICT and not isinstance(self.region, Whole)
        if strict and self.result_format is ImageFormat.JPEG:
            raise InvalidSpec(
                "JPEG changes pixels that preserve=strict keeps",
                field="result_format",
                mend="take PNG or WebP (lossless), or choose another preserve",
            )

    def preserve_over(self, regions: int) -> Preserve:
        """Return the promise that is kept over a number of regions: none over the whole picture (0)."""
        return self.preserve if regions else Preserve.NONE
