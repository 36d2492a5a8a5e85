import io
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.reference.v1 import reference_pb2
from langdesign_client import Client, Connection
from langdesign_edits import Verdict
from langdesign_evaluation import Sampling, ServiceEditor
from PIL import Image


def png(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


class Painter(editing_pb2_grpc.EditingServiceServicer):
    """Reads "the chair" in everything, paints the left half black, and finds no bathtub."""

    def __init__(self):
        self.requests = []

    def Edit(self, request, context):
        self.requests.append(request)
        before = np.array(Image.open(io.BytesIO(request.image.data)))
        nothing = "bathtub" in request.instruction
        for number, event in enumerate(self._events(request, before, nothing), 1):
            event.sequence = number
            yield editing_pb2.EditResponse(operation_id="op-1", event=event)

    def _events(self, request, before, nothing):
        mask = np.zeros(before.shape[:2], np.uint8)
        mask[:, :32] = 255
        plan = editing_pb2.EditEvent(plan=editing_pb2.PlanEvent())
        if not request.region.whole:
            plan.plan.plan.CopyFrom(read_plan(request.instruction))
        yield plan
        found = editing_pb2.MaskEvent(no_target_probability=0.9 if nothing else 0.1)
        if not request.region.whole and not nothing:
            found.mask.png = png(mask)
        yield editing_pb2.EditEvent(mask=found)
        after = np.where(mask[..., None] > 0, 0, before).astype(np.uint8)
        result = editing_pb2.ResultEvent(checkpoint="" if nothing else "edit@sha256:00")
        result.image.data = png(before if nothing else after)
        if nothing:
            result.no_op_reason = editing_pb2.NO_OP_REASON_NO_TARGET
        yield editing_pb2.EditEvent(result=result)


def read_plan(instruction):
    target = reference_pb2.Reference(expression="The chair", role=reference_pb2.ROLE_TARGET)
    anchor = reference_pb2.Reference(expression="the rug", role=reference_pb2.ROLE_ANCHOR)
    adding = instruction.startswith("add")
    operation = reference_pb2.OPERATION_ADD if adding else reference_pb2.OPERATION_RECOLOUR
    return reference_pb2.Plan(
        edits=[reference_pb2.PlannedEdit(operation=operation, references=[target, anchor])]
    )


@pytest.fixture
def painter():
    servicer, server = Painter(), grpc.server(ThreadPoolExecutor(2))
    editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)
    servicer.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer
    server.stop(None).wait(5)


def service_editor(painter, level="strict"):
    client = Client(Connection(addresses={"editing": f"127.0.0.1:{painter.port}"}))
    return ServiceEditor("services", client, level, Sampling(steps=7, seed=100))


def one_of(cases, operation):
    return next(case for case in cases if case.operation == operation)


def test_plan_mask_and_picture_come_back(painter, cases):
    case = one_of(cases, "recolour")
    editor = service_editor(painter)
    (outcome,) = editor.edit([case])
    assert editor.region == "found"
    assert (outcome.picture[:, :32] == 0).all()
    assert (outcome.picture[:, 32:] == case.before()[:, 32:]).all()
    assert outcome.mask[:, :32].all()
    assert not outcome.mask[:, 32:].any()
    assert outcome.expression == "The chair"
    assert outcome.no_target == pytest.approx(0.1)
    assert outcome.verdict is Verdict.FOUND
    assert editor.checkpoint == "edit@sha256:00"
    assert outcome.seconds > 0


def test_what_is_asked_is_what_was_set(painter, cases):
    list(service_editor(painter, "latent").edit(cases[3:4]))
    (request,) = painter.requests
    assert request.options.instruct_pix2pix.steps == 7
    assert request.options.seed == 103
    assert request.options.preserve == editing_pb2.PRESERVE_LATENT
    assert request.options.preview_every == 0
    assert not request.HasField("region")


def test_an_addition_acts_on_its_anchor(painter, cases):
    (outcome,) = service_editor(painter).edit([one_of(cases, "add")])
    assert outcome.expression == "the rug"


def test_a_no_op_leaves_the_picture_and_has_no_region(painter, cases):
    case = one_of(cases, "none")
    (outcome,) = service_editor(painter).edit([case])
    assert outcome.no_op
    assert outcome.verdict is Verdict.NO_TARGET
    assert not outcome.mask.any()
    assert (outcome.picture == case.before()).all()


def test_plain_editing_asks_for_the_whole_picture(painter, cases):
    editor = service_editor(painter, "plain")
    (outcome,) = editor.edit(cases[:1])
    assert painter.requests[0].region.whole
    assert outcome.mask is None
    assert outcome.expression is None
    assert editor.region == "none"
