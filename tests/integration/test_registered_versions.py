"""Promise 15: a registered version is served by name, and an alias goes back with no failed call."""

import asyncio
import io
import os
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from langdesign_chassis.testing import serving
from langdesign_client import AsyncClient, Box, Connection, EditOptions, InstructPix2PixOptions
from langdesign_client.errors import LangDesignError
from langdesign_command.local import registered
from langdesign_command.local.testing import free_ports, start_triton
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_editing.settings import EditingSettings
from langdesign_editing.wiring import SERVICE, register
from langdesign_registry import Provenance, Registry, create_keys, package, sign
from PIL import Image

REPOSITORY = Path(__file__).parents[2] / "services/model_server/model_repository"
CHAMPION = "models:/interior@champion"


@pytest.fixture
def registry(tmp_path, empty_registry):
    """A registry with two signed versions with random weights; the alias champion went from 1 to 2."""
    data = tmp_path / "data"
    shutil.copytree(empty_registry, data / "registry")
    registry, keys = Registry(f"sqlite:///{data / 'registry/mlflow.db'}"), create_keys(data / "keys")
    for number in (1, 2):
        edit, made = tmp_path / f"edit-{number}", tmp_path / f"artifact-{number}"
        random_checkpoint("tiny", seed=number).save(edit)
        package(edit, None, None, "# interior\n", Provenance(model="interior"), made)
        sign(made, keys.private)
        registry.set_alias(registry.register(made, "interior").name, "champion")
    return registry


@pytest.fixture
def ports():
    """The ports of two model servers."""
    return free_ports(), free_ports()


@pytest.fixture
def told():
    """What is said while versions are fetched."""
    return []


@pytest.fixture
def serve(tmp_path, registry, told):
    """Return a function that serves the champion as `langdesign up` does: fetched, verified, ready."""
    started = []

    async def start(ports):
        weights = await registered.fetch(CHAMPION, ["edit"], tmp_path / "data", os.environ, told.append)
        folder = tmp_path / f"triton-{len(started)}"
        server = start_triton(folder, [REPOSITORY / "edit"], weights.environment, ports=ports)
        started.append(server)
        await asyncio.to_thread(server.wait_until_ready)
        return server

    yield start
    for server in started:
        server.close()


@asynccontextmanager
async def client(ports):
    """A client of the editing service in front of both model servers, of which one may not be there."""
    both = ",".join(f"127.0.0.1:{one.grpc}" for one in ports)
    settings = EditingSettings(triton_addr=f"ipv4:{both}", decoders=1)

    async def add(server, runtime):
        await register(server, runtime, settings)

    async with (
        serving(add, SERVICE) as served,
        AsyncClient(Connection(addresses={"editing": served.address})) as caller,
    ):
        yield caller


class Load:
    """Edits one after the other, for as long as it is entered; keeps which checkpoint made each."""

    def __init__(self, caller):
        self.caller, self.checkpoints, self.failed = caller, [], []

    async def __aenter__(self):
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def more(self, count):
        """Wait until so many more edits have ended, well or not."""
        enough = len(self.checkpoints) + len(self.failed) + count
        async with asyncio.timeout(60):
            while len(self.checkpoints) + len(self.failed) < enough:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.01)

    async def _run(self):
        picture = io.BytesIO()
        Image.fromarray(np.full((32, 32, 3), 120, np.uint8)).save(picture, "PNG")
        asked = {
            "region": Box(4, 4, 20, 20),
            "options": EditOptions(seed=1, editor=InstructPix2PixOptions(steps=2)),
            "timeout": 60,
        }
        while True:
            try:
                events = [one async for one in self.caller.edit(picture.getvalue(), "make it red", **asked)]
                self.checkpoints.append(events[-1].checkpoint)
            except LangDesignError as error:
                self.failed.append(error.line)
            await asyncio.sleep(0.3)  # leaves cores to the server that starts


@pytest.mark.timeout(400)
async def test_an_alias_goes_back_to_the_earlier_version_with_no_failed_call(
    registry, ports, serve, told, figure
):
    newer = await serve(ports[0])
    async with client(ports) as caller, Load(caller) as load:
        await load.more(3)
        assert load.checkpoints[-1].startswith("interior@2@sha256:")
        assert registry.roll_back("interior", "champion").version == 1
        await serve(ports[1])
        newer.terminate()
        await asyncio.to_thread(newer.guard.wait, 30)
        await load.more(3)
    served = [checkpoint.rpartition("@")[0] for checkpoint in load.checkpoints]
    figure(
        f"promise 15: an alias went back from interior@2 to interior@1 under load: {len(load.failed)} of "
        f"{len(served) + len(load.failed)} edits failed",
        failed=len(load.failed),
    )
    assert load.failed == []
    assert set(served) == {"interior@1", "interior@2"}
    assert set(served[-3:]) == {"interior@1"}
    assert len(set(load.checkpoints)) == 2
    assert [line.partition(" is whole")[0] for line in told if "whole" in line] == [
        "interior@2",
        "interior@1",
    ]
