"""Whether a local service is healthy."""

import asyncio
import urllib.error
import urllib.request

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from langdesign_command.local.stack import HOST, Service, address

_PAUSE = 0.1  # seconds between two looks
# What is on this machine is asked directly, whatever proxy the environment names.
_DIRECT = (("grpc.enable_http_proxy", 0),)
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def until_healthy(service: Service, offset: int) -> None:
    """Return when the service is healthy; the caller bounds the time."""
    if service.health is not None:
        url = f"http://{HOST}:{service.ports['http'] + offset}{service.health}"
        while not await asyncio.to_thread(_page_is_up, url):  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(_PAUSE)
        return
    async with grpc.aio.insecure_channel(address(service, offset), _DIRECT) as channel:
        while not await _serves(channel):  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(_PAUSE)


async def _serves(channel: grpc.aio.Channel) -> bool:
    try:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=2)
    except grpc.aio.AioRpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _page_is_up(url: str) -> bool:
    try:
        with _DIRECTLY.open(url, timeout=2) as page:
            return bool(page.status == 200)
    except (urllib.error.URLError, OSError):
        return False
