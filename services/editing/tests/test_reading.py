"""What is read and checked before there is an operation: instructions, languages, words, given plans."""

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.reference.v1 import reference_pb2
from langdesign_editing import reading
from langdesign_edits import Box

TOLD = "Entferne den Teppich"
LONG = " ".join(["very"] * 74 + ["long", "chair"])


def violations(error):
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    bad = error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(bad)
    return [violation.field for violation in bad.field_violations]


async def refused(awaitable):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await awaitable
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    return caught.value


def result_of(responses):
    return responses[-1].event.result


@pytest.fixture(autouse=True)
def room(segmenter):
    segmenter.places = {"the rug": Box(2, 3, 8, 6), "the bed": Box(14, 3, 6, 6)}


# --- instructions that are too long ---


async def test_an_instruction_longer_than_the_editor_reads_is_refused_before_any_work_and_frees_its_key(
    editing, ask, box
):
    error = await refused(editing.edit(ask(instruction=LONG, region=box)))
    assert error.details() == "instruction has 76 tokens; at most 75 fit: shorten it"
    assert violations(error) == ["instruction"]
    assert not editing.engine.requests
    assert result_of(await editing.edit(ask(region=box))).checkpoint


async def test_of_a_plan_with_one_that_is_too_long_nothing_is_done_and_the_edit_is_named(
    with_peers, reader, segmenter, ask, planned
):
    reader.plans[TOLD] = planned.plan(planned.edit("the rug"), planned.edit("the bed", instruction=LONG))
    for call in (
        with_peers.edit(ask(instruction=TOLD)),
        with_peers.stub.PlanEdit(pb.PlanEditRequest(image=ask().image, instruction=TOLD)),
    ):
        error = await refused(call)
        assert "edit 2 of the plan" in error.details()
        assert "has 76 tokens; at most 75 fit" in error.details()
        assert violations(error) == ["instruction"]
    assert not segmenter.requests
    assert not with_peers.engine.requests


async def test_a_request_whose_key_is_known_joins_and_is_neither_read_nor_checked_again(
    with_peers, reader, ask, planned
):
    reader.plans[TOLD] = planned.plan(planned.edit("the rug"))
    first = await with_peers.edit(ask(instruction=TOLD))
    again = await with_peers.edit(ask(instruction=TOLD))
    assert again[0].operation_id == first[0].operation_id
    assert (len(reader.requests), len(with_peers.engine.checked)) == (1, 1)


# --- words that the editor does not know ---


@pytest.mark.parametrize(
    ("edit", "unknown", "missing"),
    [
        ({"operation": "add", "instruction": "add a hammock by the rug"}, {"hammock"}, ["hammock"]),
        (
            {"operation": "replace", "instruction": "replace the rug with a mossy lawn"},
            {"lawn", "mossy"},
            ["mossy", "lawn"],
        ),
        ({"operation": "recolour", "instruction": "make the rug chartreuse"}, {"chartreuse"}, ["chartreuse"]),
        ({"operation": "recolour", "instruction": "make the rug sage green"}, {"sage"}, []),
        ({"operation": "restyle", "instruction": "tile the rug with blue tiles"}, {"tile"}, []),
        ({"operation": "recolour", "instruction": "make the rug red"}, {"rug", "the"}, []),
        ({"operation": "remove", "instruction": "remove the old rug"}, {"old", "rug"}, []),
        (
            {"operation": "remove", "instruction": "obliterate the rug"},
            {"obliterate", "rug"},
            ["obliterate", "rug"],
        ),
    ],
    ids=lambda value: value["instruction"] if isinstance(value, dict) else None,
)
async def test_an_edit_is_not_understood_where_the_editor_does_not_know_what_it_is_to_show(
    with_peers, reader, ask, planned, edit, unknown, missing
):
    with_peers.engine.unknown = unknown
    reader.plans[TOLD] = planned.plan(planned.edit("the rug", **edit))
    result = result_of(await with_peers.edit(ask(instruction=TOLD)))
    assert list(result.edits[0].unknown_words) == missing
    assert result.no_op_reason == (pb.NO_OP_REASON_UNKNOWN_WORDS if missing else 0)
    assert len(with_peers.engine.requests) == (0 if missing else 1)


async def test_what_the_editor_has_no_name_for_is_it_to_the_editor(
    with_peers, reader, segmenter, ask, planned
):
    with_peers.engine.unknown = {"everything", "harp"}
    segmenter.places["the old harp"] = Box(0, 0, 4, 4)
    keep = planned.reference("the bed", "keep")
    reader.plans[TOLD] = planned.plan(
        planned.edit("the old harp", instruction="make the old harp red"),
        planned.edit(keep, scope="global", instruction="make everything white"),
    )
    result = result_of(await with_peers.edit(ask(instruction=TOLD)))
    assert [told.instruction for told in result.edits] == ["make it red", "make it white"]
    told = [request.parameters["instruction"] for request in with_peers.engine.requests]
    assert told == ["make it red", "make it white"]


async def test_a_wish_is_done_though_the_editor_does_not_know_its_word(with_peers, reader, ask, planned):
    with_peers.engine.unknown = {"cosier"}
    edit = planned.edit(scope="global", operation="restyle", instruction="make it cosier", gentle=True)
    reader.plans[TOLD] = planned.plan(edit, wish=True)
    assert not result_of(await with_peers.edit(ask(instruction=TOLD))).no_op_reason


@pytest.mark.parametrize(
    ("unknown", "missing"),
    [
        ({"Entferne", "Teppich"}, ["Entferne", "Teppich"]),
        ({"Teppich"}, []),
        ({"Entferne", "Teppich", "den"}, ["Entferne", "den", "Teppich"]),
    ],
)
async def test_where_the_caller_says_where_an_instruction_is_not_understood_if_most_of_its_words_are_not(
    editing, ask, box, unknown, missing
):
    editing.engine.unknown = unknown
    result = result_of(await editing.edit(ask(instruction=TOLD, region=box)))
    assert list(result.edits[0].unknown_words) == missing
    assert result.no_op_reason == (pb.NO_OP_REASON_UNKNOWN_WORDS if missing else 0)


# --- languages, where the caller says where ---


async def test_another_language_reaches_the_editor_in_english(with_peers, reader, ask, box, planned):
    reader.plans[TOLD] = planned.plan(
        planned.edit("the rug", operation="remove", instruction="remove the rug"),
        planned.edit("the bed", instruction="make the bed red"),
        language="de",
    )
    responses = await with_peers.edit(ask(instruction=TOLD, region=box, caption="a room"))
    assert reader.requests[0].caption == "a room"
    assert not [one for one in responses if one.event.HasField("plan")]
    [request] = with_peers.engine.requests
    assert request.parameters["instruction"] == "remove the rug and make the bed red"
    assert result_of(responses).edits[0].instruction == "remove the rug and make the bed red"


@pytest.mark.parametrize("language", ["en", "en-GB", "und", ""])
async def test_english_and_what_is_of_no_known_language_goes_to_the_editor_as_it_is(
    with_peers, reader, ask, box, planned, language
):
    reader.plans["Make the rug reddish"] = planned.plan(planned.edit("the rug"), language=language)
    await with_peers.edit(ask(instruction="Make the rug reddish", region=box))
    assert with_peers.engine.requests[0].parameters["instruction"] == "Make the rug reddish"


async def test_a_word_that_has_no_english_is_told_though_the_region_is_given(
    with_peers, reader, ask, box, planned
):
    reader.plans[TOLD] = planned.plan(planned.edit(instruction="", unknown_words=["Sitzpouf"]), language="de")
    result = result_of(await with_peers.edit(ask(instruction=TOLD, region=box)))
    assert result.no_op_reason == pb.NO_OP_REASON_UNKNOWN_WORDS
    assert list(result.edits[0].unknown_words) == ["Sitzpouf"]
    assert not with_peers.engine.requests


async def test_a_question_in_another_language_asks_for_nothing(with_peers, reader, ask, box, planned):
    reader.plans[TOLD] = planned.plan(language="de")
    result = result_of(await with_peers.edit(ask(instruction=TOLD, region=box)))
    assert result.no_op_reason == pb.NO_OP_REASON_NOTHING_ASKED


@pytest.mark.parametrize("failure", ["unavailable", "internal", "late"])
async def test_without_an_answer_the_instruction_of_a_region_goes_to_the_editor_as_it_is(
    with_peers, reader, ask, box, monkeypatch, failure
):
    monkeypatch.setattr(reading, "LANGUAGE_SECONDS", 0.05 if failure == "late" else 10)
    reader.work.held = failure == "late"
    if failure != "late":
        reader.failure = (grpc.StatusCode[failure.upper()], "no")
    assert result_of(await with_peers.edit(ask(instruction=TOLD, region=box))).checkpoint
    assert with_peers.engine.requests[0].parameters["instruction"] == TOLD


# --- plans that the caller gives ---


async def test_a_given_plan_is_done_as_it_is_and_told_and_the_instruction_is_not_read(
    with_peers, reader, segmenter, ask, planned
):
    plan = planned.plan(planned.edit("the rug", instruction="make the rug blue"))
    responses = await with_peers.edit(ask(instruction=TOLD, plan=plan))
    assert responses[0].event.plan.plan == plan
    assert not reader.requests
    assert list(segmenter.requests[0].expressions) == ["the rug"]
    assert with_peers.engine.requests[0].parameters["instruction"] == "make the rug blue"


async def test_a_given_plan_needs_no_reader_and_looks_for_things_only_if_it_names_some(editing, ask, planned):
    night = planned.plan(planned.edit(scope="global", instruction="make it night"))
    assert result_of(await editing.edit(ask(plan=night))).checkpoint
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await editing.edit(ask("k2", plan=planned.plan(planned.edit("the rug"))))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "segmentation" in caught.value.details()


async def test_a_plan_as_the_reader_gave_it_with_an_edit_that_is_not_to_be_done_is_taken(
    with_peers, ask, planned
):
    strange = planned.edit("", instruction="", unknown_words=["Sitzpouf"])
    result = result_of(await with_peers.edit(ask(plan=planned.plan(planned.edit("the rug"), strange))))
    assert [told.no_op_reason for told in result.edits] == [0, pb.NO_OP_REASON_UNKNOWN_WORDS]


async def test_a_given_plan_beside_a_region_is_refused(with_peers, ask, box, planned):
    error = await refused(with_peers.edit(ask(region=box, plan=planned.plan(planned.edit("the rug")))))
    assert violations(error) == ["plan"]


@pytest.mark.parametrize(
    ("things", "fields", "field"),
    [
        (["the rug"], {"instruction": " "}, ".instruction"),
        ([""], {}, ".references[0].english"),
        (["the rug", "x" * 401], {}, ".references[1].english"),
        ([{"alternatives": ["the mat", ""]}], {}, ".references[0].alternatives[1]"),
        ([{"alternatives": ["x" * 401]}], {}, ".references[0].alternatives[0]"),
        (["the rug"], {"scope": "global"}, ".references[0]"),
        ([], {}, ".references"),
        ([], {"operation": "add", "surfaces": ["the floor", ""]}, ".surfaces[1]"),
        (["the rug"], {"instruction": "x" * 1001}, ".instruction"),
    ],
)
async def test_a_given_plan_that_cannot_be_done_is_refused_by_its_field_and_frees_the_key(
    with_peers, ask, planned, things, fields, field
):
    named = [planned.reference("the rug", **one) if isinstance(one, dict) else one for one in things]
    plan = planned.plan(planned.edit("the bed"), planned.edit(*named, **fields))
    error = await refused(with_peers.edit(ask(plan=plan)))
    assert violations(error) == [f"plan.edits[1]{field}"]
    assert result_of(await with_peers.edit(ask(plan=planned.plan(planned.edit("the bed"))))).checkpoint


@pytest.mark.parametrize("confidence", [5.0, -1.0, float("nan")])
async def test_a_given_plan_has_a_confidence_from_0_to_1(with_peers, ask, planned, confidence):
    plan = planned.plan(planned.edit("the bed"), confidence=confidence)
    error = await refused(with_peers.edit(ask(plan=plan)))
    assert violations(error) == ["plan.confidence"]


async def test_what_a_reader_has_no_english_of_is_not_understood_though_it_names_no_word(
    with_peers, reader, ask, planned
):
    strange = reference_pb2.Reference(expression="den Sitzpouf", role=reference_pb2.ROLE_TARGET)
    reader.plans[TOLD] = planned.plan(planned.edit(strange))
    result = result_of(await with_peers.edit(ask(instruction=TOLD)))
    assert list(result.edits[0].unknown_words) == ["den Sitzpouf"]


@pytest.mark.parametrize("told", ["What colour is the bed?", "Don't touch the bed."])
async def test_what_asks_for_no_change_changes_nothing_in_a_given_region_either(
    with_peers, reader, ask, box, planned, told
):
    reader.plans[told] = planned.plan()
    result = result_of(await with_peers.edit(ask(instruction=told, region=box)))
    assert result.no_op_reason == pb.NO_OP_REASON_NOTHING_ASKED
    assert not with_peers.engine.requests
