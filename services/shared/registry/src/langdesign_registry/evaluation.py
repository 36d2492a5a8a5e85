"""The evaluation that an artifact carries: two models judged on the same cases, with 95% intervals."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from .errors import InvalidMetrics

FORMAT = "langdesign-evaluation/1"
Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its 95% interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Metric:
    """A metric of both models on the same cases."""

    better: Better  # which way is good
    base: Interval
    tuned: Interval
    difference: Interval  # of tuned - base, paired by case


@dataclass(frozen=True)
class Evaluation:
    """A tuned model beside the base that it was tuned from."""

    set_digest: str  # of the whole set that cases were chosen from, "sha256:..."
    base: str  # identity of the base, "name@sha256:..."
    tuned: str  # identity of the tuned model
    metrics: Mapping[str, Metric]  # by name, such as "clip_dir"
    edits: int  # cases that should change something
    no_ops: int  # cases that should change nothing
    choice_digest: str = ""  # of the cases chosen from the set; "" where an older evaluation does not tell

    @property
    def means(self) -> dict[str, float]:
        """The tuned model's means, by metric."""
        return {name: metric.tuned.mean for name, metric in self.metrics.items()}


def read_evaluation(path: Path) -> Evaluation:
    """Return the evaluation in a file.

    Raises:
        InvalidMetrics: it cannot be read, or a figure is missing, not finite, or no count.

    """
    try:
        return parse_evaluation(path.read_bytes())
    except OSError as error:
        raise InvalidMetrics(f"{path.name} cannot be read; evaluate the model") from error


def parse_evaluation(content: bytes) -> Evaluation:
    """Return the evaluation in the bytes of `evaluation.json`.

    Raises:
        InvalidMetrics: it cannot be read, or a figure is missing, not finite, or no count.

    """
    try:
        value: Any = json.loads(content)
        if value["format"] != FORMAT:
            raise InvalidMetrics(f"The evaluation is of {value['format']!r}; this version reads {FORMAT}")
        return Evaluation(
            set_digest=str(value["set"]["digest"]),
            base=str(value["models"]["base"]),
            tuned=str(value["models"]["tuned"]),
            metrics={str(name): _metric(name, one) for name, one in sorted(value["metrics"].items())},
            edits=_count(value["set"]["cases"]),
            no_ops=_count(value["set"]["no_ops"]),
            choice_digest=str(value["set"].get("choice_digest", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidMetrics(f"The evaluation is no {FORMAT}; evaluate the model anew") from error


def check_finite(metrics: Mapping[str, float]) -> None:
    """Check that every metric is a finite number: MLflow stores infinity as a large number and NaN as 0.

    Raises:
        InvalidMetrics: one is not.

    """
    for name, value in metrics.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InvalidMetrics(f"{name} is {value}, no finite number; leave out what cannot be told")


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no number of cases")
    return value


def _metric(name: str, value: Any) -> Metric:
    if value["better"] not in get_args(Better):
        raise InvalidMetrics(f"{name} is better {value['better']!r}; say {' or '.join(get_args(Better))}")
    intervals = {side: Interval(**value[side]) for side in ("base", "tuned", "difference")}
    for side, interval in intervals.items():
        check_finite({f"{name} ({side}, {end})": number for end, number in vars(interval).items()})
    return Metric(better=value["better"], **intervals)
