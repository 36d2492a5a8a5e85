"""The service in a process of its own, to be killed, with the stand-in engine; tests give it an ``ORDER``."""

import asyncio
import runpy
from pathlib import Path

from langdesign_chassis import ChassisSettings, serve
from langdesign_chassis.settings import DrainSettings, TelemetrySettings
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register_with

InvertingEngine = runpy.run_path(str(Path(__file__).with_name("conftest.py")))["InvertingEngine"]


class SteadyEngine(InvertingEngine):
    """Takes 5 ms a step, so that a kill meets edits at every stage."""

    async def edit(self, request):
        async for event in super().edit(request):
            await asyncio.sleep(0.005)
            yield event


async def main(*, folder, listen, delay, operations, lease):
    own = EditingSettings(decoders=1, operations=operations, blobs=str(Path(folder) / "blobs"), lease=lease)
    chassis = ChassisSettings(
        listen=listen,
        drain=DrainSettings(delay=delay, grace=20),
        telemetry=TelemetrySettings(metrics="off", level="error"),
    )

    async def register(server, runtime):
        await register_with(SteadyEngine(), server, runtime, own)

    await serve(name="editing", settings=chassis, register=register, services=[SERVICE])


if __name__ == "__main__":
    asyncio.run(main(**ORDER))  # noqa: F821 - given by who runs this file
