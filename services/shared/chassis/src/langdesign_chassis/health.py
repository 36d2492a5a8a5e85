"""Health of a service: NOT_SERVING until its dependencies are there, SERVING, NOT_SERVING once it drains."""

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc


class Health:
    """The standard health service, for each served service and for the whole (the empty name).

    Args:
        server: Where it is added.
        services: Full names of the served services.
    """

    def __init__(self, server: grpc.aio.Server, services: Sequence[str]) -> None:
        self._names = (*services, "")
        self._servicer = _Servicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def starting(self) -> None:
        """Answers NOT_SERVING from now on."""
        await self._set(health_pb2.HealthCheckResponse.NOT_SERVING)

    async def serving(self) -> None:
        """Answers SERVING from now on."""
        await self._set(health_pb2.HealthCheckResponse.SERVING)

    async def draining(self) -> None:
        """Answers NOT_SERVING from now on, for good."""
        await self._servicer.enter_graceful_shutdown()

    def close(self) -> None:
        """End the watches: a server waits for its open calls before it stops."""
        self._servicer.closing.set()

    async def _set(self, status: health_pb2.HealthCheckResponse.ServingStatus.ValueType) -> None:
        for name in self._names:
            await self._servicer.set(name, status)


class _Servicer(health.aio.HealthServicer):  # type: ignore[misc]  # the base class has no types
    def __init__(self) -> None:
        super().__init__()
        self.closing = asyncio.Event()

    async def Watch(self, request: Any, context: Any) -> None:  # noqa: N802 - the contract's name
        tasks = [
            asyncio.ensure_future(wait) for wait in (super().Watch(request, context), self.closing.wait())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
