"""Which edits of a plan share a pass of the editor, and what each pass is asked for.

Edits whose regions are apart are done in one pass, which costs as much as one edit; the others in a further
pass, on what the one before made. A pass is about the whole picture or about regions, and gentle or not.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from langdesign_edits import Mask

from langdesign_editing.events import GroundedEdit, union_of
from langdesign_editing.grounding import MAX_REGIONS

OVERLAP = 0.1
"""How much of the smaller one of two regions may lie in the other one where they count as apart: what a found
edge is wrong by. Things that touch are apart; a cushion on a sofa is not."""
_GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio
_SEEDS = 2**63


def seed_of_pass(seed: int, number: int) -> int:
    """Return the seed of a pass: of the first the edit's own, then each by 2^64 over the golden ratio more.

    Passes on one picture need different noise, or that of the first shows through. The step is that of
    SplitMix64 (Steele et al., "Fast splittable pseudorandom number generators", 2014), modulo 2^63.
    """
    return (seed + number * _GOLDEN) % _SEEDS


def passes_of(edits: Sequence[GroundedEdit]) -> list[list[GroundedEdit]]:
    """Return the edits that change something, or may, by the pass that does them, in their order.

    An edit that is to be looked for again begins a pass, as the look is on what the passes before it made.
    """
    passes: list[list[GroundedEdit]] = []
    for edit in edits:
        if not (edit.acts or edit.open):
            continue
        if passes and not edit.look_again and _fits(edit, passes[-1]):
            passes[-1].append(edit)
        else:
            passes.append([edit])
    return passes


def numbered(edits: Sequence[GroundedEdit], first: int = 0) -> tuple[GroundedEdit, ...]:
    """Return edits with the numbers of their passes, from a first one on."""
    number = {edit.edit: at for at, together in enumerate(passes_of(edits), start=first) for edit in together}
    return tuple(replace(edit, pass_number=number.get(edit.edit, 0)) for edit in edits)


def regions_of(together: Sequence[GroundedEdit], shape: tuple[int, int]) -> list[tuple[str, Mask]]:
    """Return what a pass does, and where: nothing for the whole picture.

    No pixel is of two edits: the smaller region has it. A gentle edit of the whole picture has that for its
    region, since with one the editor gives back the detail that it only redrew.

    Args:
        together: The edits of the pass.
        shape: The picture's height and width.

    """
    if together[0].whole:
        gentle = together[0].asked.gentle
        return [(together[0].asked.instruction, np.ones(shape, np.bool_))] if gentle else []
    taken: Mask | None = None
    own: dict[int, tuple[Mask, ...]] = {}
    for edit in sorted(together, key=_area):
        own[edit.edit] = tuple(mask if taken is None else mask & ~taken for mask in edit.masks)
        taken = union_of([*([] if taken is None else [taken]), *edit.masks])
    return [(edit.asked.instruction, mask) for edit in together for mask in own[edit.edit] if mask.any()]


def _fits(edit: GroundedEdit, together: Sequence[GroundedEdit]) -> bool:
    """Return whether an edit can be done in a pass with others."""
    whole = edit.whole or any(one.whole or one.open for one in together)
    regions = len(edit.masks) + sum(len(one.masks) for one in together)
    if whole or regions > MAX_REGIONS or edit.asked.gentle != together[0].asked.gentle:
        return False
    return all(_apart(edit, one) for one in together)


def _apart(one: GroundedEdit, other: GroundedEdit) -> bool:
    first, second = one.union, other.union
    assert first is not None  # noqa: S101 - edits of the whole picture have a pass of their own
    assert second is not None  # noqa: S101
    shared = np.count_nonzero(first & second)
    return bool(shared <= OVERLAP * min(np.count_nonzero(first), np.count_nonzero(second)))


def _area(edit: GroundedEdit) -> int:
    return 0 if edit.union is None else int(np.count_nonzero(edit.union))
