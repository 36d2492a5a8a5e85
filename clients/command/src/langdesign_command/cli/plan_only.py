"""What `langdesign edit --plan-only` tells: how an instruction is read, and where it would act."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import langdesign_client
import typer
from langdesign_client.errors import InvalidInputError

from langdesign_command.cli.session import Session, plain, print_json
from langdesign_command.cli.writing import check, write
from langdesign_command.extents import tiny_lines
from langdesign_command.plan_lines import no_op_line, plan_lines, reader_line, transparent_lines

if TYPE_CHECKING:
    from langdesign_client.edit_requests import Region
    from langdesign_client.readings import Reading


def show_reading(
    here: Session, image: Path, instruction: str, region: "Region | None", caption: str, out: Path
) -> None:
    """Ask how an instruction is read, write the mask over the picture, and print what was found.

    Raises:
        InvalidInputError: the picture cannot be used, or `out` is no PNG.

    """
    if out.suffix.lower() != ".png":
        raise InvalidInputError(
            f"--out {out.name} is no PNG, and --plan-only writes the mask over the picture as one",
            hint=f"say --out {out.stem}.png",
        )
    check(out)
    call = langdesign_client.readings.plan_edit(image, instruction, region=region, caption=caption)
    with here.client() as client, here.console().status("reading the instruction"):
        reading = client.call(call, timeout=here.timeout)
    written = _write_overlay(reading, image, out)
    if here.as_json:
        print_json({"out": str(out) if written else None, "instruction": instruction, **plain(reading)})
        return
    if written:
        typer.echo(str(out))
    for line in _lines(reading):
        here.console().print(line, markup=False, highlight=False, soft_wrap=True)


def _write_overlay(reading: "Reading", image: Path, out: Path) -> bool:
    if reading.mask is None:
        return False
    from langdesign_command.overlay import overlay  # noqa: PLC0415 - Pillow is slow to import

    write(out, overlay(image.read_bytes(), reading.mask.png))
    return True


def _lines(reading: "Reading") -> Iterator[str]:
    yield from plan_lines(reading.plan, reading.regions, seen=True)
    if reading.plan is not None:
        yield reader_line(reading.plan)
    if reading.no_op_reason:
        yield no_op_line(reading.no_op_reason, reading.plan, reading.regions, "would be")
    elif reading.mask is None:
        yield "the whole picture would be edited, so there is no mask"
    else:
        yield f"it acts on {reading.coverage:.1%} of the picture"
    yield from transparent_lines(reading.regions)
    yield from tiny_lines(reading.regions)
    if reading.truncated:
        yield "the end of a long expression did not count: name it in fewer words, or give --mask"
