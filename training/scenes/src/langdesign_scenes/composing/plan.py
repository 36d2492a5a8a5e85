"""Families: one scene, its variants and the changes between them, from two numbers."""

from __future__ import annotations

import numpy as np

from ..plan import FamilyPlan
from .compose import compose
from .finishes import Words
from .variants import vary


def plan_family(seed: int, index: int, *, general: bool, single: bool) -> FamilyPlan:
    """Plan a family; the same arguments give the same plan.

    Args:
        seed: of the set, 0 or more.
        index: of the family in the set, 0 or more.
        general: whether it must hold nothing that `vocabulary.Holdout` names, in any state; else it does.
        single: whether it is one object on a plain backdrop rather than a room.

    Raises:
        SceneError: no attempt gave a room that is worth showing.

    """
    rng = np.random.default_rng((seed, index, int(general), int(single)))
    scene = compose(rng, general=general, single=single)
    states, changes = vary(rng, scene, Words(general))
    return FamilyPlan(index=index, general=general, states=states, changes=changes)
