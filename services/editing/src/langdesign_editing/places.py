"""Places among the operations under way in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from langdesign_chassis import errors


@dataclass
class Place:
    """A place among the operations under way; `kept` once an operation has it."""

    kept: bool = False


class Places:
    """So many operations at once, and the excess is refused.

    Args:
        count: How many.

    """

    def __init__(self, count: int) -> None:
        self._count, self._taken = count, 0

    @contextmanager
    def reserved(self) -> Iterator[Place]:
        """Reserves a place, given back at the end unless an operation keeps it.

        Raises:
            errors.ResourceExhausted: Too many operations are under way.

        """
        if self._taken >= self._count:
            raise errors.ResourceExhausted(
                f"{self._taken} edits are under way, as many as are taken at once",
                hint="ask again in a moment, with the same idempotency_key",
                retry_after=1.0,
            )
        self._taken += 1
        place = Place()
        try:
            yield place
        finally:
            if not place.kept:
                self._taken -= 1

    def give_back(self) -> None:
        """Gives back a place that was kept."""
        self._taken -= 1
