"""What a promise is: its words, its figures with their bars, and the probes that measure them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measure:
    """A figure, and the side of a number on which the promise wants it."""

    name: str  # as the probe tells it
    what: str  # in few words
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    long: bool = False  # whether the long form alone measures it
    total: bool = False  # whether what several tests tell is counted together

    def holds(self, value: float) -> bool:
        """Return whether a value keeps the promise."""
        above = self.at_most is not None and not value <= self.at_most
        below = self.at_least is not None and not value >= self.at_least
        return not (above or below)

    def of(self, values: Sequence[float]) -> float:
        """Return one value for what several tests told: their sum, or what keeps the promise least."""
        if self.total:
            return sum(values)
        if any(math.isnan(value) for value in values):
            return math.nan
        return min(values) if self.at_most is None else max(values)

    @property
    def bar(self) -> str:
        """The bar, as it is printed."""
        if self.at_most is None:
            return f"at least {self.written(self.at_least)}" if self.at_least is not None else "printed"
        return f"at most {self.written(self.at_most)}" if self.at_most else "none"

    def written(self, value: float) -> str:
        """Return a value with its unit."""
        if self.unit == "%":
            return f"{100 * value:.3g}%"
        number = f"{value:.0f}" if abs(value) < 1e6 and value == int(value) else f"{value:.3g}"
        return f"{number}{self.unit}" if self.unit == "x" else f"{number} {self.unit}".rstrip()


@dataclass(frozen=True)
class Suite:
    """Tests of the suite that show a promise; those that are marked `long` run in the long form alone."""

    tests: tuple[str, ...]  # `FILE::FUNCTION`, below the checkout; all parameters of each


@dataclass(frozen=True)
class Bench:
    """A benchmark that prints JSON."""

    arguments: tuple[str, ...]  # what stands after `langdesign bench`
    reads: Mapping[str, tuple[str, ...]] = field(hash=False)  # keys that lead to each measure
    needs: tuple[str, ...] = ()  # `python -m` and this makes what it reads, or goes on where it was stopped
    gpu: bool = False  # whether it says something on a GPU alone
    long: bool = False  # whether it belongs to the long form alone


@dataclass(frozen=True)
class Promise:
    """One promise of the list."""

    number: int
    title: str  # in few words
    words: str  # what is promised
    measures: tuple[Measure, ...]
    probes: tuple[Suite | Bench, ...]
    note: str = ""  # what its figures leave open

    @property
    def needs_gpu(self) -> bool:
        """Whether nothing of it can be shown without a GPU."""
        return bool(self.probes) and all(isinstance(one, Bench) and one.gpu for one in self.probes)

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests of the suite that show it."""
        return tuple(test for probe in self.probes if isinstance(probe, Suite) for test in probe.tests)

    @property
    def benches(self) -> tuple[Bench, ...]:
        """The benchmarks that show it."""
        return tuple(probe for probe in self.probes if isinstance(probe, Bench))
