"""`langdesign segment`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langdesign_command.cli.session import JsonOption, plain, print_json, print_rows, session
from langdesign_command.cli.writing import check, write

if TYPE_CHECKING:
    from langdesign_client.segments import Segment


def segment(
    context: typer.Context,
    image: Annotated[Path, typer.Option(help="The picture: PNG, JPEG or WebP up to 50 megapixels.")],
    expression: Annotated[
        list[str], typer.Option(help="A referring expression; give it again for more, at most 64.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the masks: 1.png, 2.png ... in the expressions' order.")
    ] = None,
    mask_threshold: Annotated[
        float | None, typer.Option(help="Foreground probability from which a pixel is inside.")
    ] = None,
    no_target_threshold: Annotated[
        float | None, typer.Option(help="Probability from which surely nothing is there.")
    ] = None,
    uncertain_threshold: Annotated[
        float | None, typer.Option(help="Probability from which that is uncertain, at most the one before.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find what expressions refer to in a picture."""
    here = session(context, as_json=as_json)
    if out is not None:
        check(out / "1.png")
    with here.client() as client, here.console().status("segmenting"):
        found = client.segment(
            image,
            expression,
            mask_threshold=mask_threshold,
            no_target_threshold=no_target_threshold,
            uncertain_threshold=uncertain_threshold,
        )
    files = _write(list(found.segments), out) if out else [None] * len(found.segments)
    if as_json:
        items = [plain(item) | {"mask": path} for item, path in zip(found.segments, files, strict=True)]
        print_json(plain(found) | {"segments": items})
        return
    headings = ["expression", "read", "found", "area", "box", "score", "no target", "mask"]
    rows = [_row(item, path) for item, path in zip(found.segments, files, strict=True)]
    print_rows(headings, rows, empty="nothing was asked for")


def _write(segments: list["Segment"], out: Path) -> list[str | None]:
    paths = [out / f"{number}.png" for number in range(1, len(segments) + 1)]
    for path, item in zip(paths, segments, strict=True):
        write(path, item.mask.png)
    return [str(path) for path in paths]


def _row(item: "Segment", path: str | None) -> list[str]:
    box = f"{item.box.x},{item.box.y},{item.box.width},{item.box.height}" if item.box else "-"
    return [
        item.expression,
        "in part" if item.truncated else "whole",
        _verdict(item),
        str(item.area),
        box,
        f"{item.score:.2f}",
        f"{item.no_target_probability:.2f}",
        path or "-",
    ]


def _verdict(item: "Segment") -> str:
    words = ", ".join(f"'{word}'" for word in item.unknown_words)
    known = {
        "found": "yes",
        "no_target": "no, surely",
        "uncertain": "uncertain",
        "unknown_word": f"not understood: {words}",
    }
    found = known.get(item.verdict, item.verdict)
    return f"{found}, without {words}" if words and item.verdict != "unknown_word" else found
