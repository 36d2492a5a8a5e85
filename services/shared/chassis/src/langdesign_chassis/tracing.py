"""OpenTelemetry traces: always made, so that logs carry their id; exported where a collector is set."""

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from langdesign_chassis.settings import TelemetrySettings

TRACER = "langdesign_chassis"


def new_provider(settings: TelemetrySettings, service: str) -> TracerProvider:
    """Return a provider for one service; its owner shuts it down, which sends what is left."""
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(settings.sample)),
        resource=Resource.create({"service.name": service, "service.namespace": "langdesign"}),
        shutdown_on_exit=False,
    )
    if settings.otlp is not None:
        provider.add_span_processor(BatchSpanProcessor(_exporter(settings, settings.otlp)))
    return provider


def install(provider: TracerProvider) -> None:
    """Make a provider the process's own, once, at start."""
    trace.set_tracer_provider(provider)


def _exporter(settings: TelemetrySettings, endpoint: str) -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415 - half a second to import
        OTLPSpanExporter,
    )

    secret = settings.otlp_headers.get_secret_value() if settings.otlp_headers else None
    return OTLPSpanExporter(endpoint=endpoint, headers=secret)
