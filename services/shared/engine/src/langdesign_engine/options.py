"""Settings of the engine."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, get_args

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class EngineOptions:
    """How much the engine takes on at once.

    Raises:
        ValueError: a bound is below 1, row buckets do not ascend, the precision is unknown, or a
            resolution is no pair of positive sizes.

    """

    slots: int = 8  # edits in flight, in every phase after the queue
    batch_size: int = 8  # edits that share one step; a CPU gains little beyond 4
    queue_limit: int = 64  # edits that wait for a slot; one more is refused at once
    tenant_queue_limit: int | None = None  # edits of one tenant that wait; None: as many as the queue holds
    row_buckets: Sequence[int] = ()  # rows of the network's batch to pad to, ascending; empty: never pad
    precision: Precision = "auto"  # what the networks compute in; auto: the editor's choice for the device
    resolutions: Sequence[tuple[int, int]] = ()  # (height, width) px that the editor is to be warm for
    compile: bool = True  # compile before serving where the device gains by it; minutes at the first start
    compile_cache: Path | None = None  # file that keeps compiled code over restarts, trusted like code

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a JSON object of the fields; those left out take their defaults.

        Raises:
            TypeError: a field is unknown.
            ValueError: it is no JSON, or a field is out of range.

        """
        fields = json.loads(text)
        if "compile_cache" in fields:
            fields["compile_cache"] = Path(fields["compile_cache"])
        if "row_buckets" in fields:
            fields["row_buckets"] = tuple(fields["row_buckets"])
        if "resolutions" in fields:
            fields["resolutions"] = tuple(tuple(size) for size in fields["resolutions"])
        return cls(**fields)

    def __post_init__(self) -> None:
        """Check the bounds."""
        for name in ("slots", "batch_size", "queue_limit"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; choose 1 or more")
        if self.tenant_queue_limit is not None and self.tenant_queue_limit < 1:
            raise ValueError(f"tenant_queue_limit is {self.tenant_queue_limit}; choose 1 or more, or None")
        if self.precision not in get_args(Precision):
            raise ValueError(f"precision is {self.precision}; choose {' or '.join(get_args(Precision))}")
        if list(self.row_buckets) != sorted(set(self.row_buckets)):
            raise ValueError(f"row_buckets {self.row_buckets} must ascend")
        if any(len(size) != 2 or min(size) < 1 for size in self.resolutions):
            raise ValueError(f"resolutions {self.resolutions} must be pairs of a height and a width above 0")
