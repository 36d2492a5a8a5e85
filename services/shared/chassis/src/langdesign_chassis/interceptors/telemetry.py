"""A span, metrics and a log line for every call."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from opentelemetry import propagate
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from langdesign_chassis.interceptors.layer import Context, Layer
from langdesign_chassis.interceptors.outcome import Outcome, outcome_of
from langdesign_chassis.metrics import CallMetrics

_log = logging.getLogger(__name__)
_SERVER_FAULTS = frozenset(
    {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
)


class Telemetry(Layer):
    """Continues the caller's trace, counts the call, and logs how it ended.

    Args:
        tracer: Makes the spans.
        metrics: Counts the calls.
    """

    def __init__(self, tracer: Tracer, metrics: CallMetrics) -> None:
        self._tracer, self._metrics = tracer, metrics

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call."""
        service, _, name = method.strip("/").rpartition("/")
        parent = propagate.extract(dict(context.invocation_metadata() or ()))
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}
        with self._tracer.start_as_current_span(
            f"{service}/{name}",
            parent,
            SpanKind.SERVER,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            async with self._measured(service, name, context, span):
                yield

    @asynccontextmanager
    async def _measured(self, service: str, name: str, context: Context, span: Span) -> AsyncIterator[None]:
        start, outcome = time.perf_counter(), Outcome()
        with self._metrics.in_flight.labels(service, name).track_inprogress():
            try:
                with outcome_of(context) as outcome:
                    yield
            finally:
                self._record(service, name, outcome.code, time.perf_counter() - start, span)

    def _record(self, service: str, name: str, code: str, seconds: float, span: Span) -> None:
        self._metrics.handled.labels(service, name, code).inc()
        self._metrics.seconds.labels(service, name).observe(seconds)
        span.set_attribute("rpc.grpc.status_code", getattr(grpc.StatusCode, code).value[0])
        if code in _SERVER_FAULTS:
            span.set_status(Status(StatusCode.ERROR, code))
        _log.info("call", extra={"method": f"/{service}/{name}", "code": code, "seconds": round(seconds, 6)})
