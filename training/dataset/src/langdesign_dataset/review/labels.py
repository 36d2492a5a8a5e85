"""What people say of pairs, read and used as a filter."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ..errors import LabelError
from ..samples import KEPT, Sample, SampleSet, write_samples

FORMAT = "langdesign-labels/1"
REVIEW = "review"  # the verdict of what a person drops

Label = Literal["keep", "drop"]


@dataclass(frozen=True)
class Labels:
    """Labels by key of the sample."""

    digest: str  # of the set that was looked at; keys stay the same when it is built again
    labels: Mapping[str, Label]


def read_labels(path: Path) -> Labels:
    """Read what the review page exported.

    Raises:
        LabelError: the file is missing, damaged, of another format, or holds no label.

    """
    try:
        data = json.loads(path.read_text("utf-8"))
        told, digest, labels = data["format"], str(data["digest"]), dict(data["labels"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabelError(f"{path} holds no labels ({error}); export them from a review page") from error
    if told != FORMAT:
        raise LabelError(
            f"{path} is of format {told!r}; this library reads {FORMAT!r}: export the labels again"
        )
    unknown = sorted({str(label) for label in labels.values()} - set(get_args(Label)))
    if unknown:
        raise LabelError(f"{path} holds labels {unknown}; each is one of {', '.join(get_args(Label))}")
    if not labels:
        raise LabelError(f"{path} holds no label; keep or drop some pairs, and export again")
    return Labels(digest, labels)


@dataclass(frozen=True)
class Applied:
    """Keys of a set and its failures after a review, sorted."""

    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    unlabelled: tuple[str, ...]  # of them, those that keep the gates' verdict
    unknown: tuple[str, ...]  # labels of samples that the set does not hold


def apply_labels(samples: SampleSet, labels: Labels) -> Applied:
    """Return which samples are kept when labels overrule the gates.

    Raises:
        LabelError: none of the labels is about this set.
        SampleSetError: the set is damaged.

    """
    verdicts = dict.fromkeys(samples.keys, True) | dict.fromkeys(samples.failures().keys, False)
    _check_known(labels, verdicts, samples)
    keeps = {
        key: labels.labels[key] == "keep" if key in labels.labels else kept
        for key, kept in sorted(verdicts.items())
    }
    return Applied(
        kept=tuple(key for key, keep in keeps.items() if keep),
        dropped=tuple(key for key, keep in keeps.items() if not keep),
        unlabelled=tuple(key for key in keeps if key not in labels.labels),
        unknown=tuple(sorted(labels.labels.keys() - verdicts.keys())),
    )


def _check_known(labels: Labels, known: Mapping[str, object], samples: SampleSet) -> None:
    if not labels.labels.keys() & known.keys():
        raise LabelError(
            f"None of {len(labels.labels)} labels is about a sample of {samples.folder}; they were made for "
            f"the set {labels.digest}, this one is {samples.digest}"
        )


def filtered(samples: SampleSet, labels: Labels, folder: Path) -> SampleSet:
    """Write the set anew as its labels say; what people drop joins the failures with the verdict "review".

    Raises:
        LabelError: none of the labels is about this set, or the folder is the set's own.
        SampleSetError: the set is damaged, or the folder cannot be written.

    """
    if folder.resolve() == samples.folder.resolve():
        raise LabelError(f"{folder} is the set itself; write the filtered one into another folder")
    kept = set(apply_labels(samples, labels).kept)
    recipe = {
        **samples.manifest["recipe"],
        "labels": {"set": labels.digest, "count": len(labels.labels)},
    }
    return write_samples(folder, _relabelled(samples, kept), recipe=recipe)


def _relabelled(samples: SampleSet, kept: set[str]) -> Iterator[Sample]:
    for part in (samples, samples.failures()):
        for one in part:
            if one.key in kept:
                yield dataclasses.replace(one, verdict=KEPT, reason="")
            elif one.kept:
                yield dataclasses.replace(one, verdict=REVIEW, reason="a reviewer dropped it")
            else:
                yield one
