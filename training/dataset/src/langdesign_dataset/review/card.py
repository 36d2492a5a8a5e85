"""The card of a set: what it is, how it was made, and what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..errors import SampleSetError
from ..samples import SampleSet
from ..samples.excerpt import EXCERPT_OF
from .sheet import contact_sheet

SHEET = "samples.jpg"
_SHOWN = 20  # subjects with a row of their own
_SIZES = ((1000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(samples: SampleSet, *, title: str | None = None) -> Path:
    """Write README.md and a contact sheet into the folder of a set; equal sets get equal cards.

    Args:
        samples: the set.
        title: of the card; without one the folder's name.

    Returns:
        The card.

    Raises:
        SampleSetError: the set is damaged, or the card cannot be written.

    """
    failures = samples.failures()
    path = samples.folder / "README.md"
    try:
        contact_sheet(samples).save(samples.folder / SHEET, quality=85, optimize=True)
        path.write_text(_text(samples, failures, title or samples.folder.resolve().name), "utf-8")
    except OSError as error:
        raise SampleSetError(f"{path} cannot be written ({error}); make room, and write again") from error
    return path


def _text(samples: SampleSet, failures: SampleSet, title: str) -> str:
    environment = Environment(
        loader=PackageLoader("langdesign_dataset.review", "data"),
        autoescape=False,  # noqa: S701 - Markdown, from recipes and captions of our own
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    manifest = samples.manifest
    return environment.get_template("card.md.j2").render(
        title=title,
        sheet=SHEET,
        digest=samples.digest,
        size=_size(len(samples)),
        sides=_sides(samples),
        pictures=manifest["pictures"],
        kept=len(samples),
        dropped=len(failures),
        counts={name: _ranked(counts) for name, counts in manifest["counts"].items()},
        shown=_SHOWN,
        excerpt_of=manifest["recipe"].get(EXCERPT_OF, ""),
        gates=_ranked(failures.manifest["counts"]["verdict"]),
        sources=_yields(manifest["counts"]["source"], failures.manifest["counts"]["source"]),
        scores=list(_scores(samples)),
        thresholds=list(_flat(manifest["recipe"].get("gates", {}))),
        recipe=list(_flat({name: value for name, value in manifest["recipe"].items() if name != "gates"})),
        models=_joined(manifest["models"], failures.manifest["models"]),
        unmasked=samples.table["has_mask"].to_pylist().count(False),
    )


def _cell(value: object) -> str:
    """Return a value as the text of a cell of a table."""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text.replace("|", r"\|").replace("\n", " ")


def _size(count: int) -> str:
    return next((name for bound, name in _SIZES if count < bound), "n>1M")


def _sides(samples: SampleSet) -> str:
    sizes = sorted(set(zip(*(samples.table[name].to_pylist() for name in ("width", "height")), strict=True)))
    return ", ".join(f"{width}x{height}" for width, height in sizes)


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _yields(kept: Mapping[str, int], dropped: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return each source with the pairs that came from it, and those that were kept."""
    return [
        (name, kept.get(name, 0) + dropped.get(name, 0), kept.get(name, 0))
        for name in sorted({*kept, *dropped})
    ]


def _scores(samples: SampleSet) -> Iterator[tuple[str, int, float, float, float]]:
    """Yield each score's name, how many have it, and its lowest, median and highest value."""
    for name in samples.table.column_names:
        values = sorted(value for value in samples.table[name].to_pylist() if value is not None)
        if name.startswith("score_") and values:
            yield name.removeprefix("score_"), len(values), values[0], values[len(values) // 2], values[-1]


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, object]]:
    """Yield the settings of a recipe that say something, with the names of nested ones joined by dots."""
    for name, value in sorted(values.items()):
        if isinstance(value, Mapping):
            if value.get("model") != "":  # a model that is not asked has settings all the same
                yield from _flat(value, f"{path}{name}.")
        elif value is not None and value != "":
            yield f"{path}{name}", value


def _joined(*models: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    roles = sorted({role for one in models for role in one})
    return [(role, sorted({name for one in models for name in one.get(role, [])})) for role in roles]
