"""What `langdesign edit` tells of an edit that ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from langdesign_command.cli.session import Session, plain, print_json
from langdesign_command.cli.writing import write
from langdesign_command.extents import changes, tiny_lines
from langdesign_command.plan_lines import no_op_line, outcome_lines, transparent_lines

if TYPE_CHECKING:
    from langdesign_client import EditResult, MaskFound, Plan

FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}
"""The formats of pictures, by their endings."""


@dataclass
class Outcome:
    """The events that matter after the edit."""

    plan: "Plan | None"
    mask: "MaskFound | None"
    result: "EditResult"


def explain_edit(outcome: Outcome, image: Path, out: Path) -> Path | None:
    """Write the mask over the picture beside the result; return where, or None where there is no mask."""
    if outcome.mask is None or outcome.mask.mask is None:
        return None
    from langdesign_command.overlay import overlay  # noqa: PLC0415 - Pillow is slow to import

    path = out.with_name(f"{out.stem}.mask.png")
    write(path, overlay(image.read_bytes(), outcome.mask.mask.png))
    return path


def report(here: Session, outcome: Outcome, out: Path, overlay: Path | None) -> None:
    """Print what became of an edit: one JSON object, or the path alone and the rest on stderr."""
    result = outcome.result
    if here.as_json:
        found = outcome.mask
        print_json(
            {
                "out": str(out),
                "overlay": str(overlay) if overlay else None,
                "operation_id": result.operation_id,
                "no_op_reason": result.no_op_reason or None,
                "plan": plain(outcome.plan),
                "coverage": found.coverage if found else None,
                "box": plain(found.box) if found else None,
                "no_target_probability": found.no_target_probability if found else None,
                "truncated": found.truncated if found else None,
                "regions": plain(found.regions) if found else None,
                "edits": plain(result.edits),
                "report": plain(result.report),
                "focus": plain(result.focus),
                "seed": result.seed,
                "checkpoint": result.checkpoint,
                "timings": plain(result.timings),
            }
        )
        return
    typer.echo(str(out))
    for line in _lines(outcome, out, overlay):
        here.console().print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(outcome: Outcome, out: Path, overlay: Path | None) -> Iterator[str]:
    result = outcome.result
    if result.no_op_reason:
        yield no_op_line(result.no_op_reason, outcome.plan, result.edits)
    yield from outcome_lines(outcome.plan, result.edits)
    yield from transparent_lines(result.edits)
    if outcome.mask is not None and not result.no_op_reason:
        yield from tiny_lines(outcome.mask.regions)
    if FORMATS[out.suffix.lower()] != FORMATS.get(result.image.suffix):
        as_it_came = ": it is the picture as it came" if result.no_op_reason else ""
        yield f"{out.name} holds a {result.image.suffix}{as_it_came}"
    if outcome.mask is not None and outcome.mask.truncated:
        yield "the end of a long expression did not count: name it in fewer words, or give --mask"
    report = result.report
    yield (
        f"{changes(report)} (preserve {report.preserve}), seed {result.seed}, "
        f"{result.timings.total.total_seconds():.2f} s"
    )
    if focus := result.focus:
        seen = f"{focus.box.width}x{focus.box.height} of the picture's pixels at {focus.width}x{focus.height}"
        yield f"the editor saw {seen}"
    if overlay:
        yield f"mask over the picture: {overlay}"
    elif not result.no_op_reason and outcome.mask is not None and outcome.mask.mask is None:
        yield "the whole picture was edited, so there is no mask"
