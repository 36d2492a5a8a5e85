"""A deployment of processes on this machine: real Tritons behind one name, and the services before them."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil
from langdesign_client import AsyncClient, Connection
from langdesign_command.local.guard import guarded
from langdesign_command.local.names import Names, name_server
from langdesign_command.local.testing import RunningTriton, free_ports, start_triton

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "deploy/models/mini"
REPOSITORY = ROOT / "services/model_server/model_repository"
HOSTS = ("127.0.0.1", "127.0.0.2")
SERVICES = ("reference", "segmentation", "editing")
_START = 120.0  # seconds
_STUB = "triton_python_b"  # what the kernel keeps of a model's process's name


@dataclass
class _Service:
    """A service's process, started again at its port as often as needed."""

    stem: str
    port: int
    variables: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "LANGDESIGN_LISTEN": f"127.0.0.1:{self.port}",
            "LANGDESIGN_TELEMETRY_METRICS": "off",
            "LANGDESIGN_DRAIN_DELAY": "0.5",
            "LANGDESIGN_AUDIT_TO": "off",
            **self.variables,
        }
        command = guarded([sys.executable, "-m", f"langdesign_{self.stem}"], grace=40)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
            )

    async def until_ready(self) -> None:
        async with asyncio.timeout(_START):
            while b'"message": "serving"' not in self.log.read_bytes():
                if self.process is not None and self.process.poll() is not None:
                    raise RuntimeError(f"{self.stem} ended:\n{self.log.read_text()[-2000:]}")
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            await asyncio.to_thread(self.process.wait, 60)
            if self.process.stdin:
                self.process.stdin.close()

    async def restart(self) -> None:
        await self.stop()
        self.log.rename(self.log.with_suffix(f".{time.monotonic_ns()}"))
        self.start()
        await self.until_ready()


class Processes:
    """Processes in a folder; see `place.Place`."""

    name = "processes of this machine"

    def __init__(self, folder: Path, connection_age: float = 10.0) -> None:
        self.connection_age = connection_age
        self._folder = folder
        self._stack = AsyncExitStack()
        self._ports = free_ports()
        self._tritons: list[RunningTriton] = []
        self._services: dict[str, _Service] = {}
        self._restarts = 0

    async def __aenter__(self) -> Self:
        """Start a model server, the names, and the services."""
        try:
            self._names: Names = await self._stack.enter_async_context(name_server(HOSTS[0]))
            await self._start_triton(HOSTS[0])
            for service in self._make_services():
                self._services[service.stem] = service
                service.start()
                self._stack.push_async_callback(service.stop)
            for service in self._services.values():
                await service.until_ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        """End everything."""
        await self._stack.aclose()
        for triton in self._tritons:
            await asyncio.to_thread(triton.close)
        self._tritons.clear()

    async def _start_triton(self, host: str) -> None:
        variables = {
            "EDIT_MODEL_DIR": str(MODELS / "edit"),
            "SEGMENT_MODEL_DIR": str(MODELS / "segment"),
            "MODEL_SERVER_CONNECTION_AGE": f"{self.connection_age:.0f}",
        }
        models = [REPOSITORY / "edit", REPOSITORY / "segment"]
        place = self._folder / f"{host}-{time.monotonic_ns()}"
        place.mkdir()
        triton = start_triton(place, models, variables, ports=self._ports, host=host, supervised=True)
        self._tritons.append(triton)
        await asyncio.to_thread(triton.wait_until_ready)

    def _make_services(self) -> list[_Service]:
        ports = dict(zip(SERVICES, _free_ports(len(SERVICES)), strict=True))
        triton = f"dns://127.0.0.1:{self._names.port}/model-server:{self._ports.grpc}"
        advice = {
            "EDITING_SAMPLING": str(MODELS / "edit/sampling.json"),
            "EDITING_OPERATIONS": f"sqlite:///{self._folder}/operations.sqlite",
            "EDITING_BLOBS": str(self._folder / "blobs"),
            "EDITING_DECODERS": "1",
        }
        peers = {f"{stem.upper()}_ADDR": f"127.0.0.1:{port}" for stem, port in ports.items()}
        shared = {"TRITON_ADDR": triton}
        variables = {"reference": {}, "segmentation": shared, "editing": {**shared, **advice, **peers}}
        variables["editing"].pop("EDITING_ADDR")
        return [
            _Service(stem, port, variables[stem], self._folder / f"{stem}.log")
            for stem, port in ports.items()
        ]

    def client(self) -> AbstractAsyncContextManager[AsyncClient]:
        """Return a client of the services."""
        addresses = {stem: f"127.0.0.1:{service.port}" for stem, service in self._services.items()}
        return AsyncClient(Connection(addresses=addresses))

    async def roll(self) -> str:
        """Replace each service by a new process at its address."""
        for service in self._services.values():
            await service.restart()
        return f"{', '.join(self._services)} ended and started again"

    async def scale(self, count: int) -> None:
        """Start the second model server, or end it: its name goes first."""
        if count > len(self._tritons):
            await self._start_triton(HOSTS[1])
            self._names.addresses.append(HOSTS[1])
        elif count < len(self._tritons):
            triton = self._tritons[-1]
            self._names.addresses.remove(triton.host)
            triton.terminate()
            await asyncio.to_thread(triton.guard.wait, 120)
            await asyncio.to_thread(triton.close)
            self._tritons.remove(triton)

    async def calls(self) -> list[int]:
        """Return each model server's calls of `edit`."""
        labels = 'model="edit",version="1"'
        return [
            int(await asyncio.to_thread(triton.metric, "nv_inference_request_success", labels))
            for triton in self._tritons
        ]

    async def kill_model(self) -> None:
        """Kill the processes of the first server's models."""
        self._restarts = await self._restarts_so_far()
        for child in psutil.Process(self._tritons[0].guard.pid).children(recursive=True):
            if child.name().startswith(_STUB):
                child.send_signal(signal.SIGKILL)

    async def until_model_served_again(self) -> None:
        """Wait until its supervisor has started it again and it is ready."""
        async with asyncio.timeout(_START):
            while not await self._again():  # noqa: ASYNC110 - a process is asked
                await asyncio.sleep(0.1)

    async def _again(self) -> bool:
        return await self._restarts_so_far() > self._restarts and self._tritons[0].ready()

    async def _restarts_so_far(self) -> int:
        log = await asyncio.to_thread(self._tritons[0].log.read_text, errors="replace")
        return len(re.findall("starts it again", log))


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]
