"""Plans that a caller gives, and those that are read, beside an editing service that notes its requests."""

import grpc
import pytest
from langdesign.design.v1 import design_pb2 as pb
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign_chassis.testing import serving
from langdesign_editing import wiring as editing_wiring

READ = reference_pb2.Plan(edits=[{"instruction": "make the bed red"}, {"instruction": "paint the wall blue"}])
GIVEN = reference_pb2.Plan(edits=READ.edits[:1], wish=True)


class Noting(editing_pb2_grpc.EditingServiceServicer):
    """Reads every instruction alike, and changes nothing."""

    def __init__(self):
        self.requests = []

    async def Edit(self, request, context):
        self.requests.append(request)
        plan = request.plan if request.HasField("plan") else READ
        told = [editing_pb2.EditEvent(plan=editing_pb2.PlanEvent(plan=plan))]
        told.append(editing_pb2.EditEvent(result=editing_pb2.ResultEvent(image=request.image)))
        told[1].result.edits.add(no_op_reason=editing_pb2.NO_OP_REASON_UNCERTAIN)
        for sequence, event in enumerate(told, 1):
            event.sequence = sequence
            yield editing_pb2.EditResponse(operation_id=f"op-{len(self.requests)}", event=event)


@pytest.fixture
async def noting(stack):
    """The servicer, and a caller of a design service beside it."""
    servicer = Noting()

    async def register(server, runtime):
        editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)

    async with (
        serving(register, editing_wiring.SERVICE, settings=stack.chassis()) as editing,
        stack.design(editing.address, shared_blobs=False) as design,
    ):
        yield servicer, stack.caller(design)


async def edited(caller, root, **fields):
    request = pb.CreateNodesRequest(idempotency_key="one", parent=root.name, instruction="cosier", **fields)
    responses = await caller.call("CreateNodes", request)
    return responses[-1].node


async def replayed(caller, node, **fields):
    request = pb.ReplayNodeRequest(idempotency_key="again", name=node.name, **fields)
    return (await caller.call("ReplayNode", request))[0]


async def test_a_plan_that_was_given_is_done_and_kept(noting, photo):
    servicer, caller = noting
    root = (await caller.create_design(photo)).root
    node = await edited(caller, root, plan=GIVEN)
    assert servicer.requests[0].plan == GIVEN
    assert (node.edit.plan.plan, node.edit.plan_given) == (GIVEN, True)
    assert node.edit.result.edits[0].no_op_reason == editing_pb2.NO_OP_REASON_UNCERTAIN


async def test_a_plan_that_was_given_is_done_again_on_another_picture(noting, photo, pixels, helpers):
    servicer, caller = noting
    root = (await caller.create_design(photo)).root
    node = await edited(caller, root, plan=GIVEN)
    other = media_pb2.Image(data=helpers.png(255 - pixels))
    await replayed(caller, node, image=other)
    assert servicer.requests[-1].plan == GIVEN


async def test_an_instruction_is_read_anew_on_another_picture(noting, photo, pixels, helpers):
    servicer, caller = noting
    node = await edited(caller, (await caller.create_design(photo)).root)
    assert (node.edit.plan.plan, node.edit.plan_given) == (READ, False)
    await replayed(caller, node, image=media_pb2.Image(data=helpers.png(255 - pixels)))
    assert [request.HasField("plan") for request in servicer.requests] == [False, False]


async def test_another_model_does_each_edit_that_was_read_with_its_own_words(noting, photo):
    servicer, caller = noting
    node = await edited(caller, (await caller.create_design(photo)).root)
    await replayed(caller, node, model="other")
    request = servicer.requests[-1]
    assert (request.model, request.plan, request.HasField("region")) == ("other", READ, False)


async def test_a_plan_and_a_region_are_not_taken_together(noting, photo, helpers, refused):
    _, caller = noting
    root = (await caller.create_design(photo)).root
    work = edited(caller, root, plan=GIVEN, region=helpers.box_region())
    await refused(work, grpc.StatusCode.INVALID_ARGUMENT, "plan and region")
