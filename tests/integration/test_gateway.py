"""The gateway as clients meet it: the real Envoy, as it is configured, before a service on the chassis."""

import asyncio
import gzip
import hashlib
import http.client
import json
import os
import signal
import socket
import sys
import time
from base64 import b64encode
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import psutil
import pytest
from grpc import StatusCode
from langdesign.design.v1 import design_pb2, design_pb2_grpc
from langdesign_chassis.settings import DrainSettings
from langdesign_chassis.testing import Issuer, serving, test_settings

SERVE = Path(__file__).parents[2] / "deploy/gateway/serve.py"
DESIGN = "langdesign.design.v1.DesignService"
GET, WATCH = f"/{DESIGN}/GetDesign", f"/{DESIGN}/WatchDesign"
SCRIPT = "document.title = 'LangDesign'"
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

    async def WatchDesign(self, request, context):
        yield design_pb2.WatchDesignResponse(revision=1)
        self.begun.set()
        await self.go_on.wait()
        yield design_pb2.WatchDesignResponse(revision=2)


class Gateway:
    """A running gateway: its address, its process and the servicer behind it."""

    def __init__(self, port, process, designs):
        self.port, self.process, self.designs = port, process, designs

    @asynccontextmanager
    async def stub(self):
        options = [("grpc.enable_retries", 0)]  # each call once, so that the gateway's own tries are seen
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.port}", options) as channel:
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
        answer = await self.http("POST", path, asking(name), **WEB | headers)
        messages, trailers = frames(answer.body)
        return answer, messages, trailers

    def _http(self, method, path, body, headers):
        connection, answer = self.open(method, path, body, **headers)
        answer.body = answer.read()
        connection.close()
        return answer


WEB = {"content_type": "application/grpc-web+proto", "x_grpc_web": "1"}


def asking(name):
    message = design_pb2.GetDesignRequest(name=name).SerializeToString()
    return b"\0" + len(message).to_bytes(4, "big") + message


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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def page(tmp_path):
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(f"<script>{SCRIPT}</script>")
    (folder / "assets/app-1a2b.js").write_text("export {};\n" * 500)
    (folder / "config.json").write_text(json.dumps({"samples": [{"url": "/samples/room.png"}]}))
    (folder / ".hidden.json").write_text("{}")
    return folder


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


async def test_native_calls_and_streams_pass(start):
    gateway = await start()
    async with gateway.stub() as stub:
        answer = await stub.GetDesign(design_pb2.GetDesignRequest(name="designs/a"))
        assert answer.design.name == "designs/a"
        told = aiter(stub.WatchDesign(design_pb2.WatchDesignRequest(name="designs/a")))
        assert (await anext(told)).revision == 1, "the first message comes before the stream ends"
        gateway.designs.go_on.set()
        assert [one.revision async for one in told] == [2]


async def test_a_browser_calls_and_streams_over_http_1(start):
    gateway = await start()
    answer, messages, trailers = await gateway.web(GET, "designs/a")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/grpc-web+proto")
    assert design_pb2.GetDesignResponse.FromString(messages[0]).design.name == "designs/a"
    assert trailers["grpc-status"] == "0"

    connection, told = await asyncio.to_thread(gateway.open, "POST", WATCH, asking("designs/a"), **WEB)
    first, _ = frames(await asyncio.to_thread(told.read1))
    assert design_pb2.WatchDesignResponse.FromString(first[0]).revision == 1
    gateway.designs.go_on.set()
    rest, trailers = frames(await asyncio.to_thread(told.read))
    connection.close()
    assert design_pb2.WatchDesignResponse.FromString(rest[0]).revision == 2
    assert trailers["grpc-status"] == "0"


async def test_a_deadline_is_the_callers_and_kept_by_the_service(start):
    gateway = await start()
    answer, _, _ = await gateway.web(GET, "designs/slow", grpc_timeout="200m")
    assert answer.headers["grpc-status"] == str(StatusCode.DEADLINE_EXCEEDED.value[0])


async def test_a_call_that_failed_is_never_sent_again_whatever_its_caller_asks(start):
    gateway = await start()
    wanted = {"x_envoy_retry_on": "5xx", "x_envoy_retry_grpc_on": "unavailable", "x_envoy_max_retries": "3"}
    answer, _, trailers = await gateway.web(GET, "designs/down", **wanted)
    status = trailers.get("grpc-status") or answer.headers["grpc-status"]
    assert status == str(StatusCode.UNAVAILABLE.value[0])
    assert gateway.designs.calls == 1


async def test_a_token_is_checked_before_anything_reaches_a_service(start, tmp_path):
    issuer = Issuer()
    auth = issuer.settings(tmp_path)
    gateway = await start(
        {"auth": auth},
        LANGDESIGN_AUTH_MODE="jwt",
        LANGDESIGN_AUTH_ISSUER=auth.issuer,
        LANGDESIGN_AUTH_AUDIENCE=auth.audience,
        LANGDESIGN_AUTH_JWKS=auth.jwks,
        GATEWAY_ORIGINS="https://studio.example",
    )

    async def status(token):
        given = {"authorization": f"Bearer {token}"} if token else {}
        answer, _, trailers = await gateway.web(GET, "designs/a", **given)
        return answer.status, trailers.get("grpc-status")

    assert await status(issuer.token(scope="design")) == (200, "0")
    assert await status(None) == (401, None)
    assert await status(issuer.token(scope="design", lifetime=-300)) == (401, None)
    assert await status(Issuer().token(scope="design")) == (401, None)
    assert await status(issuer.token(scope="design", aud="another")) == (403, None)
    assert gateway.designs.calls == 1
    refusal, _, _ = await gateway.web(GET, "designs/a", origin="https://studio.example")
    assert refusal.headers["access-control-allow-origin"] == "https://studio.example", "its page is told why"
    async with gateway.stub() as stub:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetDesign(design_pb2.GetDesignRequest(name="designs/a"))
        assert refused.value.code() is StatusCode.UNAUTHENTICATED
    assert (await gateway.http("GET", "/")).status == 200, "the page itself asks for the token"
    assert json.loads((await gateway.http("GET", "/config.json")).body)["auth"] == "token"


async def test_pages_of_named_origins_may_call_and_no_others(start):
    gateway = await start(GATEWAY_ORIGINS="https://studio.example, https://other.example")
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "x-grpc-web"}

    allowed = await gateway.http("OPTIONS", GET, origin="https://studio.example", **asked)
    assert allowed.status == 200
    assert allowed.headers["access-control-allow-origin"] == "https://studio.example"
    assert "x-grpc-web" in allowed.headers["access-control-allow-headers"]
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    refused = await gateway.http("OPTIONS", GET, origin="https://evil.example", **asked)
    assert "access-control-allow-origin" not in refused.headers

    answer, _, _ = await gateway.web(GET, "designs/a", origin="https://studio.example")
    assert answer.headers["access-control-allow-origin"] == "https://studio.example"
    exposed = set(answer.headers["access-control-expose-headers"].split(","))
    assert exposed == {"grpc-status", "grpc-message", "grpc-status-details-bin"}


async def test_what_is_too_large_is_413_and_the_page_knows_the_limit_before(start):
    gateway = await start()
    assert (await gateway.http("POST", GET, bytes(BODY_BYTES + 1), **WEB)).status == 413
    assert (await gateway.http("POST", GET, bytes(BODY_BYTES), **WEB)).status == 200
    config = json.loads((await gateway.http("GET", "/config.json")).body)
    assert config["maxRequestBytes"] == BODY_BYTES
    assert gateway.designs.calls == 0, "neither was a message"


async def test_who_sends_too_many_requests_is_told_so(start):
    gateway = await start(GATEWAY_RATE=1, GATEWAY_BURST=20)
    answers = [(await gateway.web(GET, "designs/a"))[0] for _ in range(25)]
    refused = [one for one in answers if one.status == 429]
    assert refused
    assert answers[0].status == 200
    assert refused[0].headers["cache-control"] == "no-store"
    async with gateway.stub() as stub:
        calls = [stub.GetDesign(design_pb2.GetDesignRequest(name="designs/a")) for _ in range(5)]
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await asyncio.gather(*calls)
        assert error.value.code() is StatusCode.RESOURCE_EXHAUSTED


async def test_the_page_is_served_with_its_types_its_ages_and_its_policy(start):
    gateway = await start()
    index = await gateway.http("GET", "/")
    digest = b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = index.headers["content-security-policy"]
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "frame-ancestors 'none'" in policy
    assert index.headers["cache-control"] == "no-cache"
    for path in ("/designs/a/nodes/b", "/index.html"):
        again = await gateway.http("GET", path)
        assert (again.body, again.headers["content-security-policy"]) == (index.body, policy), path

    asset = await gateway.http("GET", "/assets/app-1a2b.js", accept_encoding="gzip")
    assert asset.headers["content-type"].startswith("text/javascript")
    assert "immutable" in asset.headers["cache-control"]
    assert gzip.decompress(asset.body).startswith(b"export {};")
    brotli = await gateway.http("GET", "/assets/app-1a2b.js", accept_encoding="gzip, br")
    assert brotli.headers["content-encoding"] == "br"
    config = await gateway.http("GET", "/config.json")
    assert json.loads(config.body)["samples"] == [{"url": "/samples/room.png"}]
    for answer in (index, asset, config):
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_not_of_the_page_is_not_found_and_not_kept(start):
    gateway = await start()
    for path in ("/assets/old-9z.js", "/nothing.png", "/.hidden.json", "/../state/envoy.yaml"):
        answer = await gateway.http("GET", path)
        assert (answer.status, answer.headers["cache-control"]) == (404, "no-store"), path


async def test_no_service_and_no_method_is_reached_that_is_not_offered(start):
    gateway = await start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{gateway.port}") as channel:
        for method in ("/langdesign.design.v2.X/Y", "/grpc.health.v1.Health/Check", f"/{DESIGN}/Nothing"):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_unary(method)(b"")
            assert refused.value.code() is StatusCode.UNIMPLEMENTED, method


async def test_a_drain_turns_it_unready_and_lets_calls_end(start):
    gateway = await start(LANGDESIGN_DRAIN_DELAY=1)
    async with gateway.stub() as stub:
        told = aiter(stub.WatchDesign(design_pb2.WatchDesignRequest(name="designs/a")))
        assert (await anext(told)).revision == 1
        gateway.process.terminate()
        while (await gateway.http("GET", "/alive")).status == 200:
            pass
        assert (await gateway.web(GET, "designs/a"))[0].status == 200, "it still takes what comes"
        gateway.designs.go_on.set()
        assert [one.revision async for one in told] == [2]
    began = time.monotonic()
    assert await asyncio.wait_for(gateway.process.wait(), 8) == 0
    assert time.monotonic() - began < 8, "it ends when nothing is under way, not when the grace is over"


async def test_envoy_ends_with_the_program_that_started_it(start):
    gateway = await start()
    (envoy,) = psutil.Process(gateway.process.pid).children()
    gateway.process.kill()
    await gateway.process.wait()
    assert psutil.wait_procs([envoy], timeout=10)[1] == []


async def test_envoy_accepts_what_a_cluster_sets(page, tmp_path):
    """Keys over https, a page for Prometheus, limits and other origins, none of which a laptop has."""
    cluster = (SERVE.parents[1] / "base/gateway/settings.env").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in cluster if not line.startswith("#")) | {
        "GATEWAY_PAGE": str(page),
        "GATEWAY_ORIGINS": "https://studio.example",
        "LANGDESIGN_AUTH_MODE": "jwt",
        "LANGDESIGN_AUTH_ISSUER": "https://login.example/",
        "LANGDESIGN_AUTH_AUDIENCE": "langdesign",
        "LANGDESIGN_AUTH_JWKS": "https://login.example/jwks.json",
    }
    script = "import os, render, settings; print(render.render(settings.read(os.environ)))"
    rendered = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        cwd=SERVE.parent,
        env=os.environ | variables,
        stdout=asyncio.subprocess.PIPE,
    )
    (tmp_path / "envoy.yaml").write_bytes((await rendered.communicate())[0])
    envoy = Path(sys.executable).parent / "envoy"
    arguments = ["--mode", "validate", "-l", "error", "-c", tmp_path / "envoy.yaml"]
    validated = await asyncio.create_subprocess_exec(envoy, *arguments, stdout=asyncio.subprocess.PIPE)
    told, _ = await validated.communicate()
    assert (validated.returncode, b"OK" in told) == (0, True), told


async def test_each_request_is_a_line_without_its_query_or_its_token(start):
    gateway = await start()
    await gateway.web(GET, "designs/a", authorization="Bearer secret")
    await gateway.http("GET", "/?token=secret")
    gateway.process.terminate()
    out, _ = await gateway.process.communicate()
    lines = [json.loads(line) for line in out.decode().splitlines()]
    call = next(line for line in lines if line["path"] == GET)
    assert (call["status"], call["service"]) == (200, "design")
    assert "secret" not in out.decode()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"GATEWAY_LISTEN": "0.0.0.0:1"}, "authentication is off"),
        ({"GATEWAY_ADMIN": "0.0.0.0:1"}, "GATEWAY_ADMIN"),
        ({"GATEWAY_RATES": "1"}, "GATEWAY_RATES is no setting"),
        ({"GATEWAY_BURST": "none"}, "GATEWAY_BURST=none"),
        ({"GATEWAY_PAGE": "/nowhere"}, "make web"),
        ({"LANGDESIGN_AUTH_MODE": "jwt", "LANGDESIGN_AUTH_JWKS": "http://a/jwks"}, "forged"),
    ],
)
async def test_a_wrong_setting_is_named(page, variables, said):
    given = {"GATEWAY_PAGE": str(page), "DESIGN_ADDR": "127.0.0.1:7005"} | variables
    command = [sys.executable, SERVE, *(f"{name}={value}" for name, value in given.items())]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, error = await process.communicate()
    assert (process.returncode, said in error.decode()) == (2, True), error


@pytest.mark.long
async def test_a_stream_that_is_silent_for_longer_than_envoys_own_timeout_is_not_cut(start):
    gateway = await start()
    asyncio.get_running_loop().call_later(20, gateway.designs.go_on.set)
    _, messages, trailers = await gateway.web(WATCH, "designs/a")
    assert (len(messages), trailers["grpc-status"]) == (2, "0")
