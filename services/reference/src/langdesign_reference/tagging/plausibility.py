"""How likely the tagger thinks the references of a plan, whoever read it."""

from collections.abc import Sequence

import numpy as np
from langdesign_reference.plan import PlannedEdit, Role
from langdesign_reference.tagging.chain import FORBIDDEN, Array
from langdesign_reference.tagging.passages import ANCHOR, KEEP, KEEP_ALL, STARTS, TARGET, VALUE
from langdesign_reference.tagging.tagger import Tagged
from langdesign_reference.tagging.tagset import TAGS
from langdesign_reference.words import Words

_KINDS = {Role.TARGET: (TARGET,), Role.ANCHOR: (ANCHOR,), Role.KEEP: (KEEP, KEEP_ALL)}


def spans_chances(plans: Sequence[Sequence[PlannedEdit]], words: Words, tagged: Tagged) -> list[float]:
    """Return the logarithm of the chance that these, and no other, are the references of an instruction.

    Where values stand and where edits start is left open. At most 0; 0 of an instruction without words.

    Args:
        plans: Lists of edits.
        words: Of the instruction, rightly spelt.
        tagged: What the tagger makes of them.

    """
    if tagged.lattice is None:
        return [0.0 for _ in plans]
    return tagged.lattice.chances([_mask(edits, words) for edits in plans])


def _mask(edits: Sequence[PlannedEdit], words: Words) -> Array:
    """Return zero where a word may have a tag with these references, as `Lattice.chances` wants it."""
    kinds: list[set[str]] = [set() for _ in words]
    for edit in edits:
        for one in edit.references:
            inside = [at for at, word in enumerate(words) if one.start <= word.start < word.end <= one.end]
            for at in inside:
                place = "B" if at == inside[0] else "I"
                kinds[at] |= {f"{place}-{kind}" for kind in _KINDS[one.role]}
    return np.array([_OUTSIDE if not some else _allowed(frozenset(some)) for some in kinds], np.float32)


def _allowed(tags: frozenset[str]) -> list[float]:
    return [0.0 if tag.removeprefix(STARTS) in tags else FORBIDDEN for tag in TAGS]


_OUTSIDE = _allowed(frozenset({"O", f"B-{VALUE}", f"I-{VALUE}"}))
