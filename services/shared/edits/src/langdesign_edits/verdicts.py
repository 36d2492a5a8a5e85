"""From what a network says of an expression to a `Verdict`: one rule for services, training and bench.

The network's probability that nothing is meant is cut twice. From `no_target_threshold` on it is sure, and
only there is absence certified; from `uncertain_threshold` on nothing is edited. A mask that is almost empty
is nothing to edit either, but no proof of absence: of things that do show, a network may draw nothing too.
A logistic regression on the probability, the mask's area and its mean score told absent targets no better
than the probability alone, on rooms that it was not fitted on, so the rule stays with two thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from langdesign_edits.regions import Verdict


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a checkpoint's validation chose; the defaults serve where its file is silent.

    Attributes:
        mask_threshold: Foreground probability from which a pixel is inside, 0..1 exclusive. The default is a
            two-class argmax, which the published network uses.
        no_target_threshold: No-target probability from which surely nothing is there, 0..1 exclusive.
        uncertain_threshold: No-target probability from which it is uncertain whether something is there, 0..1
            exclusive and at most the one above; None: nothing is uncertain by its probability.
        least_area: Share of the picture, 0..1, below which a mask counts as empty; 0: only what is empty.

    Raises:
        ValueError: A number is out of its range.

    """

    mask_threshold: float = 0.5
    no_target_threshold: float = 0.5
    uncertain_threshold: float | None = None
    least_area: float = 0.0005

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("mask_threshold", "no_target_threshold", "uncertain_threshold"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise ValueError(f"{name} is {value:g}; give a number between 0 and 1")
        if self.uncertain_threshold is not None and self.uncertain_threshold > self.no_target_threshold:
            raise ValueError(
                f"uncertain_threshold is {self.uncertain_threshold:g}, above the no_target_threshold of "
                f"{self.no_target_threshold:g}; what is uncertain comes before what is sure"
            )
        if not 0 <= self.least_area < 1:
            raise ValueError(
                f"least_area is {self.least_area:g}; give a share of the picture from 0, below 1"
            )

    @classmethod
    def of(cls, numbers: Mapping[str, Any]) -> Thresholds:
        """Return the thresholds of a file's object; names that are not theirs are left aside.

        Raises:
            ValueError: It is no object, one is no number, or out of its range.

        """
        if not isinstance(numbers, Mapping):
            raise ValueError("it is no object of numbers")  # noqa: TRY004 - what a file holds is a value
        given = {field.name: numbers[field.name] for field in fields(cls) if field.name in numbers}
        for name, value in given.items():
            if type(value) not in {int, float}:
                raise ValueError(f"{name} is {value!r}; give a number")
        return cls(**given)

    @property
    def uncertain(self) -> float:
        """The threshold of uncertainty that is used, 0..1 exclusive."""
        return self.no_target_threshold if self.uncertain_threshold is None else self.uncertain_threshold

    def overridden(
        self,
        mask: float | None = None,
        no_target: float | None = None,
        uncertain: float | None = None,
        least_area: float | None = None,
    ) -> Thresholds:
        """Return these thresholds with those that are given in their place.

        Of the two of absence the one that is not given moves along where they would cross.

        Raises:
            ValueError: One is out of its range, or both are given and cross.

        """
        changed = replace(
            self,
            mask_threshold=self.mask_threshold if mask is None else mask,
            no_target_threshold=max(self.no_target_threshold, uncertain or 0)
            if no_target is None
            else no_target,
            uncertain_threshold=None,
            least_area=self.least_area if least_area is None else least_area,
        )
        kept = self.uncertain_threshold
        if uncertain is None and kept is not None:
            uncertain = min(kept, changed.no_target_threshold)
        return replace(changed, uncertain_threshold=uncertain)

    def verdict(self, no_target: float, area: float) -> Verdict:
        """Return the verdict on an expression whose words the network knows.

        Args:
            no_target: Probability that nothing is meant, 0..1.
            area: Share of the picture inside the mask, 0..1.

        """
        if no_target >= self.no_target_threshold:
            return Verdict.NO_TARGET
        empty = area <= 0 or area < self.least_area
        return Verdict.UNCERTAIN if empty or no_target >= self.uncertain else Verdict.FOUND
