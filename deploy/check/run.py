"""Checks a deployment under load: edits, a rollout, a second model server, a model that dies.

python deploy/check/run.py processes                      # real processes on this machine
python deploy/check/run.py kubectl rendered/local.yaml    # a cluster whose nodes have the images
python deploy/check/run.py verify staging.example.com:443 # what others use: edits, and nothing else; over TLS
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import steps
from langdesign_client import AsyncClient, Connection, everywhere
from on_kubectl import Cluster
from on_processes import Processes
from place import Place

PICTURE = Path(__file__).resolve().parents[2] / "clients/command/src/langdesign_command/samples/bedroom.png"


async def check(place: Place, picture: Path) -> bool:
    """Start a deployment and check it; print each step, and return whether every one is met."""
    _say(f"starting {place.name}")
    async with place:
        return await _all_met(steps.run(place, picture))


async def verify(address: str, picture: Path) -> bool:
    """Check a deployment that runs, with the token of the environment's LANGDESIGN_CLIENT_TOKEN."""
    token = os.environ.get("LANGDESIGN_CLIENT_TOKEN")
    local = address.startswith(("127.0.0.1:", "localhost:"))
    async with AsyncClient(Connection(everywhere(address), token=token, tls=not local)) as client:
        return await _all_met(steps.verify(client, picture))


async def _all_met(seen: AsyncIterator[steps.Step]) -> bool:
    met = True
    async for step in seen:
        mark = "met" if step.met else "MISSED"
        _say(f"{step.name:14} {mark:6} {step.seconds:6.1f} s  {step.seen}")
        met &= step.met
    return met


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - for whoever runs the check


def main() -> None:
    """Check what the command line names; exit with 1 where something is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--picture", type=Path, default=PICTURE, help="what is edited")
    places = parser.add_subparsers(dest="place", required=True)
    places.add_parser("processes", help="start real processes on this machine")
    cluster = places.add_parser("kubectl", help="apply rendered manifests to kubectl's cluster")
    cluster.add_argument("manifests", type=Path, help="the rendered overlay `local`")
    cluster.add_argument("--namespace", default="langdesign")
    used = places.add_parser(
        "verify", help="edit through one that runs; its token is LANGDESIGN_CLIENT_TOKEN"
    )
    used.add_argument("address", help="host:port of its gateway")
    arguments = parser.parse_args()
    if arguments.place == "verify":
        sys.exit(not asyncio.run(verify(arguments.address, arguments.picture)))
    with tempfile.TemporaryDirectory(prefix="langdesign-check-") as folder:
        place: Place = (
            Cluster(arguments.manifests, arguments.namespace)
            if arguments.place == "kubectl"
            else Processes(Path(folder))
        )
        sys.exit(not asyncio.run(check(place, arguments.picture)))


if __name__ == "__main__":
    main()
