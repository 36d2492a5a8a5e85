"""`langdesign bench promises`: measure what this machine can show of the promises, and print one table."""

import argparse
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from langdesign_client.errors import LangDesignError
from rich.console import Console

from langdesign_command.errors import StartError
from langdesign_command.local.checkout import find_root
from langdesign_command.promises.every import PROMISES
from langdesign_command.promises.promise import Promise
from langdesign_command.promises.running import probe
from langdesign_command.promises.showing import as_json, markdown, summary, table
from langdesign_command.promises.verdicts import Result, Verdict, judge

_WIDTH = 130  # columns of a table that goes into a file
_INTERRUPTED = 130


def main(argv: list[str]) -> int:
    """Run `langdesign bench promises ARGV`; 1 where a promise is missed or could not be measured."""
    given = _parser().parse_args(argv)
    if given.markdown:
        sys.stdout.write(markdown(PROMISES))
        return 0
    try:
        root = _checkout()
    except LangDesignError as error:
        Console(stderr=True).print(error.line, style="red", markup=False, soft_wrap=True)
        return error.exit_code
    verdicts: list[Verdict] = []
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # ended in order, with the table of what is known
    try:
        _measure(_chosen(given.only), root, verdicts, long=given.long)
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    _show(verdicts, given.json)
    if interrupted:
        return _INTERRUPTED
    return int(any(one.result in {Result.MISSED, Result.NOT_RUN} for one in verdicts))


def _measure(promises: Sequence[Promise], root: Path, verdicts: list[Verdict], *, long: bool) -> None:
    """Add the verdict on each promise, and say on standard error how it goes."""
    console, gpu = Console(stderr=True, highlight=False), _has_gpu()
    for promise in promises:
        with console.status(f"{promise.number}: {promise.title}"):
            verdict = judge(promise, probe(promise, root, long=long, gpu=gpu), long=long, gpu=gpu)
        verdicts.append(verdict)
        line = f"{promise.number:>2} {promise.title}: {verdict.result} ({verdict.seconds:.0f} s)"
        console.print(line, markup=False, soft_wrap=True)
        for reason in verdict.reasons:
            console.print(f"   {reason}", markup=False, soft_wrap=True)


def _show(verdicts: Sequence[Verdict], file: Path | None) -> None:
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    console.print(table(verdicts))
    for verdict in verdicts:
        for reason in verdict.reasons:
            console.print(f"{verdict.promise.number}: {reason}", markup=False, highlight=False)
    loads = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(f"{summary(verdicts)}; {os.cpu_count()} cores, load of the last 1, 5 and 15 min {loads}")
    if file:
        file.write_text(json.dumps([as_json(one) for one in verdicts], indent=2) + "\n", "utf-8")


def _checkout() -> Path:
    """Return the checkout whose tests and benchmarks are the probes.

    Raises:
        StartError: there is none, or pytest is not installed.

    """
    root = find_root()
    if importlib.util.find_spec("pytest") is None:
        raise StartError("pytest is not installed here", hint="run `make setup` in the checkout")
    return root


def _chosen(numbers: Sequence[int] | None) -> list[Promise]:
    return [one for one in PROMISES if numbers is None or one.number in numbers]


def _has_gpu() -> bool:
    """Return whether NVIDIA's driver lists a GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    listed = subprocess.run([program, "--list-gpus"], capture_output=True, check=False)
    return listed.returncode == 0 and bool(listed.stdout.strip())


def _numbers(text: str) -> list[int]:
    known = {promise.number for promise in PROMISES}
    try:
        numbers = [int(one) for one in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no list of numbers; write --only 6,8") from None
    if strange := [str(one) for one in numbers if one not in known]:
        raise argparse.ArgumentTypeError(
            f"there is no promise {', '.join(strange)}; they are numbered {min(known)} to {max(known)}"
        )
    return numbers


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="langdesign bench promises",
        description="Measure what this machine can show of the promises in docs/promises.md, by the tests "
        "and benchmarks of the checkout, and print one table. Exit code 1 where a promise is missed or "
        "could not be measured; what needs a GPU counts as neither.",
    )
    add = parser.add_argument
    add("--only", type=_numbers, metavar="6,8", help="these promises (default: all)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--short", dest="long", action="store_false", help="the short forms (default)")
    form.add_argument("--long", action="store_true", help="the long forms too: hours")
    parser.set_defaults(long=False)
    add("--json", type=Path, metavar="FILE", help="write the verdicts with all figures into FILE")
    add("--markdown", action="store_true", help="print the list of promises for docs/promises.md, and end")
    return parser
