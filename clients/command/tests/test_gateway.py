"""The gateway of a local run: a real Envoy before a real server and the page."""

import asyncio
import os
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health import HealthServicer
from langdesign.design.v1 import design_pb2_grpc
from langdesign_client import Client, Connection, designs, everywhere
from langdesign_command.local.gateway import gateway_command
from langdesign_command.local.guard import start_guarded
from langdesign_command.local.health import until_healthy
from langdesign_command.local.stack import Service
from langdesign_command.local.testing import free_ports

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def gateway(tmp_path, serve_in_threads, designing):
    """Starts the gateway before a server that keeps designs in memory; returns its host:port."""

    def add(server):
        design_pb2_grpc.add_DesignServiceServicer_to_server(designing(), server)
        health_pb2_grpc.add_HealthServicer_to_server(HealthServicer(), server)

    ports, served = free_ports(), serve_in_threads(add)
    command, environment = gateway_command(
        ROOT,
        tmp_path,
        {**os.environ, "DESIGN_ADDR": served, "PYTHONSAFEPATH": "1", "LANGDESIGN_DRAIN_DELAY": "0"},
        listen=f"127.0.0.1:{ports.http}",
        admin=f"127.0.0.1:{ports.metrics}",
    )
    process = await start_guarded(command, environment=environment, grace=10)
    service = Service("gateway", ports={"http": ports.http}, health="/healthz")
    await asyncio.wait_for(until_healthy(service, 0), 30)
    yield f"127.0.0.1:{ports.http}"
    process.terminate()
    await process.communicate()


def get(gateway, path):
    with urllib.request.urlopen(f"http://{gateway}{path}") as answer:
        return answer.headers["content-type"], answer.read()


async def test_the_client_reaches_every_service_at_one_address(gateway, picture):
    with Client(Connection(addresses=everywhere(gateway))) as client:
        made = client.call(designs.create(picture, "Bedroom"))
        told = list(client.create_nodes(made.root, "Paint it"))

    assert (made.title, told[-1].state) == ("Bedroom", "ready")


async def test_the_page_is_served_at_its_own_paths_and_files_by_their_kind(gateway):
    assert get(gateway, "/")[0].startswith("text/html")
    assert get(gateway, "/designs/1/nodes/2") == get(gateway, "/")
    assert get(gateway, "/config.json")[0] == "application/json"
    kind, data = get(gateway, "/samples/bedroom.png")
    assert (kind, data[:4]) == ("image/png", b"\x89PNG")
    for path in ("/nothing.js", "/%2e%2e/envoy.yaml"):
        with pytest.raises(urllib.error.HTTPError, match="40"):
            get(gateway, path)
