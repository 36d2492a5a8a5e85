"""`langdesign bench together`: two edits in one pass of the engine, against the same one after the other.

Of pairs of recolourings in rendered rooms it compares the colour that each region ends up with: the
distance of the two results' mean a*b* (CIELAB, over the exact region) as a share of the distance by which the
edits one after the other moved it from the picture before. Regions that those moved by less than --least are
left out, as their colour hardly changed. The same two edits in the other order show how much of it is the
edits' own unrest; and one instruction for both regions, what comes of such a sentence as it is written. Times
are paired: every way edits each pair once, in an order that rotates, and knows neither picture nor texts from
before.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
from langdesign_diffusion import DiffusionError
from langdesign_diffusion.encoding import Encoder
from langdesign_edits import Preserve, default_feather
from langdesign_instruct_pix2pix import EditParameters, RegionParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_scenes.errors import ScenesError
from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from .advice import SAMPLING, read_advice, read_working
from .arguments import count, number, whole
from .cases import open_set
from .colours import Comparison, compare, nearness
from .contestants import loaded
from .errors import EvaluationError
from .metrics import Mask, Pixels
from .options import DATA, MODELS
from .pairs import Pair, choose_pairs

_EXPECTED = (EvaluationError, ScenesError, DiffusionError)
_ONE_EDIT, _IN_TURN = "one edit", "one after the other"
_COMPARED = ("in one pass", "in the other order", "one instruction for both")
_SHOWN = 8  # pairs on the sheet


@dataclass(frozen=True, eq=False)
class Edited:
    """What one way made of a pair."""

    picture: Pixels  # RGB uint8 [H, W, 3]
    seconds: float
    processor: float  # seconds of processor time, over all threads


class Ways:
    """The ways to make two edits, over one editor."""

    def __init__(self, editor: Editor, common: EditParameters) -> None:
        """Take an editor, and what all its edits share; instructions and regions are not looked at."""
        self._editor, self._common = editor, common

    def all(self) -> dict[str, Callable[[Pair], Pixels]]:
        """Return each way by its name."""
        return {
            _ONE_EDIT: lambda pair: self._alone(pair.before, pair.regions[0], pair.instructions[0]),
            _IN_TURN: lambda pair: self._in_turn(pair, (0, 1)),
            "in one pass": self._in_one_pass,
            "in the other order": lambda pair: self._in_turn(pair, (1, 0)),
            "one instruction for both": self._as_one,
        }

    def timed(self, way: Callable[[Pair], Pixels], pair: Pair) -> Edited:
        """Edit a pair with caches that are empty."""
        self._editor.encoder = Encoder(self._editor.checkpoint, cached_images=2)
        began, processor = perf_counter(), process_time()
        picture = way(pair)
        return Edited(picture, perf_counter() - began, process_time() - processor)

    def _alone(self, picture: Pixels, region: Mask, instruction: str) -> Pixels:
        return self._edit(picture, [region], replace(self._common, instruction=instruction))

    def _in_turn(self, pair: Pair, order: Sequence[int]) -> Pixels:
        picture = pair.before
        for at in order:
            picture = self._alone(picture, pair.regions[at], pair.instructions[at])
        return picture

    def _in_one_pass(self, pair: Pair) -> Pixels:
        own = tuple(RegionParameters(one) for one in pair.instructions)
        return self._edit(pair.before, pair.regions, replace(self._common, instruction="", regions=own))

    def _as_one(self, pair: Pair) -> Pixels:
        return self._alone(pair.before, np.logical_or(*pair.regions), " and ".join(pair.instructions))

    def _edit(self, picture: Pixels, regions: Sequence[Mask], parameters: EditParameters) -> Pixels:
        masks = np.stack(regions).astype(np.uint8) * np.uint8(255)
        return self._editor.edit(picture, masks, parameters).image


def main(argv: list[str]) -> int:
    """Run `langdesign bench together ARGV`; 2 where the set or the model cannot be used."""
    given = _parser().parse_args(argv)
    try:
        found = _run(given)
    except _EXPECTED as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 2
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        _print(found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench together",
        description=__doc__.partition("\n\n")[2] if __doc__ else None,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--models", type=Path, default=MODELS, help="folder with edit")
    add("--data", type=Path, default=DATA, help="the rendered set with the rooms")
    add("--per-room", type=count, default=3, help="pairs in a room, at most")
    add("--steps", type=whole(1, 200), help="denoising steps; the checkpoint's advice where left out")
    add("--least", type=number(0, 100), default=5.0, help="least move of a colour that is looked at, in a*b*")
    add("--seed", type=int, default=0, help="of the choice of pairs, and of the edits' noise")
    add("--sheet", type=Path, help=f"PNG to write, {_SHOWN} pairs a row each: before and each way")
    add("--json", action="store_true", help="print JSON")
    return parser


def _run(given: argparse.Namespace) -> dict[str, object]:
    folder = given.models / "edit"
    pairs = choose_pairs(open_set(given.data), given.per_room, given.seed)
    ways = Ways(loaded(folder, Editor.load), _common(folder / SAMPLING, given.steps, given.seed))
    made = _in_turns(ways, pairs, quiet=given.json)
    if given.sheet:
        _sheet(pairs[:_SHOWN], made).save(given.sheet)
    compared = {name: _compared(pairs, made, name) for name in _COMPARED}
    summed = {name: nearness(own, given.least, given.seed) for name, own in compared.items()}
    return {
        "pairs": len(pairs),
        "least": given.least,
        "colour": {name: asdict(one) if one else None for name, one in summed.items()},
        "times": {name: _times(edits, made[_ONE_EDIT]) for name, edits in made.items()},
        "regions": [
            {"instruction": instruction} | {name: asdict(compared[name][place]) for name in _COMPARED}
            for place, instruction in enumerate(one for pair in pairs for one in pair.instructions)
        ],
    }


def _common(advice: Path, steps: int | None, seed: int) -> EditParameters:
    advised = read_advice(advice)
    common = EditParameters("of each", seed=seed, preserve=Preserve.STRICT)
    return replace(
        common,
        steps=steps or int(advised.get("steps", common.steps)),
        feather=default_feather(read_working(advice).size),
        guidance_scale=float(advised.get("guidance_scale", common.guidance_scale)),
        image_guidance_scale=float(advised.get("image_guidance_scale", common.image_guidance_scale)),
    )


def _in_turns(ways: Ways, pairs: Sequence[Pair], *, quiet: bool) -> dict[str, list[Edited]]:
    """Return what every way made of each pair; the order rotates."""
    every = list(ways.all().items())
    made: dict[str, list[Edited]] = {name: [] for name, _ in every}
    ways.timed(every[0][1], pairs[0])  # the first edit fills what the libraries keep
    console = Console(stderr=True)
    for turn, pair in enumerate(track(pairs, "pairs", console=console, transient=True, disable=quiet)):
        shift = turn % len(every)
        for name, way in every[shift:] + every[:shift]:
            made[name].append(ways.timed(way, pair))
    return made


def _compared(pairs: Sequence[Pair], made: Mapping[str, Sequence[Edited]], name: str) -> list[Comparison]:
    """Return a way against the edits one after the other, both regions of each pair."""
    return [
        compare(pair.before, first.picture, second.picture, region)
        for pair, first, second in zip(pairs, made[_IN_TURN], made[name], strict=True)
        for region in pair.regions
    ]


def _times(own: Sequence[Edited], one: Sequence[Edited]) -> dict[str, float]:
    """Return medians in seconds, and of the ratios to one edit of the same pair."""
    return {
        "seconds": median(edit.seconds for edit in own),
        "processor": median(edit.processor for edit in own),
        "ratio": median(edit.seconds / base.seconds for edit, base in zip(own, one, strict=True)),
        "processor_ratio": median(
            edit.processor / base.processor for edit, base in zip(own, one, strict=True)
        ),
    }


def _sheet(pairs: Sequence[Pair], made: Mapping[str, Sequence[Edited]]) -> Image.Image:
    """Return pictures side by side: the pair's before, then one after the other, and the ways compared."""
    names = (_IN_TURN, *_COMPARED)
    rows = [
        np.concatenate([pair.before, *(made[name][at].picture for name in names)], axis=1)
        for at, pair in enumerate(pairs)
    ]
    return Image.fromarray(np.concatenate(rows))


def _print(found: Mapping[str, object]) -> None:
    console = Console()
    colour, times = found["colour"], found["times"]
    assert isinstance(colour, dict)  # noqa: S101 - as `_run` makes it
    assert isinstance(times, dict)  # noqa: S101 - likewise
    console.print(f"{found['pairs']} pairs; colours as against the edits one after the other")
    table = _table(
        f"Colour, where it moved by {found['least']:g} or more", "regions", "within 10% of the move"
    )
    for heading in ("median", "worst", "channels within 10%"):
        table.add_column(heading, justify="right")
    for name, row in colour.items():
        table.add_row(name, *(_cells(row) if row else ["-"] * 5))
    console.print(table)
    timing = _table("Time, paired", "s", "x one edit", "processor s", "x one edit's")
    for name, row in times.items():
        cells = ("seconds", "ratio", "processor", "processor_ratio")
        timing.add_row(name, *(f"{row[cell]:.3f}" for cell in cells))
    console.print(timing)


def _cells(row: Mapping[str, object]) -> list[str]:
    return [
        f"{row['regions']}",
        _share(row["within"]),
        f"{row['median']:.3f}",
        f"{row['worst']:.2f}",
        _share(row["levels"]),
    ]


def _share(one: object) -> str:
    assert isinstance(one, dict)  # noqa: S101 - an interval
    return f"{one['mean']:.0%} ({one['low']:.0%} to {one['high']:.0%})"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    return table
