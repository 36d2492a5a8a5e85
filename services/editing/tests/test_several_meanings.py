"""A thing by a name that may mean several things: found by any of them, absent only by all."""

import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.reference.v1 import reference_pb2
from langdesign_edits import Box, box_mask

TOLD = "Streich den Schrank rot"
NAMES = ["the wardrobe", "the cabinet", "the cupboard"]
PLACE, WALL = Box(2, 8, 8, 6), Box(0, 0, 24, 8)


@pytest.fixture
def schrank(planned):
    """A thing that may be a wardrobe, a cabinet or a cupboard."""
    return planned.reference(NAMES[0], alternatives=NAMES[1:])


@pytest.fixture
def do(with_peers, reader, ask, planned):
    """Edits by a plan of these edits; returns the first mask event and the result."""

    async def edit(*edits, key="k1"):
        reader.plans[TOLD] = planned.plan(*edits)
        responses = await with_peers.edit(ask(key, instruction=TOLD))
        mask, *_ = [one.event.mask for one in responses if one.event.HasField("mask")]
        return mask, responses[-1].event.result

    return edit


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_found_by_any_name_is_edited_there_and_the_editor_is_told_that_name(
    with_peers, segmenter, do, planned, schrank, name
):
    segmenter.places[name] = PLACE
    mask, result = await do(planned.edit(schrank, instruction="make the wardrobe red"))
    [request] = with_peers.engine.requests
    assert [list(asked.expressions) for asked in segmenter.requests] == [NAMES]
    assert request.parameters["instruction"] == f"make {name} red"
    np.testing.assert_array_equal(request.masks[0], box_mask(PLACE, width=24, height=16))
    assert result.edits[0].instruction == f"make {name} red"
    assert mask.no_target_probability == 0.125


async def test_the_likelier_meaning_wins(with_peers, segmenter, do, planned, schrank):
    segmenter.places |= {"the cabinet": PLACE, "the cupboard": WALL}
    await do(planned.edit(schrank, instruction="make the wardrobe red"))
    assert with_peers.engine.requests[0].parameters["instruction"] == "make the cabinet red"


@pytest.mark.parametrize(
    ("uncertain", "unknown", "reason"),
    [
        ((), (), pb.NO_OP_REASON_NO_TARGET),
        (("the cupboard",), (), pb.NO_OP_REASON_UNCERTAIN),
        ((), ("cabinet",), pb.NO_OP_REASON_UNKNOWN_WORDS),
        (("the wardrobe",), ("cupboard",), pb.NO_OP_REASON_UNKNOWN_WORDS),
    ],
)
async def test_absence_is_certified_only_by_all_names(
    with_peers, segmenter, do, planned, schrank, uncertain, unknown, reason
):
    segmenter.uncertain, segmenter.unknown = set(uncertain), set(unknown)
    mask, result = await do(planned.edit(schrank))
    assert result.no_op_reason == mask.regions[0].no_op_reason == reason
    assert list(result.edits[0].unknown_words) == list(unknown)
    assert not with_peers.engine.requests


async def test_what_is_left_out_is_told_by_its_first_name(segmenter, do, planned, schrank):
    segmenter.places["the bed"] = PLACE
    segmenter.uncertain = {"the cupboard"}
    mask, result = await do(planned.edit("the bed", schrank))
    assert list(mask.regions[0].not_found) == list(result.edits[0].not_found) == ["the wardrobe"]


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_kept_is_kept_by_whatever_name_it_is_found(with_peers, segmenter, do, planned, name):
    segmenter.places |= {"the wall": WALL, name: Box(4, 2, 5, 4)}
    keep = planned.reference(NAMES[0], "keep", alternatives=NAMES[1:])
    await do(planned.edit("the wall", keep, instruction="make the wall blue"))
    assert with_peers.engine.requests[0].masks[0].sum() == 24 * 8 - 5 * 4


async def test_an_addition_goes_where_its_anchor_is_found(with_peers, segmenter, do, planned):
    segmenter.places["the cabinet"] = PLACE
    anchor = planned.reference(
        NAMES[0], "anchor", alternatives=NAMES[1:], relation=reference_pb2.RELATION_ABOVE
    )
    mask, _ = await do(planned.edit(anchor, operation="add", instruction="put a lamp above the wardrobe"))
    assert with_peers.engine.requests[0].parameters["instruction"] == "put a lamp above the cabinet"
    assert mask.box.y + mask.box.height <= PLACE.y


async def test_an_editor_is_not_told_a_name_that_it_does_not_know(
    with_peers, segmenter, do, planned, schrank
):
    with_peers.engine.unknown = {"cupboard"}
    segmenter.places["the cupboard"] = PLACE
    _, result = await do(planned.edit(schrank, instruction="make the wardrobe red"))
    assert with_peers.engine.requests[0].parameters["instruction"] == "make it red"
    assert not result.no_op_reason


async def test_what_an_earlier_edit_makes_is_looked_for_again_by_all_names(
    with_peers, segmenter, do, planned, schrank
):
    segmenter.places["the bed"] = PLACE
    segmenter.later = {"the cabinet": Box(3, 9, 6, 3)}
    made = planned.edit("the bed", operation="replace", instruction="replace the bed with a cabinet")
    await do(made, planned.edit(schrank, instruction="make the wardrobe red"))
    assert [list(asked.expressions) for asked in segmenter.requests] == [["the bed", *NAMES], NAMES]
    assert with_peers.engine.requests[1].parameters["instruction"] == "make the cabinet red"


async def test_a_given_plan_is_done_the_same(with_peers, reader, segmenter, ask, planned, schrank):
    segmenter.places["the cabinet"] = PLACE
    plan = planned.plan(planned.edit(schrank, instruction="make the wardrobe red"))
    responses = await with_peers.edit(ask(instruction=TOLD, plan=plan))
    assert responses[0].event.plan.plan == plan
    assert not reader.requests
    assert with_peers.engine.requests[0].parameters["instruction"] == "make the cabinet red"
