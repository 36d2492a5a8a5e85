"""Starts, serves and drains one gRPC service."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from opentelemetry.trace import TracerProvider

from langdesign_chassis import audit, logs, tracing
from langdesign_chassis.credentials import check, server_credentials
from langdesign_chassis.errors import StartError
from langdesign_chassis.health import Health
from langdesign_chassis.interceptors import (
    Audit,
    Auth,
    DeadlineLayer,
    Errors,
    Layer,
    Leftovers,
    Limits,
    Telemetry,
    Validation,
)
from langdesign_chassis.memory import give_back_leftovers
from langdesign_chassis.metrics import CallMetrics, metrics_page, new_registry
from langdesign_chassis.reflection import add_reflection
from langdesign_chassis.runtime import Runtime
from langdesign_chassis.settings import ChassisSettings, DrainSettings, split_address

if TYPE_CHECKING:
    from langdesign_chassis.keys import KeySet

Register = Callable[[grpc.aio.Server, Runtime], Awaitable[None]]
_PING_INTERVAL_MS = 500  # clients may ping this often before they are told to calm down
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """A started service.

    Attributes:
        runtime: What it was built with.
        address: Where it listens, host:port.
        metrics_port: Port of its Prometheus page, if any.
        readiness: Ends when every dependency is there; raises what ends the start.
    """

    runtime: Runtime
    address: str
    metrics_port: int | None
    readiness: asyncio.Task[None]


async def serve(
    *,
    name: str,
    settings: ChassisSettings,
    register: Register,
    services: Sequence[str],
    scopes: Mapping[str, str] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain and return.

    Args:
        name: The service's stem, such as ``editing``; its name in logs and traces.
        settings: Settings of the chassis.
        register: Builds the service's parts and adds its servicers to the server.
        services: Full names of the served services, for health and reflection.
        scopes: Scope by full method name, where a method needs another than the service's stem.

    Raises:
        StartError: The service cannot start; nothing of it is left running.
    """
    logs.configure(settings.telemetry, name)
    audit.configure(settings.audit, name)
    provider = tracing.new_provider(settings.telemetry, name)
    tracing.install(provider)
    stop = _stop_on_signals()
    try:
        async with running(settings, register, services, scopes or {}, provider) as service:
            _log.info("listening", extra={"address": service.address, "metrics_port": service.metrics_port})
            await _first(service.readiness, stop)
            await stop.wait()
    finally:
        await asyncio.to_thread(provider.shutdown)
    _log.info("stopped")


@asynccontextmanager
async def running(
    settings: ChassisSettings,
    register: Register,
    services: Sequence[str],
    scopes: Mapping[str, str],
    provider: TracerProvider,
) -> AsyncIterator[Running]:
    """Start a service, and drain it on leaving; `serve` without signals and process-wide settings."""
    check(settings.tls)
    async with AsyncExitStack() as stack:
        registry = new_registry()
        metrics_port = stack.enter_context(metrics_page(settings.metrics_address, registry))
        runtime = Runtime(settings, registry, stack)
        keys = await _keys(settings)
        layers: list[Layer] = [
            Leftovers(),
            Telemetry(provider.get_tracer(tracing.TRACER), CallMetrics(registry)),
            *([] if settings.audit.to == "off" else [Audit(settings.audit)]),
            Errors(),
            Auth(settings.auth, keys, scopes),
            DeadlineLayer(settings.deadline),
            Validation(),
            Limits(settings.limits, lambda: runtime.ready),
        ]
        server = grpc.aio.server(interceptors=layers, options=_options(settings))
        stack.push_async_callback(
            server.stop, 0
        )  # for a start that fails; a drained server is stopped already
        await register(server, runtime)
        checks = Health(server, services)
        await checks.starting()
        add_reflection(server, services)
        port = _bind(server, settings)
        await server.start()
        readiness = asyncio.create_task(_become_ready(runtime, checks))
        host, _ = split_address(settings.listen)
        try:
            yield Running(runtime, f"{host}:{port}", metrics_port, readiness)
        finally:
            readiness.cancel()
            await asyncio.wait([readiness])
            await _drain(server, checks, settings.drain, runtime.draining)


async def _keys(settings: ChassisSettings) -> "KeySet | None":
    if settings.auth.mode == "off" or settings.auth.jwks is None:
        return None
    # Seven megabytes with cryptography, which a process that checks no tokens does without.
    from langdesign_chassis.keys import KeySet  # noqa: PLC0415

    keys = KeySet(settings.auth.jwks, settings.auth.jwks_lifetime)
    await keys.load()
    return keys


def _options(settings: ChassisSettings) -> list[tuple[str, Any]]:
    keepalive = settings.keepalive
    return [
        ("grpc.so_reuseport", 0),  # or else two servers share a port without a word
        ("grpc.max_send_message_length", settings.limits.message_bytes),
        ("grpc.max_receive_message_length", settings.limits.message_bytes),
        ("grpc.keepalive_time_ms", int(keepalive.time * 1000)),
        ("grpc.keepalive_timeout_ms", int(keepalive.timeout * 1000)),
        ("grpc.http2.ping_timeout_ms", int(keepalive.timeout * 1000)),  # or a ping under way counts 60 s
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.http2.min_ping_interval_without_data_ms", _PING_INTERVAL_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_connection_age_ms", int(keepalive.max_connection_age * 1000)),
        ("grpc.max_connection_age_grace_ms", int(keepalive.max_connection_age_grace * 1000)),
    ]


def _bind(server: grpc.aio.Server, settings: ChassisSettings) -> int:
    credentials = server_credentials(settings.tls)
    try:
        _probe(*split_address(settings.listen))
        if credentials is None:
            return server.add_insecure_port(settings.listen)
        return server.add_secure_port(settings.listen, credentials)
    except (OSError, RuntimeError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "gRPC could not bind it"
        raise StartError(
            f"cannot listen on {settings.listen} ({reason})",
            hint="stop what listens there, or set LANGDESIGN_LISTEN to another address",
        ) from error


def _probe(host: str, port: int) -> None:
    """Binds and lets go: the system's error says why, where gRPC's says nothing and logs past our format."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()


async def _become_ready(runtime: Runtime, checks: Health) -> None:
    await runtime.until_ready()
    give_back_leftovers()
    await checks.serving()
    _log.info("serving")


async def _drain(
    server: grpc.aio.Server, checks: Health, drain: DrainSettings, draining: asyncio.Event
) -> None:
    await checks.draining()
    _log.info("draining", extra={"delay": drain.delay, "grace": drain.grace})
    await asyncio.sleep(drain.delay)
    checks.close()
    draining.set()
    await server.stop(drain.grace)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _first(readiness: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Wait for readiness or for the stop; raise what ended the start."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([readiness, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    if readiness.done():
        with contextlib.suppress(asyncio.CancelledError):
            readiness.result()
