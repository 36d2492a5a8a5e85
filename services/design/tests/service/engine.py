"""A stand-in for the editing service's engine, with a fixed cost a step."""

import asyncio
import os
from pathlib import Path

import numpy as np
from langdesign_editing.backend import BackendProgress, Edited, InstructionCheck


class PaintingEngine:
    """Inverts the colours inside the masks and adds the seed, step by step, each when it is allowed.

    Attributes:
        begun: Seeds of edits that were begun.
        done: Seeds of edits that came to their end.
        running: Edits under way, and the most that there were at once.
        failure: Raised in place of the result.
    """

    def __init__(self, *, step_seconds=0.0, log=None):
        self.begun, self.done = [], []
        self.running = self.most = 0
        self.failure = None
        self._seconds, self._log = step_seconds, log
        self._going = asyncio.Event()
        self._going.set()
        self.changed = asyncio.Condition()

    def hold(self):
        self._going.clear()

    def go_on(self):
        self._going.set()

    async def until(self, holds):
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: holds(self))

    async def ready(self):
        return True

    async def check(self, model, parameters):
        return [InstructionCheck("instruction", len(parameters["instruction"].split()), 75)]

    async def edit(self, request):
        seed, steps = request.parameters["seed"], request.parameters["steps"]
        await self._note(self.begun, seed, 1)
        try:
            yield BackendProgress(0, steps)
            for step in range(1, steps + 1):
                await self._going.wait()
                await asyncio.sleep(self._seconds)
                if step < steps:
                    yield BackendProgress(step, steps, request.pixels[::4, ::4, :3])
            if self.failure:
                raise self.failure
            self.done.append(seed)
            if self._log:
                self._write(f"{request.parameters['instruction']}\t{seed}\n")
        finally:
            await self._note([], seed, -1)
        yield Edited(painted(request.pixels, request.masks, seed), {"denoise": 0.5}, "painter@sha256:0")

    async def _note(self, seeds, seed, more):
        seeds.append(seed)
        self.running += more
        self.most = max(self.most, self.running)
        async with self.changed:
            self.changed.notify_all()

    def _write(self, line):
        with Path(self._log).open("a", encoding="utf-8") as log:
            log.write(line)
            log.flush()
            os.fsync(log.fileno())


def painted(pixels, masks, seed):
    """Returns what the engine makes of pixels."""
    result = pixels.copy()
    inside = np.logical_or.reduce(masks) if masks else np.ones(pixels.shape[:2], bool)
    result[inside, :3] = 255 - pixels[inside, :3] + np.uint8(seed % 256)
    return result
