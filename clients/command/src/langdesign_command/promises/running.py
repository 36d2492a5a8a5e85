"""Runs the probes of a promise as children: the suite's tests by pytest, benchmarks by `langdesign bench`."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from langdesign_command.local.guard import guarded
from langdesign_command.promises.promise import Bench, Promise, Suite

RECORDED = re.compile(r"promise (\d+): (\w+)")
"""Name of a JUnit property that holds a measure."""

_GRACE = 30.0  # s that tests have to end what they started
_TESTS_FAILED, _NOTHING_COLLECTED = 1, 5  # exit codes of pytest
_SAID = 400  # characters of a child's last words that are told


class ProbeError(Exception):
    """A probe gave no figure; the message says why."""


@dataclass
class Found:
    """What the probes of a promise gave."""

    values: dict[str, list[float]] = field(default_factory=dict)  # by measure
    figures: list[str] = field(default_factory=list)  # what tests say of themselves
    failed: list[str] = field(default_factory=list)  # tests that failed, each with the first line of why
    broken: list[str] = field(default_factory=list)  # probes that gave no figure, each with why
    seconds: float = 0.0

    def add(self, measure: str, value: float) -> None:
        """Note a value of a measure."""
        self.values.setdefault(measure, []).append(value)


def probe(promise: Promise, root: Path, *, long: bool, gpu: bool) -> Found:
    """Run the probes of a promise, those of a GPU where there is one.

    Args:
        promise: What is to be shown.
        root: The checkout.
        long: Whether the long forms run too.
        gpu: Whether this machine has a GPU.

    """
    found, began = Found(), time.monotonic()
    for one in promise.probes:
        if isinstance(one, Bench) and ((one.gpu and not gpu) or (one.long and not long)):
            continue
        try:
            if isinstance(one, Suite):
                _run_suite(one, promise.number, root, found, long=long)
            else:
                _run_bench(one, root, found)
        except ProbeError as error:
            found.broken.append(str(error))
    found.seconds = time.monotonic() - began
    return found


def _run_suite(suite: Suite, number: int, root: Path, found: Found, *, long: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="langdesign-promise-") as folder:
        report = Path(folder) / "junit.xml"
        chosen = () if long else ("-m", "not long")
        # xunit2 has no place for a test's properties, and pytest warns where one has any.
        written = (f"--junitxml={report}", "-o", "junit_family=xunit1")
        command = ["-m", "pytest", *suite.tests, *chosen, *written, "-q"]
        ended = _run([sys.executable, *command], root)
        if ended.code == _NOTHING_COLLECTED:
            return
        if ended.code not in {0, _TESTS_FAILED} or not report.is_file():
            raise ProbeError(f"pytest ended with {ended.code}: {ended.last_words}")
        read_report(report, number, found)


def read_report(report: Path, number: int, found: Found) -> None:
    """Take a promise's measures, figures and failures from a JUnit XML report of pytest."""
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        name = f"{case.get('file', '')}::{case.get('name', '')}"
        found.failed += [f"{name}: {_first(one.get('message', ''))}" for one in _failures(case)]
        for held in case.iter("property"):
            recorded, value = RECORDED.fullmatch(held.get("name", "")), held.get("value", "")
            if recorded and int(recorded[1]) == number:
                found.add(recorded[2], float(value))
            elif held.get("name") == "figure" and value not in found.figures:
                found.figures.append(value)


def _failures(case: ElementTree.Element) -> Iterator[ElementTree.Element]:
    yield from case.iter("failure")
    yield from case.iter("error")


def _run_bench(bench: Bench, root: Path, found: Found) -> None:
    if bench.needs:
        made = _run([sys.executable, "-m", *bench.needs], root)
        if made.code:
            raise ProbeError(f"python -m {' '.join(bench.needs)} ended with {made.code}: {made.last_words}")
    name = f"langdesign bench {' '.join(bench.arguments)}"
    ended = _run([_program(), "bench", *bench.arguments, "--json"], root)
    if ended.code:
        raise ProbeError(f"{name} ended with {ended.code}: {ended.last_words}")
    for measure, keys in bench.reads.items():
        found.add(measure, _value(ended.output, keys, name))


def _program() -> str:
    """Return the command of the environment that this process runs in."""
    return str(Path(sys.executable).with_name("langdesign"))


def _value(answer: str, keys: Sequence[str], name: str) -> float:
    """Return the number that keys lead to in an answer of JSON."""
    try:
        value = json.loads(answer)
        for key in keys:
            value = value[key]
        return float(value)
    except (ValueError, TypeError, KeyError) as error:
        raise ProbeError(f"{name} says nothing of {'.'.join(keys)}") from error


@dataclass(frozen=True)
class _Ended:
    """A program that has ended."""

    code: int
    output: str
    errors: str

    @property
    def last_words(self) -> str:
        """The last line that it said, of its errors where it said any."""
        lines = [line for line in (self.errors or self.output).splitlines() if line.strip()]
        return (lines or ["it said nothing"])[-1][-_SAID:]


def _run(command: Sequence[str], folder: Path) -> _Ended:
    """Run a program to its end; nothing of it outlives this process."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            guarded(command, grace=_GRACE),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=errors,
            cwd=folder,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches this process alone, which stops the child in order
        ) as process:
            try:
                code = process.wait()
            except BaseException:
                process.terminate()
                process.wait()
                raise
        return _Ended(code, _text(output), _text(errors))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _first(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")[:_SAID]
