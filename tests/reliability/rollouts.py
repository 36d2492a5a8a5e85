"""Workloads of real processes, rolled as a cluster rolls them: a new one is ready before an old one ends."""

import asyncio
import itertools
import os
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from langdesign_command.local.guard import guarded
from langdesign_command.local.names import name_server
from langdesign_command.local.testing import free_ports, start_triton

_START = 240  # s; several start on a machine that does other things
_GRACE = 60  # s between SIGTERM and SIGKILL, longer than an edit takes here
_hosts = itertools.count(2)


def _host():
    """Returns a loopback address of its own, as a new pod has a new one."""
    number = next(_hosts)
    return f"127.0.{number // 250}.{1 + number % 250}"


class ServiceReplica:
    """A service's own program, `python -m langdesign_STEM`, at an address of its own."""

    def __init__(self, folder, stem, port, environment):
        self.host = _host()
        self._address = f"{self.host}:{port}"
        self._log = folder / f"{stem}-{self.host}.log"
        self._command = guarded([sys.executable, "-m", f"langdesign_{stem}"], grace=_GRACE)
        self._environment = {
            **os.environ,
            "LANGDESIGN_TELEMETRY_METRICS": "off",
            "LANGDESIGN_TELEMETRY_LEVEL": "warning",
            "LANGDESIGN_AUDIT_TO": "off",
            **environment,
            "LANGDESIGN_LISTEN": self._address,
        }

    async def start(self):
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        try:
            async with asyncio.timeout(_START), grpc.aio.insecure_channel(self._address) as channel:
                await self._serving(health_pb2_grpc.HealthStub(channel))
        except TimeoutError:
            raise AssertionError(f"{self._address} did not start: {self._log.read_text()[-4000:]}") from None

    async def _serving(self, health):
        while self._process.returncode is None:
            try:
                answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=5)
            except grpc.aio.AioRpcError:
                answer = None
            if answer and answer.status == health_pb2.HealthCheckResponse.SERVING:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{self._address} ended: {self._log.read_text()[-4000:]}")

    async def drain(self):
        """Ends it by SIGTERM, and waits until it has ended in order."""
        self._process.terminate()
        code = await self._process.wait()
        assert code == 0, self._log.read_text()[-4000:]

    async def close(self):
        """Ends it at once, with all that it started."""
        self._process.stdin.close()  # to its guard, this process has died
        await self._process.wait()


class TritonReplica:
    """A model server, supervised as in production, at an address of its own."""

    def __init__(self, folder, models, ports, environment):
        self.host = _host()
        # As its manifest says: longer than a connection lasts, so that all callers have turned away.
        self._pause = 1.1 * float(environment["MODEL_SERVER_CONNECTION_AGE"]) + 4
        self._start = lambda: start_triton(
            folder / self.host, models, environment, ports=ports, host=self.host, supervised=True
        )

    async def start(self):
        self._server = self._start()
        await asyncio.to_thread(self._server.wait_until_ready)

    async def drain(self):
        await asyncio.sleep(self._pause)
        self._server.terminate()
        await asyncio.to_thread(self._server.guard.wait, 2 * _GRACE)

    async def close(self):
        await asyncio.to_thread(self._server.close)


class Workload:
    """Replicas of one kind behind one name.

    Attributes:
        target: What a channel to them is opened to.
    """

    def __init__(self, names, name, port, replica):
        self.target = f"dns://127.0.0.1:{names.port}/{name}:{port}"
        self._names, self._replica, self._replicas = names, replica, []

    async def add(self, version):
        """Starts a replica of a version; it is called once it is ready."""
        replica = self._replica(version)
        self._replicas.append(replica)
        await replica.start()  # closed with the others where it fails
        self._names.addresses.append(replica.host)

    async def roll(self, version):
        """Replaces every replica by one of a version, one after another."""
        for _ in range(len(self._replicas)):
            await self.add(version)
            old = self._replicas.pop(0)
            self._names.addresses.remove(old.host)
            try:
                await old.drain()
            finally:
                await old.close()

    async def close(self):
        await asyncio.gather(*(replica.close() for replica in self._replicas))


class Cluster:
    """Workloads, which end with it."""

    def __init__(self, folder):
        self._folder, self._stack, self._ports = folder, AsyncExitStack(), free_ports()

    async def __aenter__(self):
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *error):
        return await self._stack.__aexit__(*error)

    async def services(self, stem, versions, count=2):
        """Starts replicas of a service; `versions` has the environment of each version."""
        port = free_ports().grpc
        return await self._workload(
            stem, port, lambda version: ServiceReplica(self._folder, stem, port, versions[version]), count
        )

    async def model_servers(self, models, versions, count=2):
        """Starts model servers; `versions` has the environment of each version."""
        ports = free_ports()
        return await self._workload(
            "model-server",
            ports.grpc,
            lambda version: TritonReplica(self._folder, models, ports, versions[version]),
            count,
        )

    async def _workload(self, name, port, replica, count):
        names = await self._stack.enter_async_context(name_server())
        workload = Workload(names, name, port, replica)
        self._stack.push_async_callback(workload.close)
        await asyncio.gather(*(workload.add(1) for _ in range(count)))
        return workload


class WrongAnswerError(Exception):
    """A call was answered, and not as it should have been."""


class Load:
    """Callers that call again and again, each after its last answer; keeps what succeeded and what failed.

    Attributes:
        succeeded: Number of calls by name.
        failed: What failed, and how.
    """

    def __init__(self, calls, pause=0.1):
        self._calls, self._pause = calls, pause
        self.succeeded, self.failed = dict.fromkeys(calls, 0), []

    async def __aenter__(self):
        self._stopping = False
        self._callers = [asyncio.create_task(self._call(name)) for name in self._calls]
        return self

    async def __aexit__(self, *error):
        self._stopping = True
        await asyncio.gather(*self._callers)

    async def more(self, count):
        """Waits until every kind of call has succeeded so often again."""
        enough = {name: number + count for name, number in self.succeeded.items()}
        async with asyncio.timeout(300):
            while any(self.succeeded[name] < number for name, number in enough.items()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _call(self, name):
        while not self._stopping:
            try:
                await self._calls[name]()
            except grpc.aio.AioRpcError as error:
                self.failed.append(f"{name}: {error.code().name} {error.details()}")
            except WrongAnswerError as error:
                self.failed.append(f"{name}: {error}")
            else:
                self.succeeded[name] += 1
            await asyncio.sleep(self._pause)


@asynccontextmanager
async def cluster(folder):
    """Gives a cluster of which nothing is left when the context ends."""
    async with Cluster(folder) as running:
        yield running
