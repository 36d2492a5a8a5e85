"""More edits than a plan holds are told, and not left out."""

import pytest
from langdesign_reference.errors import TooManyEdits
from langdesign_reference.parser import MAX_EDITS
from langdesign_reference.settings import ReferenceSettings
from langdesign_reference.wiring import new_planner

THINGS = (
    *("sofa", "rug", "lamp", "door", "desk", "bed", "chair", "stool", "shelf"),
    *("table", "mirror", "clock", "vase", "plant", "bench", "wardrobe", "fridge"),
)


async def test_an_instruction_for_more_edits_than_a_plan_holds_says_so():
    planner = new_planner(ReferenceSettings(llm_base_url=""), None)
    with pytest.raises(TooManyEdits, match=f"{len(THINGS)} edits .* holds {MAX_EDITS}"):
        await planner.plan(" ".join(f"Paint the {thing} blue." for thing in THINGS))


async def test_as_many_edits_as_a_plan_holds_are_planned():
    planner = new_planner(ReferenceSettings(llm_base_url=""), None)
    plan = await planner.plan(" ".join(f"Paint the {thing} blue." for thing in THINGS[:MAX_EDITS]))
    assert len(plan.reading.edits) == MAX_EDITS
