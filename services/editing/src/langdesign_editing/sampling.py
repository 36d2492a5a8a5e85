"""How a checkpoint is best sampled where the caller does not say."""

from pathlib import Path
from typing import Annotated, Self

import msgspec
from langdesign_chassis.errors import StartError
from langdesign_edits.focus import ENLARGEMENT, MOST_ENLARGEMENT, SIZE_MULTIPLE, WORKING_SIZE
from langdesign_edits.weight_files import in_its_place
from msgspec import Meta, structs

_RANGES = (
    "steps 1..200, guidance_scale 1..30, image_guidance_scale 1..10, working_size 64..4096, "
    "size_multiple 8..512, enlargement 1..4, focus true or false by operation"
)


class Sampling(msgspec.Struct, frozen=True):
    """Defaults of an edit; a checkpoint may bring its own as `sampling.json`.

    Without one they are those of InstructPix2Pix (Brooks et al., arXiv:2211.09800).
    """

    steps: Annotated[int, Meta(ge=1, le=200)] = 20
    """Denoising steps."""
    guidance_scale: Annotated[float, Meta(ge=1, le=30)] = 7.5
    """s_T, how strongly the instruction steers."""
    image_guidance_scale: Annotated[float, Meta(ge=1, le=10)] = 1.5
    """s_I, how strongly the input image steers."""
    working_size: Annotated[int, Meta(ge=64, le=4096)] = WORKING_SIZE
    """Side of the square that the network knows, pixels; larger pictures are edited at that size."""
    size_multiple: Annotated[int, Meta(ge=8, le=512)] = SIZE_MULTIPLE
    """What the sides of a picture divide by within the network, pixels."""
    enlargement: Annotated[float, Meta(ge=1, le=MOST_ENLARGEMENT)] = ENLARGEMENT
    """How many times a region's crop may be enlarged, along a side, to fill the working size."""
    focus: dict[str, bool] = {}
    """By operation, such as "add": whether the network sees a crop around the region, as it does where
    nothing is said, or all of the picture."""

    def crops(self, operation: str) -> bool:
        """Return whether an edit of an operation is shown a crop; "" where nobody read the instruction."""
        return self.focus.get(operation, True)

    def gentle(self) -> Self:
        """Return the defaults of an edit that says only how a picture should feel.

        The text steers half as far beyond none (1), the input picture a quarter more. Looked at on the
        embedded family, things keep their shapes so; from twice the image guidance on their edges break up.
        """
        text, image = 1 + (self.guidance_scale - 1) / 2, min(1.25 * self.image_guidance_scale, 10.0)
        return structs.replace(self, guidance_scale=text, image_guidance_scale=image)


def read_sampling(path: Path | None) -> Sampling:
    """Read a checkpoint's `sampling.json`; without a path, the defaults.

    Raises:
        StartError: The file is absent, unreadable, or holds other numbers or keys.

    """
    if path is None:
        return Sampling()
    hint = _hint(path)
    try:
        data, wrong = path.read_bytes(), in_its_place(path)
        if wrong is not None:
            what, _, remedy = wrong.partition("; ")
            raise StartError(f"{path} {what}", hint=remedy)
        given = msgspec.json.decode(data, type=dict[str, object])
        if unknown := given.keys() - set(Sampling.__struct_fields__):
            told = "; ".join(map(_unknown, sorted(unknown)))
            raise StartError(f"{path} gives no sampling: {told}", hint=hint)
        return msgspec.convert(given, Sampling)
    except (ValueError, RecursionError) as error:  # the latter of what is nested without end
        raise StartError(f"{path} gives no sampling: {_RANGES}", hint=hint) from error
    except OSError as error:
        raise StartError(f"{path} cannot be read", hint=hint) from error


def _unknown(key: str) -> str:
    import difflib  # noqa: PLC0415 - of a start that fails

    near = difflib.get_close_matches(key, Sampling.__struct_fields__, n=1)
    told = f"did you mean {near[0]}?" if near else f"there are {', '.join(Sampling.__struct_fields__)}"
    return f"{key} is none of its keys; {told}"


def _hint(path: Path) -> str:
    """Return what to do: a file beside a model came with it, any other was named by whoever starts this."""
    if (path.parent / "model_index.json").exists():
        return "fetch or export the model's folder anew, or correct the file"
    return "write them as JSON, or leave EDITING_SAMPLING out"
