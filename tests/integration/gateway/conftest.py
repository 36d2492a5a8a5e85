"""The gateway as clients meet it: the real Envoy, as it is configured, before a service on the chassis."""

import asyncio
import http.client
import json
import signal
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import grpc
import pytest
from grpc import StatusCode
from grpc_health.v1 import health, health_pb2_grpc
from langdesign.design.v1 import design_pb2, design_pb2_grpc
from langdesign_chassis.settings import DrainSettings
from langdesign_chassis.testing import serving, test_settings

SERVE = Path(__file__).parents[3] / "deploy/gateway/serve.py"
DESIGN = "langdesign.design.v1.DesignService"
BODY_BYTES = 4096


class Designs(design_pb2_grpc.DesignServiceServicer):
    """Answers by the name it is asked for, and counts."""

    def __init__(self):
        self.calls = 0
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()

    async def GetDesign(self, request, context):
        self.calls += 1
        if request.name == "designs/down":
            await context.abort(StatusCode.UNAVAILABLE, "down for once")
        if request.name == "designs/slow":
            await self.go_on.wait()
        return design_pb2.GetDesignResponse(design=design_pb2.Design(name=request.name))

    async def CreateDesign(self, request, context):
        await self.go_on.wait()
        return design_pb2.CreateDesignResponse()

    async def WatchDesign(self, request, context):
        yield design_pb2.WatchDesignResponse(revision=1)
        self.begun.set()
        await self.go_on.wait()
        yield design_pb2.WatchDesignResponse(revision=2)


class Gateway:
    """A running gateway: its address, its process and the servicer behind it."""

    WEB = MappingProxyType({"content_type": "application/grpc-web+proto", "x_grpc_web": "1"})
    BODY_BYTES = BODY_BYTES

    def __init__(self, port, process, designs):
        self.port, self.process, self.designs = port, process, designs

    def channel(self):
        options = [("grpc.enable_retries", 0)]  # each call once, so that the gateway's own tries are seen
        return grpc.aio.insecure_channel(f"127.0.0.1:{self.port}", options)

    @asynccontextmanager
    async def stub(self):
        async with self.channel() as channel:
            yield design_pb2_grpc.DesignServiceStub(channel)

    async def http(self, method, path, body=None, **headers):
        return await asyncio.to_thread(self._http, method, path, body, headers)

    def open(self, method, path, body=None, **headers):
        """Returns a connection and the answer on it, whose body is unread."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        spelt = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, spelt)
        return connection, connection.getresponse()

    async def web(self, path, name, **headers):
        """Calls a method as a browser does; returns the HTTP answer, its messages and its trailers."""
        answer = await self.http("POST", path, self.asking(name), **self.WEB | headers)
        messages, trailers = self.frames(answer.body)
        return answer, messages, trailers

    @staticmethod
    def asking(name):
        message = design_pb2.GetDesignRequest(name=name).SerializeToString()
        return b"\0" + len(message).to_bytes(4, "big") + message

    @staticmethod
    def frames(data):
        """Messages and trailers of a gRPC-Web body."""
        messages, trailers = [], {}
        while data:
            flag, length = data[0], int.from_bytes(data[1:5], "big")
            content, data = data[5 : 5 + length], data[5 + length :]
            if flag & 0x80:
                trailers = dict(line.split(":", 1) for line in content.decode().strip().split("\r\n"))
            else:
                messages.append(content)
        return messages, trailers

    def _http(self, method, path, body, headers):
        connection, answer = self.open(method, path, body, **headers)
        answer.body = answer.read()
        connection.close()
        return answer


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def page(tmp_path):
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<script>document.title = 'LangDesign'</script>")
    (folder / "assets/app-1a2b.js").write_text("export {};\n" * 500)
    (folder / "config.json").write_text(json.dumps({"samples": [{"url": "/samples/room.png"}]}))
    (folder / ".hidden.json").write_text("{}")
    return folder


@dataclass(frozen=True)
class Replica:
    """A service that stops when a test says so."""

    server: grpc.aio.Server
    address: str
    designs: Designs


@pytest.fixture
async def replica():
    """Starts a replica, which takes calls whether or not it says that it is healthy."""
    servers = []

    async def begin(*, healthy):
        designs, server = Designs(), grpc.aio.server()
        design_pb2_grpc.add_DesignServiceServicer_to_server(designs, server)
        if healthy:
            health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        servers.append(server)
        return Replica(server, address, designs)

    yield begin
    for server in servers:
        await server.stop(0)


@pytest.fixture
async def start(tmp_path, page):
    """Starts a service and a gateway before it, with more settings of either."""
    running = []

    async def begin(chassis=None, **variables):
        designs = Designs()
        service = serving(
            lambda server, _: design_pb2_grpc.add_DesignServiceServicer_to_server(designs, server),
            DESIGN,
            settings=test_settings(drain=DrainSettings(delay=0, grace=0), **(chassis or {})),
        )
        served = await service.__aenter__()
        port = free_port()
        variables = {
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "GATEWAY_ADMIN": f"127.0.0.1:{free_port()}",
            "GATEWAY_PAGE": page,
            "GATEWAY_STATE": tmp_path / "state",
            "GATEWAY_THREADS": 1,
            "GATEWAY_BODY_BYTES": BODY_BYTES,
            "DESIGN_ADDR": served.address,
            "LANGDESIGN_DRAIN_DELAY": 0,
            "LANGDESIGN_DRAIN_GRACE": 10,
        } | variables
        command = [sys.executable, SERVE, *(f"{name}={value}" for name, value in variables.items())]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        running.append((process, service))
        gateway = Gateway(port, process, designs)
        await asyncio.wait_for(_healthy(gateway), 30)
        return gateway

    yield begin
    for process, service in running:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)  # the second does not wait for the drain
        await process.communicate()
        await service.__aexit__(None, None, None)


async def _healthy(gateway):
    while gateway.process.returncode is None:
        try:
            if (await gateway.http("GET", "/healthz")).status == 200:
                return
        except OSError:
            pass
        await asyncio.sleep(0.05)
    pytest.fail("the gateway ended")
