"""Prometheus metrics of a service, with the names that gRPC dashboards expect."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)

from langdesign_chassis.errors import StartError

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_LABELS = ("grpc_service", "grpc_method")


class CallMetrics:
    """Rate, errors, duration and calls in flight, per method.

    Args:
        registry: Where they are registered.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.handled = Counter(
            "grpc_server_handled", "Calls ended, by status code.", (*_LABELS, "grpc_code"), registry=registry
        )
        self.seconds = Histogram(
            "grpc_server_handling_seconds", "Duration of calls.", _LABELS, registry=registry, buckets=_BUCKETS
        )
        self.in_flight = Gauge("grpc_server_in_flight", "Calls in progress.", _LABELS, registry=registry)


def new_registry() -> CollectorRegistry:
    """Return a registry of its own with the process's figures: memory, CPU, files, collections."""
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry


@contextmanager
def metrics_page(address: tuple[str, int] | None, registry: CollectorRegistry) -> Iterator[int | None]:
    """Serve the metrics over HTTP; return the port, None when there is no address.

    Raises:
        StartError: The port is in use.
    """
    if address is None:
        yield None
        return
    host, port = address
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise StartError(
            f"the metrics page cannot listen on {host}:{port} ({error.strerror})",
            hint="stop what listens there, or set LANGDESIGN_TELEMETRY_METRICS to another address or `off`",
        ) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
