"""Prometheus metrics of the runs."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from langdesign_training.runs import Run


class RunMetrics:
    """Runs under way, and ended ones by kind and state.

    Args:
        registry: Where they are registered.

    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.running = Gauge("langdesign_training_running", "Runs that have a place.", registry=registry)
        self._ended = Counter(
            "langdesign_training_runs", "Ended runs, by kind and state.", ("kind", "state"), registry=registry
        )

    def ended(self, run: Run) -> None:
        """Count a run that ended."""
        self._ended.labels(run.kind, run.state).inc()
