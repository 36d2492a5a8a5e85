"""The service in a process of its own, to be killed: pictures in a folder, the stand-in engine, a given port.

Where operations are kept, the environment says.
"""

import asyncio
import sys
from pathlib import Path

from langdesign_chassis import ChassisSettings, serve
from langdesign_chassis.settings import DrainSettings, TelemetrySettings
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register_with

from conftest import InvertingEngine


class SteadyEngine(InvertingEngine):
    """Takes 5 ms a step, so that a kill meets edits at every stage."""

    async def edit(self, request):
        async for event in super().edit(request):
            await asyncio.sleep(0.005)
            yield event


async def main(folder: Path, port: str, delay: str) -> None:
    own = EditingSettings(decoders=1, blobs=str(folder / "blobs"))
    chassis = ChassisSettings(
        listen=f"127.0.0.1:{port}",
        drain=DrainSettings(delay=float(delay), grace=20),
        telemetry=TelemetrySettings(metrics="off", level="error"),
    )

    async def register(server, runtime):
        await register_with(SteadyEngine(), server, runtime, own)

    await serve(name="editing", settings=chassis, register=register, services=[SERVICE])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
