"""The editing service in a process of its own, to be killed: files in a folder, the stand-in engine."""

import asyncio
import os
import sys
from pathlib import Path

from engine import PaintingEngine
from langdesign_chassis import ChassisSettings, serve
from langdesign_chassis.settings import DrainSettings, TelemetrySettings
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register_with


async def main(folder: Path) -> None:
    given = os.environ
    own = EditingSettings(
        decoders=1, operations=given["OPERATIONS"], blobs=f"{folder}/blobs", lease=float(given["LEASE"])
    )
    chassis = ChassisSettings(
        listen=given["LANGDESIGN_LISTEN"],
        drain=DrainSettings(delay=float(given["DRAIN_DELAY"]), grace=float(given["DRAIN_GRACE"])),
        telemetry=TelemetrySettings(metrics="off", level="error"),
    )

    async def register(server, runtime):
        engine = PaintingEngine(step_seconds=0.02, log=folder / "edits.log")
        await register_with(engine, server, runtime, own)

    await serve(name="editing", settings=chassis, register=register, services=[SERVICE])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
