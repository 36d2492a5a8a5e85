"""The review page: one file of HTML with the pictures beside it, which people walk through by keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..errors import SampleSetError
from ..samples import KEPT, Sample, SampleSet, encode_picture, picture_format
from .labels import FORMAT
from .views import change_view

PICTURES = "pictures"
_ANY = ("", "all")

Choices = Sequence[tuple[str, str]]  # value and text


def write_review(
    samples: SampleSet, folder: Path, *, title: str | None = None, limit: int | None = None
) -> Path:
    """Write a page on which people keep or drop the pairs of a set and of its failures.

    It loads nothing from elsewhere, keeps its progress in the browser, and exports labels.json, which
    `read_labels` reads. Keys: K or right keeps, D or left drops, U undoes, S skips, space peeks before.

    Args:
        samples: the set.
        folder: made if it is missing; a page there is written over.
        title: of the page; without one the set's folder.
        limit: pairs at most, kept ones and failures together; the first by key, which is as good as drawn at
            random. None shows all.

    Returns:
        The page, FOLDER/index.html.

    Raises:
        SampleSetError: the set is damaged, or the folder cannot be written.

    """
    failures = samples.failures()
    try:
        shutil.rmtree(folder / PICTURES, ignore_errors=True)
        (folder / PICTURES).mkdir(parents=True)
        pairs = [_pair(one, folder) for one in _first(samples, failures, limit)]
        path = folder / "index.html"
        path.write_text(_page(pairs, samples.digest, title or samples.folder.resolve().name), "utf-8")
        return path
    except OSError as error:
        raise SampleSetError(f"{folder} cannot be written ({error}); make room, and write again") from error


def _first(samples: SampleSet, failures: SampleSet, limit: int | None) -> Iterator[Sample]:
    """Yield the first kept samples and failures by key, kept ones first."""
    shown = sorted((*samples.keys, *failures.keys))[:limit]
    for part in (samples, failures):
        places = {key: place for place, key in enumerate(part.keys)}
        yield from (part[places[key]] for key in shown if key in places)


def _pair(sample: Sample, folder: Path) -> dict[str, Any]:
    """Write a sample's pictures and return what the page says of it."""
    encoding = picture_format(sample)
    change = change_view(*sample.pictures(), sample.region())
    pictures = {
        "before": (f"{PICTURES}/{sample.key}.before.{encoding}", sample.before),
        "after": (f"{PICTURES}/{sample.key}.after.{encoding}", sample.after),
        "change": (f"{PICTURES}/{sample.key}.change.png", encode_picture(change)),
    }
    for name, data in pictures.values():
        (folder / name).write_bytes(data)
    triple = sample.triple
    return {
        "key": sample.key,
        "input": triple.input,
        "edit": triple.edit,
        "output": triple.output,
        "operation": str(triple.change),
        "source": sample.source,
        "verdict": sample.verdict,
        "reason": sample.reason,
        "masked": sample.mask is not None,
        "scores": dict(sample.scores),
        "pictures": {role: name for role, (name, _) in pictures.items()},
        "origin": dict(_origin(sample)),
    }


def _origin(sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield what is known of how a sample came about, as names and texts."""
    yield "source", sample.source
    yield "subject", sample.triple.subject
    yield "operation", str(sample.triple.change)
    if sample.triple.target_before:
        yield "target before", sample.triple.target_before
    if sample.triple.target_after:
        yield "target after", sample.triple.target_after
    yield "seed", str(sample.seed)
    for name, value in sample.parameters.items():
        yield name, f"{value:g}"
    for role, model in sample.models.items():
        yield f"{role} by", model
    yield "licence", sample.licence
    yield "key", sample.key


def _page(pairs: Sequence[dict[str, Any]], digest: str, title: str) -> str:
    environment = Environment(
        loader=PackageLoader("langdesign_dataset.review", "data"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    told = json.dumps({"format": FORMAT, "digest": digest, "pairs": pairs}, separators=(",", ":"))
    return environment.get_template("review.html.j2").render(
        title=title,
        filters=_filters(pairs),
        data=Markup(told.replace("<", r"\u003c")),  # noqa: S704 - JSON in a script: "<" alone could end it
    )


def _filters(pairs: Sequence[dict[str, Any]]) -> list[tuple[str, str, Choices]]:
    """Return name, label and choices of what narrows the pairs down."""
    gates = [gate for gate in _values(pairs, "verdict") if gate != KEPT]
    scores = sorted({name for pair in pairs for name in pair["scores"]})
    return [
        ("gate", "gate", [_ANY, (KEPT, "passed all"), *((gate, f"dropped by {gate}") for gate in gates)]),
        ("operation", "operation", [_ANY, *_same(_values(pairs, "operation"))]),
        ("source", "source", [_ANY, *_same(_values(pairs, "source"))]),
        ("label", "label", [_ANY, ("open", "none yet"), ("keep", "keep"), ("drop", "drop")]),
        ("order", "order", [("", "as stored"), *((name, f"by {name.replace('_', ' ')}") for name in scores)]),
    ]


def _values(pairs: Iterable[dict[str, Any]], name: str) -> list[str]:
    return sorted({pair[name] for pair in pairs})


def _same(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]
