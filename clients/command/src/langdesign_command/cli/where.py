"""Where an edit acts, as the options of every command that edits."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError

if TYPE_CHECKING:
    from langdesign_client.edit_requests import Region

MaskOption = Annotated[Path | None, typer.Option(help="Where: a PNG of the picture's size, white inside.")]
BoxOption = Annotated[str | None, typer.Option(help="Where: a rectangle in pixels, x,y,w,h.")]
ExpressionOption = Annotated[
    str | None, typer.Option(help='Where: a referring expression, "the left chair".')
]
WholeOption = Annotated[bool, typer.Option("--whole", help="Where: the whole picture.")]


def region(mask: Path | None, box: str | None, expression: str | None, *, whole: bool) -> "Region | None":
    """Return the region that the options say; None where they leave it to be found out.

    Raises:
        InvalidInputError: more than one is given, a box is malformed, or the mask is no PNG.

    """
    if sum((mask is not None, box is not None, expression is not None, whole)) > 1:
        raise InvalidInputError(
            "--mask, --box, --expression and --whole all say where", hint="give one of them, or none"
        )
    if mask is not None:
        return langdesign_client.media.mask(mask)
    if box is not None:
        return langdesign_client.Box(*_numbers(box))
    if expression is not None:
        return langdesign_client.Expression(expression)
    return langdesign_client.Whole() if whole else None


def _numbers(box: str) -> list[int]:
    parts = box.split(",")
    try:
        x, y, width, height = (int(part) for part in parts)
    except ValueError:
        x = y = width = height = -1
    if min(x, y) < 0 or min(width, height) < 1:
        raise InvalidInputError(
            f"--box {box} is no rectangle", hint="write x,y,width,height in pixels, such as 10,20,200,150"
        )
    return [x, y, width, height]
