"""Prometheus metrics of the operations."""

from langdesign_edits.changes import ChangeReport
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from langdesign_editing.events import NoOpReason, State

_SHARES = (0.0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1)
_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300)


class OperationMetrics:
    """Operations under way, and ended ones by their state, with their duration.

    Args:
        registry: Where they are registered.

    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.running = Gauge("langdesign_editing_running", "Edits under way.", registry=registry)
        self._seconds = Histogram(
            "langdesign_editing_seconds",
            "Duration of ended edits, by state.",
            ("state",),
            registry=registry,
            buckets=_BUCKETS,
        )
        self._no_ops = Counter(
            "langdesign_editing_no_ops",
            "Edits that changed nothing, by reason.",
            ("reason",),
            registry=registry,
        )

        self._outside = Histogram(
            "langdesign_editing_changed_outside",
            "Share of the pixels outside the region that an edit changed, by the promise it was to keep.",
            ("preserve",),
            registry=registry,
            buckets=_SHARES,
        )

    def ended(self, state: State, seconds: float) -> None:
        """Count an operation that ended after so many seconds."""
        self._seconds.labels(state.name.lower()).observe(seconds)

    def changed_nothing(self, reason: NoOpReason) -> None:
        """Count an operation that succeeded and changed nothing."""
        self._no_ops.labels(reason.name.lower()).inc()

    def changed(self, report: ChangeReport) -> None:
        """Count an operation that changed something; of one without an outside, nothing is to be said."""
        if report.outside.pixels:
            self._outside.labels(report.preserve.value).observe(report.outside.changed_share)
