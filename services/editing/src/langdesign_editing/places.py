"""Places among the operations under way in this process, and room for their pictures."""

from collections.abc import Iterator
from contextlib import contextmanager

from langdesign_chassis import errors

_RETRY_AFTER = 1.0


class Places:
    """So many operations at once, of so many pixels together; the excess is refused.

    Args:
        count: How many operations.
        pixels: Pixels of all their pictures.

    """

    def __init__(self, count: int, pixels: int) -> None:
        self._count, self._pixels = count, pixels
        self._taken = self._held = 0

    @contextmanager
    def reserved(self) -> Iterator["Place"]:
        """Reserves a place, given back at the end unless an operation keeps it.

        Raises:
            errors.ResourceExhausted: Too many operations are under way.

        """
        if self._taken >= self._count:
            raise _refusal(f"{self._taken} edits are under way, as many as are taken at once")
        self._taken += 1
        with self._given_back(Place(self, 1)) as place:
            yield place

    @contextmanager
    def looked_at(self) -> Iterator["Place"]:
        """Reserves what a picture takes that no operation is to begin with; given back at the end."""
        with self._given_back(Place(self, 0)) as place:
            yield place

    def hold(self, pixels: int) -> None:
        """Take room for a picture.

        Raises:
            errors.ResourceExhausted: Others take too much of it now.

        """
        if self._held and self._held + pixels > self._pixels:
            raise _refusal(
                f"pictures of {self._held:,} pixels are under way; with this one's {pixels:,} there would be "
                f"more than {self._pixels:,}"
            )
        self._held += pixels

    def give_back(self, count: int, pixels: int) -> None:
        """Give back what was taken."""
        self._taken -= count
        self._held -= pixels

    @contextmanager
    def _given_back(self, place: "Place") -> Iterator["Place"]:
        try:
            yield place
        finally:
            if not place.kept:
                place.give_back()


class Place:
    """A place among the operations under way.

    Attributes:
        kept: Whether an operation has it, which gives it back at its end.

    """

    def __init__(self, places: Places, count: int) -> None:
        self.kept = False
        self._places, self._count, self._pixels = places, count, 0

    def hold(self, pixels: int) -> None:
        """Take room for a picture, once; see `Places.hold`."""
        self._places.hold(pixels)
        self._pixels += pixels

    def give_back(self) -> None:
        """Give the place back, and the room of its picture."""
        self._places.give_back(self._count, self._pixels)


def _refusal(message: str) -> errors.ResourceExhausted:
    return errors.ResourceExhausted(
        message, hint="ask again in a moment, with the same idempotency_key", retry_after=_RETRY_AFTER
    )
