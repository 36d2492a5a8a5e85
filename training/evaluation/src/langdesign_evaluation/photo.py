"""`langdesign bench photo`: what a phone's photo costs beside the same picture at the network's own size.

Both are JPEGs with an orientation and a wide profile, made of a room of the bench, and edited in turns: by
running services (`--address`), or by the engine in this process.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
from langdesign_client.errors import LangDesignError
from langdesign_diffusion import DiffusionError
from langdesign_edits import dilated
from langdesign_edits.focus import choose
from langdesign_edits.put_back import feather_width
from langdesign_scenes.errors import ScenesError
from rich.console import Console
from rich.markup import escape

from .advice import SAMPLING, read_working
from .arguments import count, number, whole
from .cases import Choice, SceneCase, open_set
from .errors import BenchSetError, EvaluationError
from .memory import MemoryWatch
from .options import DATA, MODELS
from .phone import Photo, as_displayed, take
from .photo_editors import EditedPhoto, InProcess, PhotoEditor, Services

_EXPECTED = (EvaluationError, ScenesError, DiffusionError, LangDesignError)


@dataclass(frozen=True)
class Cost:
    """What one size of the picture cost, medians over the repeats."""

    picture: str  # width x height
    seen: str  # what the network saw, width x height
    engine: float  # seconds
    total: float  # seconds, from the file to the result
    outside: int  # pixels changed beyond the region and its feather, in any repeat
    profile: bool | None  # whether every result has the photo's; None: pixels came back, and no file
    memory: float | None  # most that the server held meanwhile, MB; None: nobody said which process it is


def main(argv: list[str]) -> int:
    """Run `langdesign bench photo ARGV`; 2 where the set, the model, a service or an answer is wrong."""
    given = _parser().parse_args(argv)
    try:
        found = _run(given)
    except _EXPECTED as error:
        line = error.line if isinstance(error, LangDesignError) else str(error)
        Console(stderr=True).print(f"[red]error:[/] {escape(line)}", highlight=False, soft_wrap=True)
        return 2
    sys.stdout.write(json.dumps(found) + "\n" if given.json else _table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench photo",
        description=__doc__.partition("\n\n")[2] if __doc__ else None,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--address", metavar="HOST:PORT", help="the editing service; without it, the engine in this process")
    add("--pid", type=count, help="the model server's process, whose memory is watched with its children's")
    add("--models", type=Path, default=MODELS, help="folder with edit, which also tells the working size")
    add("--data", type=Path, default=DATA, help="the rendered set with the room")
    add("--megapixels", type=number(0.1, 48), default=12.0, help="of the photo")
    add("--repeats", type=count, default=3, help="edits of each size")
    add("--steps", type=whole(1, 200), default=12, help="denoising steps")
    add("--feather", type=whole(0, 128), default=2, help="px of what the network sees")
    add("--seed", type=int, default=0, help="of the choice of the room, its grain and the edits' noise")
    add("--json", action="store_true", help="print JSON")
    return parser


def _run(given: argparse.Namespace) -> dict[str, object]:
    case = _case(given.data, given.seed)
    photo = take(case.before(), case.region(), given.megapixels, given.seed)
    working = read_working(given.models / "edit" / SAMPLING)
    height, width = photo.region.shape
    small = photo.scaled(*choose(height, width, None, working.size, working.multiple).size)
    editor: PhotoEditor
    if given.address:
        editor = Services(given.address, case.edit.instruction, given.steps, given.feather, given.seed)
    else:
        asked = case.edit.instruction, given.steps, given.feather, given.seed
        editor = InProcess.load(given.models / "edit", working, *asked)
    editor.edit(small)  # the first edit loads, compiles and fills caches
    answers, memory = _in_turns(editor, (small, photo), given.repeats, given.pid)
    rows = [
        _row(one, answers[place], memory[place], given.feather) for place, one in enumerate((small, photo))
    ]
    return {
        "instruction": case.edit.instruction,
        "region": float(photo.region.mean()),
        "repeats": given.repeats,
        "editor": editor.name,
        "working_size": asdict(rows[0]),
        "photo": asdict(rows[1]),
        "ratio": _ratios(*rows),
    }


def _case(data: Path, seed: int) -> SceneCase:
    """Return an edit of a room that recolours a thing.

    Raises:
        BenchSetError: the set has none.

    """
    cases = Choice(seed, no_ops=0).of(open_set(data))
    for case in cases:
        if case.operation == "recolour" and case.split == "room":
            return case
    raise BenchSetError(f"{data} holds no recolouring in a room; render a larger set with `make bench-set`")


def _in_turns(
    editor: PhotoEditor, photos: Sequence[Photo], repeats: int, pid: int | None
) -> tuple[list[list[EditedPhoto]], list[float | None]]:
    """Return the answers by photo, and the most memory that the server held at any of them, MB."""
    answers: list[list[EditedPhoto]] = [[] for _ in photos]
    memory: list[float | None] = [None for _ in photos]
    for turn in range(repeats):
        for place, photo in enumerate(photos):
            with MemoryWatch(pid) as watch:
                answers[place].append(editor.edit(photo))
            # An allocator keeps what a large picture needed: the small one's is that of its first turn.
            if turn == 0 or place:
                memory[place] = max(filter(None, (memory[place], watch.peak)), default=None)
    return answers, memory


def _row(photo: Photo, answers: Sequence[EditedPhoto], memory: float | None, feather: int) -> Cost:
    focus = answers[0].focus
    near = dilated(photo.region, feather_width(focus, photo.region, feather))
    profile = as_displayed(photo.data)[1]
    kept = [answer.profile == profile for answer in answers if answer.profile is not None]
    return Cost(
        picture=photo.size,
        seen=f"{focus.size[1]}x{focus.size[0]}",
        engine=median(answer.engine for answer in answers),
        total=median(answer.total for answer in answers),
        outside=max(
            int(np.count_nonzero((answer.pixels != photo.pixels).any(axis=2) & ~near)) for answer in answers
        ),
        profile=all(kept) if kept else None,
        memory=memory,
    )


def _ratios(small: Cost, photo: Cost) -> dict[str, float | None]:
    memory = photo.memory / small.memory if photo.memory and small.memory else None
    return {"engine": photo.engine / small.engine, "total": photo.total / small.total, "memory": memory}


_COLUMNS = "{:<14}{:>12}{:>10}{:>11}{:>10}{:>10}{:>10}{:>12}\n"


def _table(found: Mapping[str, object]) -> str:
    """Return the figures as plain text of less than 100 columns."""
    lines = [
        f"{found['instruction']!s:.60}: {found['region']:.1%} of the picture, {found['editor']}, "
        f"medians of {found['repeats']}\n",
        _COLUMNS.format("", "picture", "seen", "engine s", "total s", "outside", "profile", "server MB"),
    ]
    for name in ("working_size", "photo"):
        row = found[name]
        assert isinstance(row, dict)  # noqa: S101 - as `_run` makes it
        kept = {None: "-", True: "kept", False: "lost"}[row["profile"]]
        memory = "-" if row["memory"] is None else f"{row['memory']:.0f}"
        cells = (f"{row['engine']:.3f}", f"{row['total']:.3f}", row["outside"], kept, memory)
        lines.append(_COLUMNS.format(name.replace("_", " "), row["picture"], row["seen"], *cells))
    ratio = found["ratio"]
    assert isinstance(ratio, dict)  # noqa: S101 - likewise
    memory = "-" if ratio["memory"] is None else f"{ratio['memory']:.2f}"
    lines.append(
        _COLUMNS.format("ratio", "", "", f"{ratio['engine']:.2f}", f"{ratio['total']:.2f}", "", "", memory)
    )
    return "".join(lines)
