"""A real language model, and what becomes of an instruction before anything is edited."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from langdesign_chassis.testing import serving
from langdesign_editing.backend import InstructionCheck
from langdesign_editing.events import NoOpReason
from langdesign_editing.grounding import Grounder
from langdesign_editing.intake import EditTask
from langdesign_editing.models import Model, Models
from langdesign_editing.peers import Peers, ReferencePeer, SegmentationPeer
from langdesign_editing.reading import InstructionReading
from langdesign_editing.sampling import Sampling
from langdesign_edits import EditSpec, ImageFormat, Picture
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import SERVICE, register

Judge = Callable[[str], Awaitable[NoOpReason | None]]


@pytest.fixture(scope="module")
def llama(tmp_path_factory) -> Iterator[str]:
    """URL of a server of a module's own; a module gives its memory back."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "langdesign_command.local.llama", "--port", str(port), "--threads", "1"]
    log = tmp_path_factory.mktemp("llama") / "log"
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as server,
    ):
        try:
            _wait(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def _wait(url: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"llama.cpp's server ended:\n{log.read_text(errors='replace')[-4000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    said = log.read_text(errors="replace")[-4000:]
    pytest.fail(f"llama.cpp's server did not become healthy within 60 s:\n{said}")


class _Editor:
    """Knows all words."""

    async def check(self, model, parameters):
        return [InstructionCheck("instruction", 1, 75)]


@asynccontextmanager
async def _judging(finder: SegmentationPeer, side: int) -> AsyncIterator[Judge]:
    settings = ReferenceSettings(llm_base_url="")
    models = Models([Model("edit", "instruct_pix2pix", Sampling(), _Editor())])
    picture = Picture(np.zeros((side, side, 3), np.uint8), ImageFormat.PNG)
    async with serving(lambda server, runtime: register(server, runtime, settings), SERVICE) as served:
        peers = Peers(ReferencePeer(served.channel), finder)

        async def judge(instruction):
            spec = models.completed(EditSpec(instruction=instruction))
            asked = await InstructionReading(peers, models).read(spec, None)
            task = EditTask("local", b"", picture, spec, asked, time.monotonic())
            return (await Grounder(peers).ground(task)).no_op

        yield judge


@pytest.fixture(scope="session")
def judging() -> Callable[[SegmentationPeer, int], AbstractAsyncContextManager[Judge]]:
    """Opens what tells the no-op reason that an instruction gets without a language model; None edits.

    ``async with judging(finder, side) as judge``: `finder` looks in a square picture, `side` pixels wide.
    """
    return _judging
