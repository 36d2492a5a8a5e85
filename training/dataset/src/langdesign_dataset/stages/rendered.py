"""Pairs from rendered scenes, whose truth is exact."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from langdesign_scenes import Edit, Family, ScenesError, read_family
from langdesign_triples import Change, SubjectKind, Triple

from ..errors import SourceError
from ..samples import Sample, encode_mask, encode_picture, sample_key
from ..store import Store
from .notes import pack_samples
from .stage import Made, Work

LICENCE = "Apache-2.0"  # of this project's own scenes

CHANGES: Mapping[str, Change] = {
    "recolour": Change.ALTER,
    "material": Change.ALTER,
    "pattern": Change.ALTER,
    "restyle": Change.ALTER,
    "add": Change.ADD,
    "remove": Change.REMOVE,
    "replace": Change.REPLACE,
    "none": Change.NONE,
}


@dataclass(frozen=True)
class RenderedStage:
    """Takes edits of rendered families."""

    folder: Path  # of the families
    seed: int
    share: float  # of a family's edits that are taken, 0..1
    name: ClassVar[str] = "rendered"

    @property
    def depends(self) -> Mapping[str, Any]:
        """Return version and settings."""
        return {"version": 1, "seed": self.seed, "share": self.share}

    def open(self) -> Work:
        """Return the work, which needs no model."""

        def work(payload: Mapping[str, Any], store: Store) -> Made:
            folders = [self.folder / name for name in payload["families"]]
            return Made(pack_samples([one for folder in folders for one in self.samples(folder)]))

        return work

    def samples(self, folder: Path) -> Iterator[Sample]:
        """Yield the samples of a family.

        Raises:
            SourceError: its files are missing or damaged.

        """
        family = _read(folder)
        draw = np.random.default_rng([self.seed, family.index])
        taken = draw.random(len(family.edits)) < self.share
        triples: set[Triple] = set()
        for edit, wanted in zip(family.edits, taken, strict=True):
            triple = triple_of(family, edit)
            if wanted and triple not in triples:  # two states may differ by what one sentence says
                triples.add(triple)
                yield _sample(family, edit, triple)


def family_digest(folder: Path) -> str:
    """Return the SHA-256 of a family's description, which names all that its pictures show."""
    try:
        return hashlib.sha256((folder / "family.json").read_bytes()).hexdigest()
    except OSError as error:
        raise SourceError(f"{folder} cannot be read ({error}); render the set again") from error


def triple_of(family: Family, edit: Edit) -> Triple:
    """Return an edit of a family as a triple."""
    change = CHANGES[edit.operation]
    kinds = {
        one.id: one.kind for state in (edit.before, edit.after) for one in family.states[state].instances
    }
    subject = family.room or next((kinds[one] for one in edit.targets if one in kinds), "object")
    return Triple(
        input=edit.caption_before,
        edit=edit.instruction,
        output=edit.caption_after,
        change=change,
        subject=subject,
        subject_kind=SubjectKind.ROOM if family.room else SubjectKind.OBJECT,
        target_before="" if change is Change.ADD else edit.expression,
        target_after="" if change in {Change.REMOVE, Change.NONE} else _said_after(family, edit),
    )


def _said_after(family: Family, edit: Edit) -> str:
    """Return an expression that means the targets in the picture after; "" where none was written."""
    return next(
        (
            one.text
            for one in family.expressions
            if one.state == edit.after and one.kind == "unique" and set(one.targets) == set(edit.targets)
        ),
        "",
    )


def _sample(family: Family, edit: Edit, triple: Triple) -> Sample:
    try:
        before, after, region = family.image(edit.before), family.image(edit.after), family.region(edit)
    except (OSError, SyntaxError, ValueError) as error:
        raise SourceError(
            f"A picture of {family.folder} is damaged ({error}); render the set again"
        ) from error
    seed = family.index * 1_000_000 + edit.before * 1_000 + edit.after
    return Sample(
        key=sample_key(triple, "rendered", seed),
        triple=triple,
        before=encode_picture(before),
        after=encode_picture(after),
        mask=encode_mask(region),
        source="rendered",
        seed=seed,
        licence=LICENCE,
    )


def _read(folder: Path) -> Family:
    try:
        return read_family(folder)
    except ScenesError as error:
        raise SourceError(str(error)) from error
