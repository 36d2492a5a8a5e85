"""What is asked of an edit."""

from dataclasses import dataclass

from langdesign_edits.errors import InvalidSpec
from langdesign_edits.families import EditorOptions
from langdesign_edits.pictures import ImageFormat
from langdesign_edits.preserve import Preserve
from langdesign_edits.regions import Region, Whole


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EditSpec:
    """What a caller asks for; None leaves the choice to the service.

    Raises:
        InvalidSpec: on construction, where fields contradict each other.

    """

    instruction: str  # what to do, 1..1000 characters, such as "make the chair red"
    caption: str = ""  # what the picture shows, 0..1000 characters; helps to read the instruction
    region: Region | None = None  # where to do it; None: the instruction tells
    model: str = ""  # which of the served models edits; "": the deployment's default
    seed: int = 0  # 0..2^63-1; a seed means the same noise on every machine and in every batch
    preserve: Preserve = Preserve.STRICT  # what is promised outside the region
    # Pixels of what the network sees, over which an edit fades out around its region, 0..128.
    feather: int | None = None
    preview_every: int = 5  # steps between previews, 0..200; 0: none
    native: bool = False  # show the network the whole picture as it is, not scaled
    result_format: ImageFormat | None = None  # how the result is encoded; None: PNG, a no-op as it came
    editor: EditorOptions | None = None  # knobs of the model's family; None: all by default

    def __post_init__(self) -> None:
        """Raise `InvalidSpec` where fields contradict each other."""
        if self.editor is not None:
            self.editor.check(self.preserve)
        strict = self.preserve is Preserve.STRICT and not isinstance(self.region, Whole)
        if strict and self.result_format is ImageFormat.JPEG:
            raise InvalidSpec(
                "JPEG changes pixels that preserve=strict keeps",
                field="result_format",
                hint="take PNG or WebP (lossless), or choose another preserve",
            )

    @property
    def edited_format(self) -> ImageFormat:
        """How an edited picture is encoded."""
        return self.result_format or ImageFormat.PNG

    def preserve_over(self, regions: int) -> Preserve:
        """Return the promise that is kept over a number of regions: none over the whole picture (0)."""
        return self.preserve if regions else Preserve.NONE
