"""What a local run's services take of the machine's memory: `langdesign bench memory`.

Resident memory (RSS) counts the libraries that processes share once for each of them; its proportional form
(PSS) shares them out, so that a sum of it is what the machine has given. `--against` runs another revision of
the checkout at the same time, and compares; what both map counts less in the PSS of either.
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import typer
from langdesign_client.async_client import AsyncClient
from langdesign_client.connection import Connection

from langdesign_command import samples
from langdesign_command.cli.session import print_rows
from langdesign_command.local.builds import RunningBuild, earlier_build, running, this_build

EDITING_CHAIN = ("reference", "segmentation", "editing")
"""The services that an edit passes through, without the model server."""
_STARTED = ("triton", "llama", *EDITING_CHAIN)
INSTRUCTION = "Make the bed red"
_MEBIBYTE = 2**20


@dataclass(frozen=True)
class Usage:
    """One service now.

    Attributes:
        service: Its stem.
        rss: Resident memory of its process, MiB.
        pss: The same, shared pages divided among those that map them, MiB.
        helpers: Processes that it has started, such as decoders of pictures.
        helpers_rss: Theirs together, MiB.
        helpers_pss: Theirs together, MiB.

    """

    service: str
    rss: float
    pss: float
    helpers: int
    helpers_rss: float
    helpers_pss: float


def measure(above: psutil.Process) -> list[Usage]:
    """Return what the Python services below a process take, such as those of a `langdesign up`."""
    return [_usage(stem, process) for stem, process in services(above).items()]


def services(above: psutil.Process) -> dict[str, psutil.Process]:
    """Return the processes of the Python services below a process, by stem."""
    found: dict[str, psutil.Process] = {}
    for process in above.children(recursive=True):
        match process.cmdline():
            case [_, "-m", module] if module.startswith("langdesign_") and "." not in module:
                found[module.removeprefix("langdesign_")] = process
    return dict(sorted(found.items()))


def _usage(stem: str, process: psutil.Process) -> Usage:
    rss, pss = _memory(process)
    helpers = [_memory(helper) for helper in process.children(recursive=True)]
    return Usage(stem, rss, pss, len(helpers), sum(one for one, _ in helpers), sum(one for _, one in helpers))


def _memory(process: psutil.Process) -> tuple[float, float]:
    found = process.memory_full_info()
    return found.rss / _MEBIBYTE, found.pss / _MEBIBYTE


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="langdesign bench memory", description=__doc__)
    parser.add_argument("--of", type=int, metavar="PID", help="a `langdesign up` to measure once, as it is")
    parser.add_argument(
        "--against", metavar="REVISION", help="a build to run beside this one, such as HEAD~1"
    )
    parser.add_argument(
        "--at-most", type=float, metavar="SHARE", help="fail above this share of the other's RSS"
    )
    parser.add_argument("--models", help="checkpoints, as for `langdesign up`")
    parser.add_argument("--only", default=",".join(_STARTED), help="services to start (%(default)s)")
    parser.add_argument("--rest", type=float, default=70, help="seconds of rest after the edit (%(default)g)")
    parser.add_argument(
        "--log", type=Path, default=Path("out/memory.log"), help="the services' (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    options = parser.parse_args(argv)
    if options.at_most is not None and options.against is None:
        parser.error("--at-most is a share of another build's: name it with --against")
    if missing := set(_STARTED) - set(options.only.split(",")):
        parser.error(f"--only lacks what an edit needs: {', '.join(sorted(missing))}")
    if options.of is not None:
        _tell("now", measure(psutil.Process(options.of)), options.json)
        return 0
    return asyncio.run(_measured(options))


async def _measured(options: argparse.Namespace) -> int:
    """Run the builds side by side, edit by each, let them rest, compare them, and end them."""
    options.log.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="langdesign-memory-") as folder,
        options.log.open("wb", buffering=0) as log,
    ):
        builds = [this_build()]
        if options.against is not None:
            builds.insert(0, earlier_build(options.against, Path(folder)))
        async with AsyncExitStack() as stack:
            run = [
                await stack.enter_async_context(
                    running(build, Path(folder) / build.name, log, only=options.only, models=options.models)
                )
                for build in builds
            ]
            _tell_all("ready", run, options.json)
            for one in run:
                await _edit(one)
            _tell_all("after an edit", run, options.json)
            await asyncio.sleep(options.rest)
            found = _tell_all(f"{options.rest:g} s later", run, options.json)
    if options.against is None:
        return 0
    before, now = found
    share = compare(before, now, as_json=options.json)
    return int(options.at_most is not None and share > options.at_most)


async def _edit(run: RunningBuild) -> None:
    async with AsyncClient(Connection(addresses={"editing": run.addresses["editing"]})) as client:
        async for _ in client.edit(samples.bedroom(), INSTRUCTION):
            pass


def _tell_all(when: str, run: Sequence[RunningBuild], as_json: bool) -> list[list[Usage]]:
    found = [measure(one.process) for one in run]
    for one, usages in zip(run, found, strict=True):
        _tell(f"{one.build.name}, {when}, load {os.getloadavg()[0]:.1f}", usages, as_json)
    return found


def compare(
    before: Sequence[Usage],
    now: Sequence[Usage],
    stems: Sequence[str] = EDITING_CHAIN,
    *,
    as_json: bool = False,
) -> float:
    """Tell what each service takes of what it took, helpers too; return the share of RSS of all together."""
    compared = {stem: _shares(before, now, [stem]) for stem in stems}
    together = compared[" + ".join(stems)] = _shares(before, now, stems)
    if as_json:
        typer.echo(json.dumps({"compared": compared}))
    else:
        rows = [
            [name, kind.upper(), f"{found['before']:.1f}", f"{found['now']:.1f}", f"{found['share']:.3f}"]
            for name, kinds in compared.items()
            for kind, found in kinds.items()
        ]
        print_rows(["service", "memory", "before", "now", "share"], rows, empty="no services run there")
    return together["rss"]["share"]


def _shares(
    before: Sequence[Usage], now: Sequence[Usage], stems: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return what some services took, what they take, and the quotient, by kind of memory; MiB."""
    old, new = ([one for one in found if one.service in stems] for found in (before, now))
    sizes = {
        "rss": [sum(one.rss + one.helpers_rss for one in found) for found in (old, new)],
        "pss": [sum(one.pss + one.helpers_pss for one in found) for found in (old, new)],
    }
    return {kind: {"before": a, "now": b, "share": b / a} for kind, (a, b) in sizes.items()}


def _tell(when: str, found: Sequence[Usage], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"when": when, "services": [asdict(one) for one in found]}))
        return
    chain = [one for one in found if one.service in EDITING_CHAIN]
    rows = [_row(one.service, [one]) for one in found]
    rows += [_row(" + ".join(EDITING_CHAIN), chain), _row("all", found)]
    typer.echo(when)
    headings = ["service", "RSS", "PSS", "helpers", "their RSS", "their PSS", "RSS in all", "PSS in all"]
    print_rows(headings, rows, empty="no services run there")


def _row(name: str, found: Iterable[Usage]) -> list[str]:
    found = list(found)
    rss, pss = sum(one.rss for one in found), sum(one.pss for one in found)
    helpers_rss, helpers_pss = sum(one.helpers_rss for one in found), sum(one.helpers_pss for one in found)
    sizes = [helpers_rss, helpers_pss, rss + helpers_rss, pss + helpers_pss]
    count = sum(one.helpers for one in found)
    return [name, f"{rss:.1f}", f"{pss:.1f}", str(count), *(f"{size:.1f}" for size in sizes)]
