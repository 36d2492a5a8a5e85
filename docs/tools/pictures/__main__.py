"""Makes the documentation's pictures anew: `make docs-pictures`, or some of them with --only."""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
import tempfile
from pathlib import Path

from langdesign_client.addresses import LOCAL_ADDRESSES
from langdesign_command.local import ports, run
from langdesign_command.local.processes import LocalStack, Logs
from PIL import Image

OF_SERVICES = ("method", "tree", "page")
"""Pictures that services are started for."""

OF_MODELS = ("pairs",)


async def _with_services(chosen: set[str], data: Path) -> None:
    launch = run.plan("", ports.free_offset(), None, data)
    async with LocalStack(launch, Logs(sys.stderr, [service.name for service in launch.services])) as stack:
        await asyncio.to_thread(_draw_with, stack, chosen)


def _draw_with(stack: LocalStack, chosen: set[str]) -> None:
    import method  # noqa: PLC0415 - loads torch
    import page  # noqa: PLC0415 - loads playwright
    import tree  # noqa: PLC0415 - as the others
    from room import large_room  # noqa: PLC0415 - loads the renderer

    addresses = {name: address for name, address in stack.addresses.items() if name in LOCAL_ADDRESSES}
    if "tree" in chosen:
        tree.draw(addresses)
    if not chosen & {"method", "page"}:
        return
    room = large_room()
    if "method" in chosen:
        method.draw(room, addresses)
    if "page" in chosen:
        png = io.BytesIO()
        Image.fromarray(room).save(png, "PNG")
        page.draw(stack.page(), png.getvalue())


def main() -> None:
    """Draw what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=OF_SERVICES + OF_MODELS, help="repeatable")
    chosen = set(parser.parse_args().only or OF_SERVICES + OF_MODELS)
    if "pairs" in chosen:
        import pairs  # noqa: PLC0415 - loads torch

        pairs.draw()
    if chosen & set(OF_SERVICES):
        with tempfile.TemporaryDirectory() as data:
            asyncio.run(_with_services(chosen, Path(data)))


if __name__ == "__main__":
    main()
