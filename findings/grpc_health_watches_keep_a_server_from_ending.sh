#!/usr/bin/env bash
# grpcio and grpcio-health-checking 1.85.1: server.stop(grace) while a client watches the server's health, as every channel with
# healthCheckConfig in its service config does.
#
# Expected: stop(grace) waits for calls that work, at most for so long; a Watch that has told NOT_SERVING, after
# enter_graceful_shutdown(), after which nothing can follow, ends by itself and counts as none.
# Seen: a Watch is a call without end, and stop() waits for it as for an edit: one idle client with nothing under way, and a server
# with a grace of 30 seconds takes 30 seconds to end, every time; without the watch it takes none. Of a rollout's pods each
# takes as long, and where the grace is above the pod's terminationGracePeriodSeconds, all are killed. Sync and aio alike.
#
# So the Watch is a servicer's own, which ends its streams when draining is over; then stop() waits for work alone.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check grpcio==1.85.1 grpcio-health-checking==1.85.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import asyncio
import time
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

GRACE = 4
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def ended(watched):
    """Return the seconds that a server without any work takes to end."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        stub.Check(health_pb2.HealthCheckRequest())
        if watched:
            watch = stub.Watch(health_pb2.HealthCheckRequest())
            next(watch)
        servicer.enter_graceful_shutdown()
        if watched:
            assert next(watch).status == NOT_SERVING
        begin = time.monotonic()
        server.stop(GRACE).wait()
        return time.monotonic() - begin


async def ended_aio(watched):
    """Return the same of grpc.aio."""
    server = grpc.aio.server()
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        await stub.Check(health_pb2.HealthCheckRequest())
        if watched:
            watch = stub.Watch(health_pb2.HealthCheckRequest())
            await watch.read()
        await servicer.enter_graceful_shutdown()
        if watched:
            assert (await watch.read()).status == NOT_SERVING
        begin = time.monotonic()
        await server.stop(GRACE)
        return time.monotonic() - begin


for name, take in {"sync": ended, "aio": lambda watched: asyncio.run(ended_aio(watched))}.items():
    alone, watched = take(watched=False), take(watched=True)
    print(f"{name}: an idle server ends after {alone:.1f} s, and after {watched:.1f} s where its health is watched")
    assert alone < GRACE / 2 and watched > GRACE - 0.1, "watches do not count now"
PYTHON
echo "seen: as described"
