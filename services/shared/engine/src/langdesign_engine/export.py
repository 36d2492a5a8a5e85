"""The engine's figures, carried to a metric system that has counters to increment and gauges to set."""

import threading
from collections.abc import Callable
from typing import Protocol

from langdesign_engine.metrics import EngineMetrics, Labels, MetricKind, Sample


class Metric(Protocol):
    """One time series of the metric system."""

    def increment(self, amount: float) -> None:
        """Increase a counter."""

    def set(self, value: float) -> None:
        """Replace a gauge's value."""


class MetricsExport:
    """Carries the figures over every `interval` seconds, in a thread of its own, until closed."""

    def __init__(
        self,
        read: Callable[[], EngineMetrics],
        new_metric: Callable[[str, MetricKind, str, Labels], Metric],
        interval: float = 0.2,
    ) -> None:
        """Start the thread.

        Args:
            read: takes the snapshot to carry over.
            new_metric: makes the time series for (name, kind, description, labels), once each.
            interval: seconds between two exports.

        """
        self._read = read
        self._new_metric = new_metric
        self._interval = interval
        self._series: dict[tuple[str, Labels], tuple[Metric, float]] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="langdesign-metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Export a last time and stop."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        closing = False
        while True:
            for sample in self._read().samples():
                self._carry(sample)
            if closing:
                return
            closing = self._closing.wait(self._interval)

    def _carry(self, sample: Sample) -> None:
        key = sample.name, sample.labels
        if key not in self._series:
            self._series[key] = self._new_metric(*sample[:4]), 0.0
        metric, before = self._series[key]
        if sample.kind == "gauge":
            metric.set(sample.value)
        elif sample.value > before:
            metric.increment(sample.value - before)
        self._series[key] = metric, sample.value
