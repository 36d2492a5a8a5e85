"""Verdicts on promises as a table and as JSON, and the list of promises as Markdown."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from langdesign_command.promises.promise import Bench, Promise
from langdesign_command.promises.verdicts import Measured, Result, Verdict

_STYLES = {Result.MET: "green", Result.MISSED: "bold red", Result.NEEDS_GPU: "cyan", Result.NOT_RUN: "yellow"}


def table(verdicts: Sequence[Verdict]) -> Table:
    """Return a row for each measure, the first of a promise with its result."""
    found = Table(box=SIMPLE_HEAD, pad_edge=False)
    found.add_column("#", justify="right")
    found.add_column("promise", max_width=40)
    found.add_column("measure")
    found.add_column("seen", justify="right", no_wrap=True)
    found.add_column("bar", no_wrap=True)
    found.add_column("result", no_wrap=True)
    found.add_column("s", justify="right")
    for verdict in verdicts:
        first: tuple[str, Text] = str(verdict.promise.number), Text(verdict.promise.title)
        last: tuple[Text, str] = Text(verdict.result, _STYLES[verdict.result]), f"{verdict.seconds:.0f}"
        for one in verdict.measured or (None,):
            found.add_row(*first, *_told(one), *last)
            first, last = ("", Text()), (Text(), "")
    return found


def _told(one: Measured | None) -> tuple[Text, Text, Text]:
    if one is None:
        return Text(), Text(), Text()
    value = Text(one.measure.written(one.value), "" if one.held else "bold red")
    return Text(one.measure.what), value, Text(one.measure.bar)


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return how many promises have which result."""
    counts = {result: sum(one.result is result for one in verdicts) for result in Result}
    return ", ".join(f"{count} {result}" for result, count in counts.items() if count)


def as_json(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict for machines."""
    return {
        "number": verdict.promise.number,
        "promise": verdict.promise.words,
        "result": str(verdict.result),
        "measured": [
            {**dataclasses.asdict(one.measure), "value": one.value, "held": one.held}
            for one in verdict.measured
        ],
        "reasons": list(verdict.reasons),
        "figures": list(verdict.figures),
        "seconds": round(verdict.seconds, 1),
    }


def markdown(promises: Sequence[Promise]) -> str:
    """Return the numbered list, as `docs/promises.md` holds it."""
    return "\n\n".join("\n".join(_described(promise)) for promise in promises) + "\n"


def _described(promise: Promise) -> Iterator[str]:
    yield f"### {promise.number}. {promise.title[0].upper()}{promise.title[1:]}"
    yield ""
    yield promise.words
    if promise.note:
        yield ""
        yield promise.note
    yield ""
    yield "| measure | bar |"
    yield "|---|---|"
    for measure in promise.measures:
        yield f"| {measure.what}{', in the long form' if measure.long else ''} | {measure.bar} |"
    yield ""
    yield "Shown by:"
    yield ""
    yield from (f"- `{test}`" for test in promise.tests)
    yield from (_command(bench) for bench in promise.benches)
    yield ""
    yield f"Long form: `langdesign bench promises --only {promise.number} --long`"


def _command(bench: Bench) -> str:
    where = " (needs a GPU)" if bench.gpu else " (in the long form)" if bench.long else ""
    return f"- `langdesign bench {' '.join(bench.arguments)}`{where}"
