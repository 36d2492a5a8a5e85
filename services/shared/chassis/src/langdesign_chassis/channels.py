"""Client channels: retries, round robin, keepalive, deadlines and traces that go on downstream."""

import asyncio
import ipaddress
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from langdesign_chassis.callstate import BEHALF_KEY, authorization_var, behalf_var, remaining
from langdesign_chassis.errors import DeadlineExceeded
from langdesign_chassis.settings import KeepaliveSettings, TlsSettings
from langdesign_chassis.tracing import TRACER

MESSAGE_BYTES = 168 * 1024 * 1024
"""Largest message, bytes: an image of 160 MiB and what goes with it."""
_RETRY_BUFFER = MESSAGE_BYTES + 1024 * 1024  # a call larger than the buffer would not be retried
_Continuation = Callable[[grpc.aio.ClientCallDetails, Any], Awaitable[Any]]


def channel(
    address: str,
    *,
    timeout: float | None = None,
    forward_identity: bool = True,
    tls: TlsSettings | None = None,
    keepalive: KeepaliveSettings | None = None,
) -> grpc.aio.Channel:
    """Open a channel to a peer. It connects at its first call, and again after failures.

    UNAVAILABLE is tried up to 4 times with jittered backoff; calls go round robin over the addresses that the
    name has. Inside a call being served, its deadline bounds the downstream calls, and its trace goes on.

    Args:
        address: ``host:port``, or any gRPC target, such as ``ipv4:10.0.0.1:7004,10.0.0.2:7004``.
        timeout: Seconds that a call may take when it is given none, > 0; None means no own limit.
        forward_identity: Whether the caller's bearer token goes along; for peers of this project only.
        tls: With ``ca``, the peer is called over TLS (with ``certificate`` and ``key``: mTLS).
        keepalive: When a silent peer counts as dead.
    """
    options = channel_options(keepalive, address)
    outgoing = _Outgoing(timeout, forward_identity=forward_identity)
    interceptors = [kind(outgoing) for kind in (_UnaryUnary, _UnaryStream, _StreamUnary, _StreamStream)]
    if tls is None or tls.ca is None:
        return grpc.aio.insecure_channel(address, options, interceptors=interceptors)
    return grpc.aio.secure_channel(address, _credentials(tls), options, interceptors=interceptors)


def is_loopback(address: str) -> bool:
    """Return whether ``host:port``, or such a target of gRPC, is on this machine."""
    name = address.rsplit("/", 1)[-1].removeprefix("ipv4:").removeprefix("ipv6:")
    host = name.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def service_config() -> str:
    """Return the gRPC service config of every channel, JSON."""
    retry = {
        "maxAttempts": 4,
        "initialBackoff": "0.1s",
        "maxBackoff": "2s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    return json.dumps(
        {
            "loadBalancingConfig": [{"round_robin": {}}],
            # A peer that starts or drains gets no new calls; one without a health service counts as healthy.
            "healthCheckConfig": {"serviceName": ""},
            "methodConfig": [{"name": [{}], "retryPolicy": retry}],
        }
    )


def channel_options(keepalive: KeepaliveSettings | None = None, address: str = "") -> list[tuple[str, Any]]:
    """Return the options of every channel, for a library that opens its own, such as Triton's client.

    Args:
        keepalive: When a silent peer counts as dead.
        address: Whose channel it is; to this machine, no proxy of the environment lies between.
    """
    keepalive = keepalive or KeepaliveSettings()
    return [
        *([("grpc.enable_http_proxy", 0)] if is_loopback(address) else []),
        ("grpc.service_config", service_config()),
        ("grpc.per_rpc_retry_buffer_size", _RETRY_BUFFER),
        ("grpc.keepalive_time_ms", int(keepalive.time * 1000)),
        ("grpc.keepalive_timeout_ms", int(keepalive.timeout * 1000)),
        ("grpc.http2.ping_timeout_ms", int(keepalive.timeout * 1000)),  # or a ping under way counts 60 s
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1000),
        # A name is asked for again when a connection ends; by default not before 30 s are over, in which
        # calls would fail where a replica has gone, and a new one would get none.
        ("grpc.dns_min_time_between_resolutions_ms", 2000),
        ("grpc.max_send_message_length", MESSAGE_BYTES),
        ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ]


def _credentials(tls: TlsSettings) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(_bytes(tls.ca), _bytes(tls.key), _bytes(tls.certificate))


def _bytes(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()


class _Outgoing:
    """What every downstream call gets: its share of the deadline, the trace, the caller's token."""

    def __init__(self, timeout: float | None, *, forward_identity: bool) -> None:
        self._timeout, self._forward_identity = timeout, forward_identity
        self._ending: set[asyncio.Task[None]] = set()

    async def start(
        self, continuation: _Continuation, details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        timeout = self._time(details.timeout)
        method = _text(details.method)
        span = trace.get_tracer(TRACER).start_span(method.strip("/"), kind=SpanKind.CLIENT)
        sent = grpc.aio.ClientCallDetails(
            details.method,
            timeout,
            self._metadata(details, span),
            details.credentials,
            details.wait_for_ready,
        )
        call = await continuation(sent, request)
        call.add_done_callback(lambda done: self._finish(done, span))
        return call

    def _time(self, asked: float | None) -> float | None:
        own = self._timeout if asked is None else asked
        left = remaining()
        if left == 0:
            raise DeadlineExceeded("no time is left for a downstream call", hint="give the call more time")
        return min((value for value in (own, left) if value is not None), default=None)

    def _metadata(self, details: grpc.aio.ClientCallDetails, span: Span) -> grpc.aio.Metadata:
        metadata = grpc.aio.Metadata(*(details.metadata or ()))
        carrier: dict[str, str] = {}
        propagate.inject(carrier, trace.set_span_in_context(span))
        for key, value in carrier.items():
            metadata[key] = value
        token = authorization_var.get()
        if self._forward_identity and token is not None and not metadata.get_all("authorization"):
            metadata["authorization"] = token
            if (behalf := behalf_var.get()) is not None:
                metadata[BEHALF_KEY] = behalf
        return metadata

    def _finish(self, call: grpc.aio.Call, span: Span) -> None:
        task = asyncio.ensure_future(_end_span(call, span))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _text(method: str | bytes) -> str:
    """Return text as str: the stubs say str, and grpc.aio hands bytes."""
    return method.decode() if isinstance(method, bytes) else method


async def _end_span(call: grpc.aio.Call, span: Span) -> None:
    code = await call.code()
    span.set_attribute("rpc.grpc.status_code", code.value[0])
    if code is not grpc.StatusCode.OK:
        span.set_status(Status(StatusCode.ERROR, code.name))
    span.end()


class _Interceptor:
    def __init__(self, outgoing: _Outgoing) -> None:
        self._outgoing = outgoing


class _UnaryUnary(_Interceptor, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._outgoing.start(continuation, client_call_details, request)


class _UnaryStream(_Interceptor, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return await self._outgoing.start(continuation, client_call_details, request)


class _StreamUnary(_Interceptor, grpc.aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self._outgoing.start(continuation, client_call_details, request_iterator)


class _StreamStream(_Interceptor, grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        return await self._outgoing.start(continuation, client_call_details, request_iterator)
