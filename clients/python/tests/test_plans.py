"""Plans come from the services whole, go back to them whole, and results tell of each edit."""

from dataclasses import replace

import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.reference.v1 import reference_pb2
from langdesign_client import Client, Connection, EditResult, InvalidInputError, MaskFound, PlanRead
from langdesign_client.connection import everywhere
from langdesign_client.edits import read_event
from langdesign_client.readings import plan_edit
from langdesign_client.references import plan_message, read_plan

MESSAGE = reference_pb2.Plan(
    confidence=0.5,
    reader=reference_pb2.READER_PARSER,
    agreed=False,
    language="de",
    corrections=[{"written": "bedd", "read": "bed", "start": 9, "end": 13}],
    wish=True,
    edits=[
        {
            "operation": reference_pb2.OPERATION_RECOLOUR,
            "scope": reference_pb2.SCOPE_GLOBAL,
            "references": [
                {
                    "expression": "dem Sofa",
                    "start": 3,
                    "end": 11,
                    "role": 3,
                    "relation": 2,
                    "english": "the sofa",
                    "alternatives": ["the couch", "the settee"],
                }
            ],
            "instruction": "paint it white",
            "surfaces": ["the floor"],
            "surface_relation": reference_pb2.RELATION_INSIDE,
            "gentle": True,
        },
        {"operation": reference_pb2.OPERATION_ADD, "scope": 1, "unknown_words": ["Sitzpouf"]},
    ],
)


class Reading(editing_pb2_grpc.EditingServiceServicer):
    """Does the first of two edits."""

    def __init__(self):
        self.requests = []

    def PlanEdit(self, request, context):
        answer = editing_pb2.PlanEditResponse()
        answer.plan.plan.CopyFrom(MESSAGE)
        self._tell(answer.mask)
        return answer

    def Edit(self, request, context):
        self.requests.append(request)
        events = [editing_pb2.EditEvent(sequence=number) for number in (1, 2, 3)]
        events[0].plan.plan.CopyFrom(request.plan)
        self._tell(events[1].mask)
        done = events[2].result.edits.add(instruction="paint it white", **{"pass": 1})
        done.inside.changed_share = 0.5
        events[2].result.edits.add(
            edit=1, no_op_reason=editing_pb2.NO_OP_REASON_UNKNOWN_WORDS, unknown_words=["Sitzpouf"]
        )
        for event in events:
            yield editing_pb2.EditResponse(operation_id="op", event=event)

    def _tell(self, mask):
        mask.coverage = 0.25
        mask.regions.add(coverage=0.25, no_target_probability=0.125, surface="the floor", **{"pass": 1})
        mask.regions.add(
            edit=1, no_op_reason=editing_pb2.NO_OP_REASON_UNKNOWN_WORDS, unknown_words=["Sitzpouf"]
        )


@pytest.fixture
def service():
    return Reading()


@pytest.fixture
def client(service, serve_in_threads):
    address = serve_in_threads(
        lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(service, server)
    )
    with Client(Connection(addresses=everywhere(address))) as client:
        yield client


def test_a_plan_goes_back_as_it_came():
    assert plan_message(read_plan(MESSAGE)) == MESSAGE


def test_a_reading_tells_of_each_edit_where_it_acts_or_why_it_does_not(client, picture):
    reading = client.call(plan_edit(picture, "irgendwas"))

    first, second = reading.regions
    assert (first.coverage, first.no_target_probability, first.surface) == (0.25, 0.125, "the floor")
    assert (first.editor_pass, first.no_op_reason) == (1, "")
    assert (second.edit, second.no_op_reason) == (1, "unknown_words")
    assert second.unknown_words == reading.plan.edits[1].unknown_words == ("Sitzpouf",)
    assert reading.plan.corrections[0].read == "bed"


def test_a_plan_that_was_seen_is_done_without_the_edits_that_the_caller_took_out(client, service, picture):
    plan = client.call(plan_edit(picture, "cosier")).plan
    fewer = replace(plan, edits=plan.edits[:1])

    read, found, result = client.edit(picture, "cosier", plan=fewer)

    assert list(service.requests[0].plan.edits) == list(MESSAGE.edits[:1])
    assert isinstance(read, PlanRead)
    assert read.plan == fewer
    assert isinstance(found, MaskFound)
    assert found.regions[1].no_op_reason == "unknown_words"
    assert isinstance(result, EditResult)
    assert [one.no_op_reason for one in result.edits] == ["", "unknown_words"]
    assert (result.edits[0].inside.changed_share, result.edits[0].editor_pass) == (0.5, 1)
    assert result.edits[1].inside is None


def test_an_edit_without_a_plan_sends_none(client, service, picture):
    list(client.edit(picture, "cosier"))

    assert not service.requests[0].HasField("plan")


def test_a_plan_with_a_word_that_is_none_of_the_contract_s_names_those_that_are():
    plan = read_plan(MESSAGE)
    wrong = replace(plan, edits=(replace(plan.edits[0], operation="paint"),))

    with pytest.raises(InvalidInputError, match="paint is none of operation") as caught:
        plan_message(wrong)

    assert "recolour" in caught.value.hint


@pytest.mark.parametrize("number", range(1, 8))
def test_every_reason_has_a_name(number):
    event = editing_pb2.EditEvent()
    event.result.no_op_reason = number

    assert f"- {read_event('op', event).no_op_reason}:" in EditResult.__doc__
