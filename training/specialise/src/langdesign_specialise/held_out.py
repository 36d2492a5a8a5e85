"""The bench of a context that no scenes are rendered of: its own pairs, those that were not trained on."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from typing import Any

import numpy as np
from langdesign_dataset.samples import Sample, SampleSet
from langdesign_evaluation.cases import NO_OP, ROOM, SINGLE, Choice
from langdesign_evaluation.errors import BenchSetError
from langdesign_evaluation.metrics import Mask, Pixels
from langdesign_finetune.sample_pairs import split
from langdesign_scenes.dataset import Edit
from langdesign_triples import Change, SubjectKind


@dataclass(frozen=True, eq=False)
class PairCase:
    """A pair as a case: its picture after stands for the truth, which a generator made and gates let pass."""

    id: int  # its place in the choice, from 0
    sample: Sample

    @property
    def split(self) -> str:
        """A no-op, a room or a single object."""
        if self.sample.triple.change is Change.NONE:
            return NO_OP
        return ROOM if self.sample.triple.subject_kind is SubjectKind.ROOM else SINGLE

    @cached_property
    def edit(self) -> Edit:
        """Instruction, expression and captions; nothing of a pair is located."""
        triple = self.sample.triple
        return Edit(
            before=0,
            after=0 if triple.change is Change.NONE else 1,
            operation=self.operation,
            instruction=triple.edit,
            expression=triple.target_before,
            targets=(),
            located=(),
            ambiguous=False,
            caption_before=triple.input,
            caption_after=triple.output,
        )

    @property
    def operation(self) -> str:
        """What changes."""
        return str(self.sample.triple.change)

    @property
    def absent(self) -> bool:
        """Whether the instruction names something that the picture does not show."""
        return self.sample.triple.change is Change.NONE

    @property
    def general(self) -> None:
        """Nothing: a context has no general split."""

    @property
    def origin(self) -> Mapping[str, object]:
        """Its sample."""
        return {"sample": self.sample.key}

    def line(self) -> str:
        """Return what tells it from every other case."""
        return self.sample.key

    def before(self) -> Pixels:
        """Return the picture to edit, RGB uint8 [H, W, 3]."""
        return self.sample.pictures()[0].copy()  # torch wants what may be written

    def truth(self) -> Pixels:
        """Return the pair's picture after, RGB uint8 [H, W, 3]."""
        return self.sample.pictures()[1]

    def region(self) -> Mask:
        """Return where an edit may act, bool [H, W]; all of it where the pair does not say."""
        region = self.sample.region()
        shape = self.before().shape[:2]
        if self.split == NO_OP:
            return np.zeros(shape, bool)
        return np.ones(shape, bool) if region is None else region

    def located(self) -> Mask:
        """Return nothing: where a pair's expression points is not known apart from its region."""
        return np.zeros(self.before().shape[:2], bool)


def apart_for_guidance(samples: SampleSet, held_out: float, *, shared: bool) -> list[int]:
    """Return the places of the pairs that guidance is chosen on, of those that are not trained on.

    Args:
        samples: the pairs.
        held_out: share of them that is not trained on.
        shared: whether others of them judge the editors: then it is one half.

    """
    return split(samples, held_out / 2 if shared else held_out)[1]


def apart_for_bench(samples: SampleSet, held_out: float, *, shared: bool) -> list[int]:
    """Return the places of the pairs that judge the editors: what is neither trained nor chosen on.

    Args:
        samples: the pairs.
        held_out: share of them that is not trained on.
        shared: whether guidance is chosen on one half of that.

    """
    chosen_on = set(apart_for_guidance(samples, held_out, shared=True)) if shared else set()
    return [place for place in split(samples, held_out)[1] if place not in chosen_on]


@dataclass(frozen=True)
class HeldOut:
    """Pairs of a set that nothing was trained on."""

    samples: SampleSet
    places: Sequence[int]  # of the pairs in the set

    @property
    def told(self) -> Mapping[str, Any]:
        """Name, digest and number of pairs."""
        return {"name": "held-out pairs", "digest": self.samples.digest, "families": len(self.places)}

    def cases(self, choice: Choice) -> tuple[PairCase, ...]:
        """Return about as many edits as the choice asks for, operations in turn, and its first no-ops.

        Raises:
            BenchSetError: no edit is held out.

        """
        strata: dict[tuple[str, str], list[PairCase]] = defaultdict(list)
        for place in self.places:
            case = PairCase(0, self.samples[place])
            strata[case.split, NO_OP if case.split == NO_OP else case.operation].append(case)
        no_ops = strata.pop((NO_OP, NO_OP), [])
        if not strata:
            raise BenchSetError(
                "The data set holds out no pair in which something changes, so that there is nothing to "
                "judge the editors on; make more pairs (--set triples=COUNT), hold out a larger share of "
                "them (--set tune.held_out=SHARE), or give a public set (--bench magicbrush:PATH)"
            )
        turns = chain.from_iterable(zip_longest(*(kept for _, kept in sorted(strata.items()))))
        edits = [case for case in turns if case is not None][: choice.edits]
        chosen = [*edits, *no_ops[: choice.no_ops]]
        return tuple(dataclasses.replace(case, id=place) for place, case in enumerate(chosen))
