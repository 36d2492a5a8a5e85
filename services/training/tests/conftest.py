"""The service over real gRPC, with a small real program as what it runs."""

import asyncio
import fcntl
import itertools
import os
import signal
import socket
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from langdesign.training.v1 import training_pb2 as pb
from langdesign.training.v1 import training_pb2_grpc
from langdesign_chassis import channel
from langdesign_chassis.testing import serving
from langdesign_database.testing import empty_database  # noqa: F401 - a fixture
from langdesign_training.launching.process import ProcessLauncher
from langdesign_training.runs import Kind, Progress, Run, State
from langdesign_training.settings import TrainingSettings
from langdesign_training.supervisor import Supervisor
from langdesign_training.wiring import SERVICES, register_with

PROGRAM = Path(__file__).with_name("program.py")
KEYS = itertools.count()


@dataclass
class Training:
    """The running service, seen from a caller."""

    runs: training_pb2_grpc.TrainingServiceStub
    registry: training_pb2_grpc.RegistryServiceStub
    folder: Path
    served: object

    async def create(self, kind=pb.RUN_KIND_DATASET, recipe="mini", key=None, call=None, **overrides):
        request = pb.CreateRunRequest(
            idempotency_key=key or f"key {next(KEYS)}",
            kind=kind,
            recipe=recipe,
            overrides={name: str(value) for name, value in overrides.items()},
        )
        return (await self.runs.CreateRun(request, **(call or {}))).run

    async def get(self, run, **call):
        return (await self.runs.GetRun(pb.GetRunRequest(name=run.name), **call)).run

    async def cancel(self, run, **call):
        return (
            await self.runs.CancelRun(pb.CancelRunRequest(idempotency_key="stop", name=run.name), **call)
        ).run

    def watch(self, run, **call):
        return self.runs.WatchRun(pb.WatchRunRequest(name=run.name), timeout=30, **call)

    async def changes(self, run):
        """Every change of a run until its end."""
        return [answer.run async for answer in self.watch(run)]

    async def end(self, run):
        return (await self.changes(run))[-1]

    async def until(self, run, **wanted):
        """Waits until a run is as it is wanted."""
        async for answer in self.watch(run):
            if all(getattr(answer.run, name) == value for name, value in wanted.items()):
                return answer.run
        raise AssertionError(f"the run never was {wanted}")

    def out(self, run):
        return self.folder / "runs" / run.name.removeprefix("runs/") / "out"

    def starts(self, run):
        """Process numbers of every start of a run's program; none where it has not begun yet."""
        told = self.out(run) / "starts"
        return [int(line.split()[0]) for line in told.read_text().splitlines()] if told.exists() else []

    async def until_started(self, run, count):
        """Waits for so many starts of a run's program; a watch tells of none where nothing else changed."""
        async with asyncio.timeout(20):
            while len(self.starts(run)) < count:  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.01)

    def go_on(self, run):
        """Lets a run's program go on, also one that is not there yet."""
        self.out(run).mkdir(parents=True, exist_ok=True)
        (self.out(run) / "go").touch()


@asynccontextmanager
async def training_service(
    folder, *, launcher=None, concurrency=4, database=None, grace=20.0, chassis=None, scopes=None, contexts=""
):
    settings = TrainingSettings(
        database=database or f"sqlite:///{folder}/training.sqlite",
        registry=f"sqlite:///{folder}/registry/mlflow.db",
        concurrency=concurrency,
        contexts=str(contexts),
    )
    launcher = launcher or ProcessLauncher(
        folder / "runs",
        [sys.executable, "-I", str(PROGRAM)],
        ["--models", "elsewhere"],
        {"LANGDESIGN_REGISTRY": settings.registry},
        grace=grace,
        poll=0.01,
    )

    async def register(server, runtime):
        await register_with(launcher, server, runtime, settings)

    async with serving(register, *SERVICES, settings=chassis) as served:
        yield Training(
            training_pb2_grpc.TrainingServiceStub(served.channel),
            training_pb2_grpc.RegistryServiceStub(served.channel),
            folder,
            served,
        )


def end_programs(folder):
    """Ends what a test left running on purpose."""
    for file in folder.glob("runs/*/pid"):
        if not _is_held(file.with_name("lock")):
            continue  # it has ended, and its number may be another process's by now
        with suppress(ProcessLookupError, ValueError):
            os.killpg(int(file.read_text()), signal.SIGKILL)
        with suppress(ChildProcessError, ValueError):
            os.waitpid(int(file.read_text()), 0)


def _is_held(lock):
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.fixture
def start(tmp_path):
    """Starts the service, in an `async with`; again on the same folder, it is the same service restarted."""
    yield lambda **options: training_service(options.pop("folder", tmp_path), **options)
    end_programs(tmp_path)


@pytest.fixture
async def training(start):
    """The service."""
    async with start() as service:
        yield service


@pytest.fixture
def refused():
    """Awaits a call that fails; returns the error."""

    async def call(awaitable, code):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await awaitable
        assert caught.value.code() is code, caught.value.details()
        return caught.value

    return call


@pytest.fixture
def make_run():
    """Makes a run as the store has it."""

    def make(**values):
        number = next(KEYS)
        defaults = {
            "id": f"{number:032x}",
            "tenant": "local",
            "kind": Kind.DATASET,
            "recipe": "mini",
            "overrides": {},
            "state": State.PENDING,
            "progress": Progress(),
            "failure": "",
            "cancelled": False,
            "interruptions": (),
            "create_time": number,
            "start_time": None,
            "end_time": None,
        }
        return Run(**defaults | values)

    return make


@pytest.fixture
def pause(monkeypatch):
    """Sets how long the supervisor waits before it asks again."""
    return lambda seconds: monkeypatch.setattr(Supervisor.__init__, "__kwdefaults__", {"pause": seconds})


class Service:
    """The service's process; `kill` ends it with SIGKILL, as a machine that fails does."""

    def __init__(self, folder):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.settings = {}

    async def start(self):
        own = {
            "LANGDESIGN_LISTEN": self.address,
            "LANGDESIGN_TELEMETRY_METRICS": "off",
            "LANGDESIGN_TELEMETRY_LEVEL": "error",
            "LANGDESIGN_DRAIN_DELAY": "0",
            "LANGDESIGN_DRAIN_GRACE": "1",
            "TRAINING_DATABASE": f"sqlite:///{self.folder}/training.sqlite",
            "TRAINING_REGISTRY": f"sqlite:///{self.folder}/registry/mlflow.db",
            "TRAINING_RUNS": str(self.folder / "runs"),
            "TRAINING_COMMAND": f"{sys.executable} -I {PROGRAM}",
            **self.settings,
        }
        command = (sys.executable, "-m", "langdesign_training")
        self.process = await asyncio.create_subprocess_exec(*command, env=os.environ | own)

    async def kill(self):
        self.process.kill()
        assert await self.process.wait() == -signal.SIGKILL

    async def stop(self):
        self.process.terminate()
        assert await self.process.wait() == 0

    @asynccontextmanager
    async def called(self):
        async with channel(self.address) as peer:
            runs = training_pb2_grpc.TrainingServiceStub(peer)
            yield Training(runs, training_pb2_grpc.RegistryServiceStub(peer), self.folder, None)


@pytest.fixture
async def killable(tmp_path):
    service = Service(tmp_path)
    yield service
    if service.process.returncode is None:
        await service.stop()
    end_programs(tmp_path)
