"""What a local run's services take of the machine's memory: `langdesign bench memory`.

Resident memory (RSS) counts the libraries that processes share once for each of them; its proportional form
(PSS) shares them out, so that a sum of it is what the machine has given.
"""

import argparse
import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import typer
from langdesign_client.async_client import AsyncClient
from langdesign_client.connection import Connection

from langdesign_command import samples
from langdesign_command.cli.session import print_rows
from langdesign_command.local import ports, run
from langdesign_command.local.processes import LocalStack, Logs

EDITING_CHAIN = ("reference", "segmentation", "editing")
"""The services that an edit passes through, without the model server."""
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
    parser.add_argument("--data", type=Path, default=Path(".langdesign"), help="folder of the run's data")
    parser.add_argument("--models", help="checkpoints, as for `langdesign up`")
    parser.add_argument("--only", default="", help="services to start, as for `langdesign up`")
    parser.add_argument("--rest", type=float, default=70, help="seconds of rest after the edit (%(default)g)")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    options = parser.parse_args(argv)
    if options.of is not None:
        _tell("now", measure(psutil.Process(options.of)), options.json)
    else:
        asyncio.run(_measured(options))
    return 0


async def _measured(options: argparse.Namespace) -> None:
    """Start the services, and measure them when they are ready, after an edit, and at rest."""
    plan = run.plan(options.only, ports.free_offset(), options.models, options.data)
    with (plan.data.parent / f"{plan.data.name}-memory.log").open("w", encoding="utf-8") as log:
        async with LocalStack(plan, Logs(log, [service.name for service in plan.services])) as stack:
            _tell("ready", measure(psutil.Process()), options.json)
            async with AsyncClient(Connection(addresses=stack.addresses)) as client:
                async for _ in client.edit(samples.bedroom(), INSTRUCTION):
                    pass
            _tell("after an edit", measure(psutil.Process()), options.json)
            await asyncio.sleep(options.rest)
            _tell(f"{options.rest:g} s later", measure(psutil.Process()), options.json)


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
