"""The editing service over an engine that does next to nothing; tests run it with a JSON of its arguments.

A leak makes its engine keep so many bytes of each edit for ever, as a bug would.
"""

import asyncio
import json
import sys
from pathlib import Path

from langdesign_chassis import ChassisSettings, serve
from langdesign_chassis.settings import DrainSettings, TelemetrySettings
from langdesign_editing.backend import BackendProgress, Edited, InstructionCheck
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register_with

STEP = 0.001  # s
KEPT = 20  # ended operations that the service keeps: soon there are as many as it ever has


class QuickEngine:
    """Returns the picture as it is, a step a millisecond."""

    def __init__(self, leak):
        self._leak, self._leaked = leak, []

    async def ready(self):
        return True

    async def check(self, model, parameters):
        return [InstructionCheck("instruction", 1, 75)]

    async def edit(self, request):
        if self._leak:
            self._leaked.append(b"x" * self._leak)
        steps = request.parameters["steps"]
        for step in range(steps):
            yield BackendProgress(step, steps)
            await asyncio.sleep(STEP)
        yield Edited(request.pixels)


async def main(*, folder, listen, leak):
    folder = Path(folder)
    own = EditingSettings(
        decoders=1, operations=f"sqlite:///{folder}/operations.sqlite", blobs=str(folder), keep_count=KEPT
    )
    chassis = ChassisSettings(
        listen=listen,
        drain=DrainSettings(delay=0, grace=10),
        telemetry=TelemetrySettings(metrics="off", level="error"),
    )

    async def register(server, runtime):
        await register_with(QuickEngine(leak), server, runtime, own)

    await serve(name="editing", settings=chassis, register=register, services=[SERVICE])


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
