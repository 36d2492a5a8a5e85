"""What a service gets from the chassis while it is built: settings, peers, resources, dependencies."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry

from langdesign_chassis import channels
from langdesign_chassis.errors import StartError
from langdesign_chassis.settings import ChassisSettings

T = TypeVar("T")
Check = Callable[[], Awaitable[bool]]
_log = logging.getLogger(__name__)
_POLL = 0.25
_PROBE_TIMEOUT = 2.0


@dataclass(frozen=True)
class _Dependency:
    name: str
    check: Check
    hint: str


class Runtime:
    """Handed to ``register``. Holds what the service needs; closes it after the last call has ended.

    Attributes:
        settings: Settings of the chassis.
        registry: Register own Prometheus metrics here.
        ready: Whether every dependency has been there once.
        draining: Set when no new call is taken; endless streams end then, to be resumed at another replica.
    """

    def __init__(self, settings: ChassisSettings, registry: CollectorRegistry, stack: AsyncExitStack) -> None:
        self.settings = settings
        self.registry = registry
        self.ready = False
        self.draining = asyncio.Event()
        self._stack = stack
        self._dependencies: list[_Dependency] = []

    def channel(
        self, address: str, *, timeout: float | None = None, forward_identity: bool = True, tls: bool = True
    ) -> grpc.aio.Channel:
        """Open a channel as `channels.channel` does, closed at the end.

        Args:
            address: As for `channels.channel`.
            timeout: As for `channels.channel`.
            forward_identity: As for `channels.channel`.
            tls: Whether to use this process's TLS settings; False for a peer that speaks plaintext only,
                such as Triton.
        """
        opened = channels.channel(
            address,
            timeout=timeout,
            forward_identity=forward_identity,
            tls=self.settings.tls if tls else None,
            keepalive=self.settings.keepalive,
        )
        self._stack.push_async_callback(opened.close)
        return opened

    async def enter(self, resource: AbstractAsyncContextManager[T]) -> T:
        """Enters a resource now; leaves it after the last call has ended, in reverse order."""
        return await self._stack.enter_async_context(resource)

    def wait_for(self, name: str, dependency: grpc.aio.Channel | Check, *, hint: str | None = None) -> None:
        """Make readiness depend on a peer or a check; asked until it is there once.

        Later losses do not unready this service, or all its replicas would leave at once: calls fail instead.

        Args:
            name: Name for logs and errors, such as ``triton``.
            dependency: A channel whose peer's health must be SERVING, or a check that returns True when
                ready; what it raises counts as not yet, except StartError, which ends the start.
            hint: What to do when it does not come; by default: start it, or set its address.
        """
        check = dependency if callable(dependency) else _serving(dependency)
        hint = hint or f"start {name}, or set {name.upper()}_ADDR to where it listens"
        self._dependencies.append(_Dependency(name, check, hint))

    async def until_ready(self) -> None:
        """Wait for every dependency. Raises StartError when one does not come in time."""
        async with asyncio.TaskGroup() as group:
            for dependency in self._dependencies:
                group.create_task(_until_there(dependency, self.settings.startup))
        self.ready = True


def _serving(peer: grpc.aio.Channel) -> Check:
    stub = health_pb2_grpc.HealthStub(peer)

    async def check() -> bool:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=_PROBE_TIMEOUT)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    return check


async def _until_there(dependency: _Dependency, seconds: float) -> None:
    reason = "not ready yet"
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = await _ask(dependency)
                if found is None:
                    break
                if found != reason:
                    _log.warning(
                        "waiting for a dependency", extra={"dependency": dependency.name, "reason": found}
                    )
                reason = found
                await asyncio.sleep(_POLL)
    except TimeoutError as error:
        raise StartError(
            f"{dependency.name} was not ready within {seconds:g} s ({reason})", hint=dependency.hint
        ) from error
    _log.info("dependency is ready", extra={"dependency": dependency.name})


async def _ask(dependency: _Dependency) -> str | None:
    """Return None when the dependency is there, or else why it is not."""
    try:
        return None if await dependency.check() else "not ready yet"
    except StartError:
        raise
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name}: {error.details()}"
    except Exception as error:  # noqa: BLE001 - any failure means not yet; it is told and asked again
        return f"{type(error).__name__}: {error}"
