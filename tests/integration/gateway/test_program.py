"""The gateway as a page's server and as a program: what it serves, how it starts, drains and ends."""

import asyncio
import gzip
import hashlib
import json
import os
import sys
import time
from base64 import b64encode
from pathlib import Path

import psutil
import pytest
from langdesign.design.v1 import design_pb2

SERVE = Path(__file__).parents[3] / "deploy/gateway/serve.py"
GET = "/langdesign.design.v1.DesignService/GetDesign"


async def test_the_page_is_served_with_its_types_its_ages_and_its_policy(start, page):
    gateway = await start()
    index = await gateway.http("GET", "/")
    script = (page / "index.html").read_text().removeprefix("<script>").removesuffix("</script>")
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
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
        ({"DESIGN_ADDR": "ipv4:10.0.0.1:7005,10.0.0.2"}, "ipv4:10.0.0.1:7005,10.0.0.2:7005"),
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
