"""A few samples of a set, as unlike one another as may be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from .reading import SampleSet
from .sample import Sample
from .writing import write_samples

KEPT_BY = ("change", "source", "subject")
DROPPED_BY = ("verdict", "change")
EXCERPT_OF = "excerpt_of"  # of the recipe: the digest of the whole set


def spread(
    samples: SampleSet, columns: Sequence[str], count: int, sources: Collection[str] = ()
) -> Iterator[Sample]:
    """Yield samples, each of values that were rare so far; ties go by key.

    Args:
        samples: the set.
        columns: of its index, by whose values samples are alike.
        count: of samples at most.
        sources: that they may come from; none for any.

    Raises:
        SampleSetError: the set is damaged.

    """
    kinds = list(zip(*(samples.table[name].to_pylist() for name in columns), strict=True))
    used: dict[tuple[int, object], int] = {}
    told = enumerate(samples.table["source"].to_pylist())
    left = [place for place, source in told if not sources or source in sources]
    for _ in range(min(count, len(left))):
        place = min(left, key=lambda one: sum(used.get(part, 0) for part in enumerate(kinds[one])))
        left.remove(place)
        for part in enumerate(kinds[place]):
            used[part] = used.get(part, 0) + 1
        yield samples[place]


def excerpt(
    samples: SampleSet, folder: Path, *, kept: int, dropped: int, sources: Collection[str] = ()
) -> SampleSet:
    """Write a small set of some samples and some failures of another one, and return it.

    Args:
        samples: the set.
        folder: of the small set.
        kept: samples at most.
        dropped: failures at most.
        sources: that kept samples may come from; none for any.

    Raises:
        SampleSetError: the set is damaged or holds nothing, or the folder cannot be written.

    """
    chosen = [*spread(samples, KEPT_BY, kept, sources), *spread(samples.failures(), DROPPED_BY, dropped)]
    recipe = {**samples.manifest["recipe"], EXCERPT_OF: samples.digest}
    return write_samples(folder, chosen, recipe=recipe)
