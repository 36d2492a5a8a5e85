"""`langdesign bench references`: how rightly the parser, the tagger, the language model and all read.

Set by set: exact plans by kind, edits whose English holds what it must and nothing of the others, latency,
and what the confidence is worth. `naming` is the share of instructions of which the model names a thing that
the gold plan is about. With a model it ends with the settings that say how far that one is to be trusted.
"""

import argparse
import asyncio
import contextlib
import json
import math
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from langdesign_chassis.environment import load
from langdesign_chassis.errors import StartError
from msgspec import structs
from prometheus_client import CollectorRegistry

from langdesign_reference.errors import LanguageModelError
from langdesign_reference.language_model import LanguageModel
from langdesign_reference.lexicon import LANGUAGES, Lexicon, load_lexicon
from langdesign_reference.metrics import ReferenceMetrics
from langdesign_reference.plan import Reader, Reading
from langdesign_reference.planner import Planner
from langdesign_reference.reading import read, readings_of
from langdesign_reference.reconcile import is_about
from langdesign_reference.scoring import Row, Score, calibrated, gold, is_right
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import new_planner, open_model

FOLDER = Path("tests/benchmark/references")
SETS = (
    "instructions",
    "spoken",
    "kept_apart",
    "everyday",
    "overheard",
    "first_heard",
    "unread",
    "unheard",
    "unasked",
    "untold",
)
LEARNED = ("strangers", "newcomers", "visitors", "guests")
"""Sets that the tagger learned: asked for by name, since of their rows its figures say little."""
_PATIENCE = 300.0  # seconds; a prompt's first reading takes a busy machine a minute and more
_AGREEMENT = {True: "agreed", False: "disagreed", None: "one reader"}
_EMBEDDED = {"temperature": 0, "seed": 0, "max_tokens": 400}
"""Parameters of llama.cpp's server, which takes them all; a small model may say the same without end."""
Judged = tuple[Reading | None, bool]
"""A reading, and whether it is the language model's."""
Read = Callable[[Row], Awaitable[Judged]]


def main(argv: list[str]) -> int:
    """Run the benchmark; 2 when a set or the embedded server cannot be had, or a setting is wrong."""
    options = _parser().parse_args(argv)
    paths = [_path(name) for name in options.set or SETS]
    if absent := [path for path in paths if not path.is_file()]:
        _tell(f"{absent[0]} is no file: run from a checkout, or give --set PATH")
        return 2
    sets = {path.stem: _rows(path)[:: options.every] for path in paths}
    if options.calibrate:
        _tell(json.dumps(_calibration(sets), indent=2) if options.json else _calibration_table(sets))
        return 0
    try:
        settings = load(ReferenceSettings)
        if options.endpoint:
            settings = structs.replace(settings, llm_base_url=options.endpoint)
        with _served(settings, alone=options.without_model) as served:
            found = asyncio.run(_measure(sets, served))
    except (TimeoutError, subprocess.SubprocessError) as error:
        _tell(f"the embedded language model did not start ({error}): give --endpoint URL or --without-model")
        return 2
    except StartError as error:
        _tell(str(error))
        return 2
    _tell(json.dumps(found, indent=2) if options.json else _table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench references", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "--set",
        action="append",
        help=f"{', '.join((*SETS, *LEARNED))} or a file of JSON lines; again for more; "
        f"default: all but {' and '.join(LEARNED)}",
    )
    parser.add_argument(
        "--endpoint", help="OpenAI endpoint; default: REFERENCE_LLM_BASE_URL, or an embedded one"
    )
    parser.add_argument(
        "--without-model", action="store_true", help="measure what reads without any language model"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take each Nth row only")
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="print what each confidence that is read without a model is worth",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _path(name: str) -> Path:
    return FOLDER / f"{name}.jsonl" if name in {*SETS, *LEARNED} else Path(name)


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _calibration(sets: Mapping[str, Sequence[Row]]) -> list[dict[str, float]]:
    judged = []
    for row in (row for rows in sets.values() for row in rows):
        reading = read(row["instruction"], _LEXICONS[row["language"]])
        if reading is not None:
            judged.append((reading.confidence, is_right(reading, row, by_model=False)))
    return calibrated(judged)


_LEXICONS: Mapping[str, Lexicon] = {language: load_lexicon(language) for language in LANGUAGES}


async def _measure(sets: Mapping[str, Sequence[Row]], settings: ReferenceSettings) -> dict[str, Any]:
    # Alone, the model has the time it needs; together, what the service gives it.
    patient = structs.replace(settings, llm_timeout=_PATIENCE)
    async with _model(patient) as judged, _model(settings) as served:
        if judged is not None:
            await judged.warm_up(_PATIENCE, reading=True)
        found: dict[str, Any] = {}
        for name, rows in sets.items():
            readers = Counter[str]()
            reads = _reads(judged, new_planner(settings, served), readers)
            scores = {reader: await _score(rows, read) for reader, read in reads.items()}
            found[name] = {reader: score.report() for reader, score in scores.items()}
            found[name]["both"]["readers"] = dict(readers)
        return {"sets": found, "settings": _trust(found) if judged else {}}


def _model(settings: ReferenceSettings) -> contextlib.AbstractAsyncContextManager[LanguageModel | None]:
    return open_model(settings, ReferenceMetrics(CollectorRegistry()))


def _reads(model: LanguageModel | None, planner: Planner, readers: Counter[str]) -> dict[str, Read]:
    async def both(row: Row) -> Judged:
        plan = await planner.plan(row["instruction"], row.get("caption", ""))
        readers[f"{_AGREEMENT[plan.agreed]} ({plan.reader})"] += 1
        reading = None if plan.reader is Reader.NONE else plan.reading
        return reading, plan.reader is Reader.LANGUAGE_MODEL

    if model is None:
        return {**_WITHOUT_MODEL, "both": both}

    async def model_alone(row: Row) -> Judged:
        with contextlib.suppress(LanguageModelError):
            return await planner.model_alone(model, row["instruction"], row.get("caption", "")), True
        return None, True

    async def naming(row: Row) -> Judged:
        return await _named(model, row), True

    return {**_WITHOUT_MODEL, "model": model_alone, "naming": naming, "both": both}


async def _by_parser(row: Row) -> Judged:
    found = readings_of(row["instruction"], _LEXICONS[row["language"]]).parsed
    return found[0] if found else None, False


async def _by_tagger(row: Row) -> Judged:
    return readings_of(row["instruction"], _LEXICONS[row["language"]]).tagged, False


async def _by_choice(row: Row) -> Judged:
    """Read as the service does without a model, whatever confidence it asks for."""
    return read(row["instruction"], _LEXICONS[row["language"]]), False


_WITHOUT_MODEL: Mapping[str, Read] = {"parser": _by_parser, "tagger": _by_tagger, "choice": _by_choice}


async def _named(model: LanguageModel, row: Row) -> Reading | None:
    """Return the gold plan where the model names a thing that it is about: all that it can confirm."""
    lexicon = _LEXICONS[row["language"]]
    try:
        name = await model.name(row["instruction"], lexicon)
    except LanguageModelError:
        return None
    return gold(row) if is_about(name, gold(row), lexicon) else None


async def _score(rows: Sequence[Row], read: Read) -> Score:
    score = Score()
    for row in rows:
        start = time.perf_counter()
        reading, by_model = await read(row)
        score.add(row, reading, time.perf_counter() - start, by_model=by_model)
    return score


def _trust(found: Mapping[str, Any]) -> dict[str, float]:
    """Return the settings that say how far this model is trusted: its shares over all rows, and its time."""

    def share(reader: str) -> float:
        rows = [(one[reader]["exact"]["all"], one[reader]["rows"]["all"]) for one in found.values()]
        right: float = sum(exact * count for exact, count in rows) / sum(count for _, count in rows)
        return round(min(0.99, max(0.01, right)), 2)

    slowest = max(one["model"]["p95_ms"] for one in found.values()) / 1000
    return {
        "REFERENCE_LLM_CONFIDENCE": share("model"),
        "REFERENCE_LLM_NAMING_CONFIDENCE": share("naming"),
        "REFERENCE_LLM_TIMEOUT": math.ceil(slowest * 1.5 * 10) / 10,
    }


@contextlib.contextmanager
def _served(settings: ReferenceSettings, *, alone: bool) -> Iterator[ReferenceSettings]:
    """Return settings with an endpoint: their own, or llama.cpp's server with the embedded model."""
    if alone:
        yield structs.replace(settings, llm_base_url="")
        return
    if settings.llm_base_url:
        yield settings
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
            given = {**_EMBEDDED, **settings.llm_parameters}
            url = f"http://127.0.0.1:{port}/v1"
            yield structs.replace(settings, llm_base_url=url, llm_parameters=given)
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


def _table(found: Mapping[str, Any]) -> str:
    tables = [f"{name}\n{_set_table(readers)}" for name, readers in found["sets"].items()]
    settings = "\n".join(f"{name}={value:g}" for name, value in found["settings"].items())
    return "\n\n".join([*tables, *([settings] if settings else [])])


def _set_table(found: Mapping[str, Any]) -> str:
    names = list(found)
    lines = [f"{'exact plans':<16}{'rows':>6}" + "".join(f"{name:>10}" for name in names)]
    for group, count in found["both"]["rows"].items():
        lines.append(f"{group:<16}{count:>6}" + _figures([found[n]["exact"][group] for n in names], "10.1%"))
    edits = found["both"]["edits"]
    lines.append(f"{'english edits':<16}{edits:>6}" + _figures([found[n]["english"] for n in names], "10.1%"))
    unasked = [found[name]["edited_unasked"] for name in names]
    lines.append(f"{'edited unasked':<16}{found['both']['unasked']:>6}" + _figures(unasked, "10.1%"))
    for figure, form in (("p50_ms", "10.2f"), ("p95_ms", "10.2f"), ("brier", "10.4f")):
        lines.append(f"{figure:<22}" + _figures([found[n][figure] for n in names], form))
    lines.append("both: " + ", ".join(f"{count} {kind}" for kind, count in found["both"]["readers"].items()))
    lines.append("confidence of both, from: n, mean, share right")
    lines += [
        f"{one['from']:>8.2f}{one['n']:>6}{one['confidence']:>10.3f}{one['right']:>10.3f}"
        for one in found["both"]["reliability"]
    ]
    return "\n".join(lines)


def _figures(values: Sequence[float | None], form: str) -> str:
    return "".join(f"{'-':>10}" if value is None else format(value, ">" + form) for value in values)


def _calibration_table(sets: Mapping[str, Sequence[Row]]) -> str:
    lines = ["the confidence without a model from, to: rows, worth"]
    lines += [
        f"{one['from']:>8.3f}{one['to']:>8.3f}{one['n']:>6}{one['worth']:>8.3f}" for one in _calibration(sets)
    ]
    return "\n".join(lines)


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
