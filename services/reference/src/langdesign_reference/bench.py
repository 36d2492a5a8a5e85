"""`langdesign bench references`: exact plans of the model alone, the parser alone, and both.

`naming` is the share of instructions of which the model names a thing that the gold plan is about: the short
question that it is asked where the parser is sure.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from langdesign_reference.errors import LanguageModelError
from langdesign_reference.language_model import LanguageModel
from langdesign_reference.lexicon import LANGUAGES, Lexicon, load_lexicon
from langdesign_reference.parser import parse
from langdesign_reference.plan import Operation, PlannedEdit, Reading, Reference, Role, Scope
from langdesign_reference.reconcile import is_about
from langdesign_reference.service import new_planner, open_model
from langdesign_reference.settings import ReferenceSettings

SET = Path("tests/benchmark/references/instructions.jsonl")
_PATIENCE = 60.0  # seconds
_AGREEMENT = {True: "agreed", False: "disagreed", None: "one reader"}
Row = dict[str, Any]
Read = Callable[[Row], Awaitable[Reading | None]]


@dataclass(frozen=True)
class Score:
    """How one reader did: rows and exact plans by group ("all", "remove", "held_out"...), seconds of each."""

    total: Counter[str]
    exact: Counter[str]
    seconds: list[float]

    def report(self) -> dict[str, Any]:
        """Return the share of exact plans by group, and the latency in milliseconds."""
        cuts = quantiles(self.seconds, n=100)
        return {
            "exact": {group: round(self.exact[group] / count, 4) for group, count in self.total.items()},
            "rows": dict(self.total),
            "p50_ms": round(cuts[49] * 1000, 2),
            "p95_ms": round(cuts[94] * 1000, 2),
        }


def main(argv: list[str]) -> int:
    """Run the benchmark; 2 when the set or the embedded server cannot be had."""
    options = _parser().parse_args(argv)
    if not options.set.is_file():
        _tell(f"{options.set} is no file: run from a checkout, or give --set PATH")
        return 2
    rows = [json.loads(line) for line in options.set.read_text("utf-8").splitlines()]
    settings = ReferenceSettings()
    if options.endpoint:
        settings = settings.model_copy(update={"llm_base_url": options.endpoint})
    try:
        with _endpoint(settings.llm_base_url) as url:
            found = asyncio.run(_measure(rows, settings.model_copy(update={"llm_base_url": url})))
    except (TimeoutError, subprocess.SubprocessError) as error:
        _tell(f"the embedded language model did not start ({error}): give --endpoint URL")
        return 2
    _tell(json.dumps(found, indent=2) if options.json else _table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench references", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--set", type=Path, default=SET, help="evaluation set, JSON lines")
    parser.add_argument(
        "--endpoint", help="OpenAI endpoint; default: REFERENCE_LLM_BASE_URL, or an embedded one"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


async def _measure(rows: Sequence[Row], settings: ReferenceSettings) -> dict[str, Any]:
    lexicons = {language: load_lexicon(language) for language in LANGUAGES}
    # Alone, the model has the time it needs; together, what the service gives it.
    patient = settings.model_copy(update={"llm_timeout": _PATIENCE})
    readers = Counter[str]()
    async with open_model(patient) as judged, open_model(settings) as served:
        planner = new_planner(settings, served)

        async def parser_alone(row: Row) -> Reading | None:
            return parse(row["instruction"], lexicons[row["language"]])

        async def model_alone(row: Row) -> Reading | None:
            return await _model_reading(judged, row, lexicons[row["language"]])

        async def naming(row: Row) -> Reading | None:
            return await _named(judged, row, lexicons[row["language"]])

        async def both(row: Row) -> Reading | None:
            plan = await planner.plan(row["instruction"], row.get("caption", ""))
            readers[f"{_AGREEMENT[plan.agreed]} ({plan.reader})"] += 1
            return plan.reading

        if judged is not None:
            await judged.warm_up(_PATIENCE)
        everyone: dict[str, Read] = {
            "parser": parser_alone,
            "model": model_alone,
            "naming": naming,
            "both": both,
        }
        found = {name: (await _score(rows, read)).report() for name, read in everyone.items()}
    found["both"]["readers"] = dict(readers)
    return found


async def _model_reading(model: LanguageModel | None, row: Row, lexicon: Lexicon) -> Reading | None:
    if model is None:
        return None
    try:
        return await model.read(row["instruction"], row.get("caption", ""), lexicon)
    except LanguageModelError:
        return None


async def _named(model: LanguageModel | None, row: Row, lexicon: Lexicon) -> Reading | None:
    """The gold plan where the model names a thing that it is about: all that it can confirm."""
    if model is None:
        return None
    gold = _gold(row)
    try:
        name = await model.name(row["instruction"], lexicon)
    except LanguageModelError:
        return None
    return gold if is_about(name, gold, lexicon) else None


def _gold(row: Row) -> Reading:
    return Reading(tuple(_gold_edit(edit, row["instruction"]) for edit in row["edits"]), 1.0)


def _gold_edit(edit: Row, instruction: str) -> PlannedEdit:
    references = []
    for one in edit["references"]:
        start = one.get("start", instruction.find(one["expression"]))
        end = start + len(one["expression"])
        references.append(Reference(start, end, one["expression"], Role(one["role"])))
    return PlannedEdit(Operation(edit["operation"]), Scope(edit["scope"]), tuple(sorted(references)))


async def _score(rows: Sequence[Row], read: Read) -> Score:
    score = Score(Counter(), Counter(), [])
    for row in rows:
        start = time.perf_counter()
        reading = await read(row)
        score.seconds.append(time.perf_counter() - start)
        named = (row[key] for key in ("part", "kind", "language") if key in row)
        groups = ("all", *named, *row.get("tags", ()))
        score.total.update(groups)
        if reading is not None and is_exact(reading, row):
            score.exact.update(groups)
    return score


def is_exact(reading: Reading, row: Row) -> bool:
    """Whether a reading is the row's gold plan: operation, and every reference with place and role."""
    return reading.same_plan(_gold(row))


@contextlib.contextmanager
def _endpoint(url: str) -> Iterator[str]:
    """The URL of an endpoint; without one, that of llama.cpp's server with the embedded model."""
    if url:
        yield url
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # So that being told to stop ends the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    command = [sys.executable, "-m", "langdesign_command.local.llama", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", server, seconds=60)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise subprocess.SubprocessError(f"it ended with {server.returncode}")
        if _answers(url):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answered within {seconds:g} s")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own server on loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def _table(found: dict[str, Any]) -> str:
    names = list(found)
    lines = ["{:<14}{:>6}".format("exact plans", "rows") + "".join(f"{name:>10}" for name in names)]
    for group, count in found["both"]["rows"].items():
        shares = "".join(f"{found[name]['exact'][group]:>10.1%}" for name in names)
        lines.append(f"{group:<14}{count:>6}{shares}")
    figures = {name: "".join(f"{found[n][name]:>10.2f}" for n in names) for name in ("p50_ms", "p95_ms")}
    lines += [f"{name:<20}{row}" for name, row in figures.items()]
    agreed = found["both"]["readers"]
    lines.append("both: " + ", ".join(f"{count} {kind}" for kind, count in agreed.items()))
    return "\n".join(lines)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
