"""Prometheus metrics of the service."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .nodes import NodeState

_BUCKETS = (0.1, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1800)


class DesignMetrics:
    """Edits that this replica sees to, how they ended, and who watches.

    Args:
        registry: Where they are registered.

    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.running = Gauge(
            "langdesign_design_running", "Edits that this replica sees to.", registry=registry
        )
        self.watchers = Gauge("langdesign_design_watchers", "Streams that follow designs.", registry=registry)
        self.joined = Counter(
            "langdesign_design_joined",
            "Edits taken over that another replica, or this one before its start, had begun.",
            registry=registry,
        )
        self.purged = Counter(
            "langdesign_design_purged", "Nodes deleted for good from the bin.", registry=registry
        )
        self._seconds = Histogram(
            "langdesign_design_seconds",
            "Time from the creation of a node to its end, by state.",
            ("state",),
            registry=registry,
            buckets=_BUCKETS,
        )

    def ended(self, state: NodeState, seconds: float) -> None:
        """Count a node whose edit ended so long after its creation."""
        self._seconds.labels(state.value).observe(seconds)
