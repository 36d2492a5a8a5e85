"""Plans of several edits: what shares a pass, what is kept, what is not done and why."""

import io

import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign_editing.passes import seed_of_pass
from langdesign_edits import Box, box_mask
from langdesign_media import mask_to_png
from PIL import Image

TOLD = "make the bed red and paint the wall blue"
BED, WALL, LAMP = Box(2, 8, 8, 6), Box(0, 0, 24, 8), Box(18, 10, 4, 4)


def mask_of(box):
    return box_mask(box, width=24, height=16)


def decoded(image):
    return np.asarray(Image.open(io.BytesIO(image.data)))


def pass_of(message):
    return getattr(message, "pass")


def events_of(responses, kind):
    return [getattr(one.event, kind) for one in responses if one.event.HasField(kind)]


@pytest.fixture
def do(with_peers, reader, ask):
    """Edits by a plan; returns the mask events and the result."""

    async def edit(*edits, key="k1", plan=None, **fields):
        reader.plans[TOLD] = plan or reference_pb2.Plan(edits=edits, reader=reference_pb2.READER_PARSER)
        responses = await with_peers.edit(ask(key, instruction=TOLD, **fields))
        return events_of(responses, "mask"), responses[-1].event.result

    return edit


@pytest.fixture
def bed(planned):
    return planned.edit("the bed", instruction="make the bed red")


@pytest.fixture
def wall(planned):
    return planned.edit("the wall", instruction="paint the wall blue")


@pytest.fixture(autouse=True)
def room(segmenter):
    segmenter.places = {"the bed": BED, "the wall": WALL, "the lamp": LAMP}


# --- passes ---


async def test_edits_of_things_that_touch_are_one_pass_with_an_instruction_for_each(
    with_peers, segmenter, do, bed, wall, pixels
):
    [event], result = await do(bed, wall)
    [request] = with_peers.engine.requests
    assert request.parameters["instruction"] == ""
    assert request.parameters["regions"] == [
        {"instruction": "make the bed red"},
        {"instruction": "paint the wall blue"},
    ]
    for mask, box in zip(request.masks, (BED, WALL), strict=True):
        np.testing.assert_array_equal(mask, mask_of(box))
    assert [list(asked.expressions) for asked in segmenter.requests] == [["the bed", "the wall"]]
    assert [(region.edit, pass_of(region)) for region in event.regions] == [(0, 0), (1, 0)]
    assert event.regions[0].box == media_pb2.Box(x=2, y=8, width=8, height=6)
    assert event.regions[1].coverage == 0.5
    assert event.box == media_pb2.Box(x=0, y=0, width=24, height=14)
    assert [told.instruction for told in result.edits] == ["make the bed red", "paint the wall blue"]
    assert [told.inside.pixels for told in result.edits] == [48, 192]
    assert all(told.inside.changed_share > 0.9 for told in result.edits)
    both = mask_of(BED) | mask_of(WALL)
    np.testing.assert_array_equal(decoded(result.image), np.where(both[..., None], 255 - pixels, pixels))


async def test_edits_of_regions_that_overlap_are_done_one_after_the_other_and_all_else_stays(
    with_peers, segmenter, reader, ask, bed, planned, pixels
):
    segmenter.places["the cushion"] = Box(4, 9, 3, 3)
    cushion = planned.edit("the cushion", instruction="make the cushion white")
    reader.plans[TOLD] = planned.plan(bed, cushion)
    responses = await with_peers.edit(ask(instruction=TOLD, options={"seed": 7, "feather": 0}))
    first, second = with_peers.engine.requests
    assert [one.parameters["instruction"] for one in (first, second)] == [
        "make the bed red",
        "make the cushion white",
    ]
    inside = mask_of(BED)
    np.testing.assert_array_equal(first.pixels, pixels)
    np.testing.assert_array_equal(second.pixels, np.where(inside[..., None], 255 - pixels, pixels))
    assert [one.parameters["seed"] for one in (first, second)] == [7, seed_of_pass(7, 1)]
    assert first.parameters["seed"] != second.parameters["seed"]
    result = responses[-1].event.result
    edited = decoded(result.image)
    np.testing.assert_array_equal(edited[~inside], pixels[~inside])
    assert (result.report.inside.pixels, result.report.outside.changed_share) == (48, 0)
    assert [pass_of(told) for told in result.edits] == [0, 1]
    assert result.edits[1].inside.changed_share == 0  # inverted twice
    assert (result.timings.queue.ToMilliseconds(), result.timings.engine.ToMilliseconds()) == (500, 1000)
    steps = [(preview.step, preview.steps) for preview in events_of(responses, "preview")]
    assert steps == [(1, 8), (2, 8), (3, 8), (5, 8), (6, 8), (7, 8)]


async def test_a_found_edge_may_lie_a_little_in_the_neighbour_and_each_pixel_is_told_one_thing(
    with_peers, segmenter, do, bed, wall
):
    segmenter.places |= {"the bed": Box(2, 6, 8, 10), "the wall": Box(0, 0, 24, 7)}
    await do(bed, wall)
    [request] = with_peers.engine.requests
    assert [mask.sum() for mask in request.masks] == [80, 24 * 7 - 8]


async def test_an_edit_of_the_whole_picture_is_a_pass_of_its_own(with_peers, do, bed, planned):
    night = planned.edit(scope="global", operation="other", instruction="make it night")
    [event], result = await do(bed, night)
    first, second = with_peers.engine.requests
    assert (len(first.masks), second.masks) == (1, ())
    assert (event.coverage, event.HasField("mask"), event.regions[1].coverage) == (1, False, 1)
    assert result.report.preserve == pb.PRESERVE_NONE
    assert result.report.inside.pixels == 24 * 16


async def test_a_pass_takes_sixteen_regions_and_leaves_the_others_to_the_next(
    with_peers, segmenter, do, planned
):
    names = [f"chair {number}" for number in range(20)]
    segmenter.places = {name: Box(number, 0, 1, 1) for number, name in enumerate(names)}
    ten, more = planned.edit(*names[:10], instruction="red"), planned.edit(*names[10:], instruction="blue")
    await do(ten, more)
    assert [len(request.masks) for request in with_peers.engine.requests] == [10, 10]


async def test_a_cancelled_edit_stops_amid_a_later_pass(with_peers, reader, segmenter, ask, bed, planned):
    reader.plans[TOLD] = planned.plan(bed, bed)
    engine = with_peers.engine
    engine.hold()
    call = with_peers.stub.Edit(ask(instruction=TOLD))
    operation = (await call.read()).operation_id
    engine.allow(5)
    await engine.until(5)
    assert await with_peers.cancel(operation) == pb.EDIT_STATE_CANCELLED
    assert (engine.steps, engine.closed, len(engine.requests)) == (5, 1, 2)


# --- what a later edit names is looked for again where an earlier one makes or moves it ---


async def test_what_an_earlier_edit_makes_is_looked_for_before_it_is_said_to_be_absent(
    with_peers, segmenter, do, bed, planned
):
    replace = planned.edit("the bed", operation="replace", instruction="replace the bed with a bench")
    paint = planned.edit("the bench", instruction="make the bench red")
    segmenter.later = {"the bench": Box(3, 9, 6, 3)}
    [first, second], result = await do(replace, paint)
    assert [list(asked.expressions) for asked in segmenter.requests] == [
        ["the bed", "the bench"],
        ["the bench"],
    ]
    shown = np.asarray(Image.open(io.BytesIO(segmenter.requests[1].image.data)))
    np.testing.assert_array_equal(shown, with_peers.engine.requests[1].pixels)
    assert not first.regions[1].HasField("mask")
    assert not first.regions[1].no_op_reason
    assert second.regions[1].box == media_pb2.Box(x=3, y=9, width=6, height=3)
    assert with_peers.engine.requests[1].masks[0].sum() == 18
    assert [told.no_op_reason for told in result.edits] == [0, 0]


async def test_what_an_earlier_edit_was_to_make_and_did_not_is_certified_to_be_absent_then(
    segmenter, with_peers, do, planned
):
    replace = planned.edit("the bed", operation="replace", instruction="replace the bed with a bench")
    paint = planned.edit("the bench", instruction="make the bench red")
    [_, second], result = await do(replace, paint)
    assert len(segmenter.requests) == 2
    assert len(with_peers.engine.requests) == 1
    assert second.regions[1].no_op_reason == pb.NO_OP_REASON_NO_TARGET
    assert [told.no_op_reason for told in result.edits] == [0, pb.NO_OP_REASON_NO_TARGET]
    assert not result.no_op_reason


async def test_what_no_earlier_edit_makes_is_not_looked_for_again(segmenter, do, planned, wall):
    replace = planned.edit("the bed", operation="replace", instruction="replace the bed with a bench")
    await do(replace, wall, planned.edit("the piano", instruction="make the piano red"))
    assert len(segmenter.requests) == 1


async def test_what_was_moved_is_edited_where_it_is_then_or_else_where_it_was(
    with_peers, segmenter, do, planned, bed
):
    to = planned.reference("the lamp", "anchor", relation=reference_pb2.RELATION_LEFT)
    move = planned.edit("the bed", to, operation="move", instruction="move the bed to the left of the lamp")
    await do(move, bed)
    np.testing.assert_array_equal(with_peers.engine.requests[1].masks[0], mask_of(BED))
    segmenter.later = {"the bed": Box(12, 8, 6, 6)}
    await do(move, bed, key="k2")
    np.testing.assert_array_equal(with_peers.engine.requests[3].masks[0], mask_of(Box(12, 8, 6, 6)))


async def test_a_move_acts_where_a_thing_is_and_where_it_goes_or_not_at_all(
    with_peers, segmenter, do, planned
):
    to = planned.reference("the lamp", "anchor", relation=reference_pb2.RELATION_LEFT)
    await do(planned.edit("the bed", to, operation="move", instruction="move the bed"))
    assert len(with_peers.engine.requests[0].masks) == 2
    for key, missing in (("k2", "the bed"), ("k3", "the lamp")):
        place = segmenter.places.pop(missing)
        _, result = await do(planned.edit("the bed", to, operation="move", instruction="move"), key=key)
        assert result.no_op_reason == pb.NO_OP_REASON_NO_TARGET
        segmenter.places[missing] = place


# --- what is kept ---


async def test_what_is_kept_is_taken_out_of_the_region(with_peers, segmenter, do, planned):
    segmenter.places["the pictures"] = Box(4, 2, 5, 4)
    await do(planned.edit("the wall", planned.reference("the pictures", "keep"), instruction="blue"))
    [mask] = with_peers.engine.requests[0].masks
    np.testing.assert_array_equal(mask, mask_of(WALL) & ~mask_of(Box(4, 2, 5, 4)))


async def test_a_global_edit_is_of_everything_less_what_is_kept(with_peers, do, planned, pixels):
    keep = planned.reference("the bed", "keep")
    [event], result = await do(
        planned.edit(keep, scope="global", instruction="make everything white"), options={"feather": 0}
    )
    [request] = with_peers.engine.requests
    np.testing.assert_array_equal(request.masks[0], ~mask_of(BED))
    assert request.parameters["preserve"] == "strict"
    assert event.coverage == pytest.approx(1 - 48 / 384)
    np.testing.assert_array_equal(decoded(result.image)[mask_of(BED)], pixels[mask_of(BED)])
    assert result.report.outside.changed_share == 0


@pytest.mark.parametrize("scope", ["region", "global"])
async def test_what_is_not_there_need_not_be_kept(with_peers, segmenter, do, planned, scope):
    target = ["the wall"] if scope == "region" else []
    keep = planned.reference("the piano", "keep")
    await do(planned.edit(*target, keep, scope=scope, instruction="white"))
    assert [mask.sum() for mask in with_peers.engine.requests[0].masks] == ([192] if target else [])


async def test_the_best_guess_of_what_is_to_be_kept_is_kept(with_peers, segmenter, do, planned):
    segmenter.places["the pictures"] = Box(4, 2, 5, 4)
    segmenter.uncertain = {"the pictures"}
    await do(planned.edit("the wall", planned.reference("the pictures", "keep"), instruction="blue"))
    assert with_peers.engine.requests[0].masks[0].sum() == 192 - 20


async def test_an_edit_that_is_to_spare_what_nobody_knows_is_not_done(
    with_peers, segmenter, do, planned, bed
):
    segmenter.unknown = {"sitzpouf"}
    keep = planned.reference("the sitzpouf", "keep")
    [event], result = await do(planned.edit("the wall", keep, instruction="blue"), bed)
    assert (result.edits[0].no_op_reason, list(result.edits[0].unknown_words)) == (
        pb.NO_OP_REASON_UNKNOWN_WORDS,
        ["sitzpouf"],
    )
    assert list(event.regions[0].unknown_words) == ["sitzpouf"]
    assert not result.no_op_reason
    assert [request.masks[0].sum() for request in with_peers.engine.requests] == [48]


async def test_an_edit_of_which_all_is_kept_asks_for_nothing(with_peers, do, planned):
    _, result = await do(planned.edit("the bed", planned.reference("the bed", "keep"), instruction="red"))
    assert result.no_op_reason == pb.NO_OP_REASON_NOTHING_ASKED
    assert not with_peers.engine.requests


# --- what is not done, and why ---


@pytest.mark.parametrize(
    ("uncertain", "unknown", "reason", "words"),
    [
        ((), (), pb.NO_OP_REASON_NO_TARGET, []),
        (("the piano",), (), pb.NO_OP_REASON_UNCERTAIN, []),
        (("the piano",), ("harp",), pb.NO_OP_REASON_UNKNOWN_WORDS, ["harp"]),
    ],
)
async def test_the_reason_is_the_one_that_claims_least_and_only_sure_absence_is_certified(
    with_peers, segmenter, do, planned, photo, uncertain, unknown, reason, words
):
    segmenter.uncertain, segmenter.unknown = set(uncertain), set(unknown)
    segmenter.places["the piano"] = Box(0, 0, 1, 1) if uncertain else None
    if not uncertain:
        del segmenter.places["the piano"]
    [event], result = await do(planned.edit("the piano", "the harp"))
    assert result.no_op_reason == result.edits[0].no_op_reason == event.regions[0].no_op_reason == reason
    assert list(result.edits[0].unknown_words) == words
    assert result.image.data == photo
    assert not with_peers.engine.requests


async def test_what_is_found_of_several_things_is_edited_and_what_is_left_out_is_told(
    with_peers, segmenter, do, planned
):
    segmenter.unknown = {"sitzpouf"}
    [event], result = await do(planned.edit("the bed", "the piano", "the sitzpouf"))
    assert [mask.sum() for mask in with_peers.engine.requests[0].masks] == [48]
    assert event.regions[0].no_target_probability == 0.875
    assert list(event.regions[0].unknown_words) == list(result.edits[0].unknown_words) == ["sitzpouf"]
    left_out = ["the piano", "the sitzpouf"]
    assert list(event.regions[0].not_found) == list(result.edits[0].not_found) == left_out
    assert not result.edits[0].no_op_reason


async def test_a_plan_that_is_partly_done_is_a_result_that_says_which_edits_were_not(
    with_peers, segmenter, do, planned, bed
):
    strange = planned.edit("", instruction="", unknown_words=["Sitzpouf"])
    piano = planned.edit("the piano", instruction="remove the piano", operation="remove")
    [event], result = await do(piano, bed, strange)
    reasons = [pb.NO_OP_REASON_NO_TARGET, 0, pb.NO_OP_REASON_UNKNOWN_WORDS]
    assert [told.no_op_reason for told in result.edits] == reasons
    assert [region.no_op_reason for region in event.regions] == reasons
    assert [told.HasField("inside") for told in result.edits] == [False, True, False]
    assert not result.no_op_reason
    assert [list(asked.expressions) for asked in segmenter.requests] == [["the piano", "the bed"]]
    assert [request.parameters["instruction"] for request in with_peers.engine.requests] == [
        "make the bed red"
    ]


async def test_a_plan_of_which_nothing_is_done_says_why_for_its_first_edit(
    with_peers, do, planned, photo, segmenter
):
    segmenter.uncertain = {"the lamp"}
    _, result = await do(planned.edit("the lamp"), planned.edit("the piano"))
    assert result.no_op_reason == pb.NO_OP_REASON_UNCERTAIN
    assert result.image.data == photo
    assert [told.no_op_reason for told in result.edits] == [
        pb.NO_OP_REASON_UNCERTAIN,
        pb.NO_OP_REASON_NO_TARGET,
    ]


async def test_what_asks_for_no_change_gets_none_and_is_told_so(with_peers, segmenter, do, planned, photo):
    [event], result = await do(plan=planned.plan())
    assert result.no_op_reason == pb.NO_OP_REASON_NOTHING_ASKED
    assert (result.image.data, list(result.edits), list(event.regions)) == (photo, [], [])
    assert not segmenter.requests
    assert not with_peers.engine.checked


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ("uncertain", pb.NO_OP_REASON_UNCERTAIN),
        ("unknown", pb.NO_OP_REASON_UNKNOWN_WORDS),
        ("", pb.NO_OP_REASON_NO_TARGET),
    ],
)
async def test_an_expression_of_the_caller_is_judged_as_those_of_a_plan(
    with_peers, reader, segmenter, ask, planned, verdict, reason
):
    reader.plans[TOLD] = planned.plan(planned.edit("the harp"))
    if verdict:
        setattr(segmenter, verdict, {"harp"} | {"the harp"})
    result = (await with_peers.edit(ask(instruction=TOLD, region=pb.Region(expression="the harp"))))[-1]
    assert result.event.result.no_op_reason == reason


# --- additions that name no place ---


async def test_an_addition_finds_room_on_a_surface_that_suits_it(with_peers, segmenter, do, planned):
    segmenter.places["the floor"] = Box(0, 8, 24, 8)
    add = planned.edit(operation="add", instruction="add a plant", surfaces=["the floor", "the ceiling"])
    [event], result = await do(add)
    assert [list(asked.expressions) for asked in segmenter.requests] == [["the floor", "the ceiling"]]
    assert event.regions[0].surface == "the floor"
    assert 0 < event.coverage < 0.5
    assert result.edits[0].inside.changed_share > 0.9
    assert result.report.preserve == pb.PRESERVE_STRICT


async def test_an_addition_on_a_surface_takes_a_free_place_on_it(with_peers, segmenter, do, planned):
    segmenter.places["the floor"] = Box(0, 4, 24, 12)
    floor = planned.reference("the floor", role="anchor", relation="RELATION_ON")
    [event], _ = await do(planned.edit(floor, operation="add", instruction="add a rug on the floor"))
    assert 0 < event.coverage < 0.5 * 12 / 16


@pytest.mark.parametrize("surfaces", [["the floor"], []])
async def test_an_addition_without_room_asks_for_a_place(with_peers, do, planned, photo, surfaces):
    add = planned.edit(operation="add", instruction="add a plant", surfaces=surfaces)
    _, result = await do(add)
    assert result.no_op_reason == pb.NO_OP_REASON_NO_PLACE
    assert result.image.data == photo
    assert not with_peers.engine.requests


async def test_two_additions_do_not_share_their_room(with_peers, segmenter, do, planned):
    segmenter.places["the floor"] = Box(0, 6, 24, 10)
    adds = [
        planned.edit(operation="add", instruction=f"add a {thing}", surfaces=["the floor"])
        for thing in ("plant", "statue")
    ]
    await do(*adds)
    [request] = with_peers.engine.requests
    assert not (request.masks[0] & request.masks[1]).any()


# --- wishes ---


async def test_a_wish_is_done_at_gentle_guidance_and_the_callers_own_numbers_win(with_peers, do, planned):
    wish = planned.edit(scope="global", operation="restyle", instruction="make it cosier", gentle=True)
    [event], result = await do(wish)
    assert (event.coverage, event.HasField("mask"), result.report.preserve) == (1, False, pb.PRESERVE_STRICT)
    await do(wish, key="k2", editor={"guidance_scale": 9.0})
    first, second = (request.parameters for request in with_peers.engine.requests)
    assert (first["guidance_scale"], first["image_guidance_scale"]) == (4.25, 1.875)
    assert (second["guidance_scale"], second["image_guidance_scale"]) == (9.0, 1.875)
    # As a region, so that the detail that is only redrawn comes back.
    assert (first["preserve"], [mask.all() for mask in with_peers.engine.requests[0].masks]) == (
        "strict",
        [True],
    )


async def test_a_gentle_edit_and_one_that_is_not_are_passes_of_their_own(with_peers, do, planned, bed, wall):
    wall.gentle = True
    await do(bed, wall)
    assert [request.parameters["guidance_scale"] for request in with_peers.engine.requests] == [7.5, 4.25]


async def test_an_empty_mask_of_the_caller_is_told_for_its_one_edit(editing, ask):
    empty = media_pb2.Mask(png=mask_to_png(np.zeros((16, 24), bool)))
    result = (await editing.edit(ask(region=pb.Region(mask=empty))))[-1].event.result
    assert [told.no_op_reason for told in result.edits] == [pb.NO_OP_REASON_EMPTY_MASK]
