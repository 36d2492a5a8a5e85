"""`langdesign edit --plan-only` against a server of the contract."""

import json

import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign_command.cli.main import app
from typer.testing import CliRunner


class Reader(editing_pb2_grpc.EditingServiceServicer):
    """Answers every plan alike, and edits nothing."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []

    def PlanEdit(self, request, context):
        self.requests.append(request)
        return self.answer


@pytest.fixture
def planned(serve_in_threads, picture_file, tmp_path):
    """Runs the command with an answer of the service and further arguments; returns result and servicer."""

    def run(answer, *arguments, out="read.png"):
        servicer = Reader(answer)
        address = serve_in_threads(
            lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)
        )
        given = ["--image", str(picture_file), "--instruction", "Paint it", "--out", str(tmp_path / out)]
        command = ["--addr", address, "edit", "--plan-only", *given, *arguments]
        return CliRunner().invoke(app, command), servicer

    return run


def found(picture):
    answer = editing_pb2.PlanEditResponse()
    plan = answer.plan.plan
    plan.reader = 3
    edit = plan.edits.add(operation=4, scope=1, instruction="make the sofa red")
    edit.references.add(expression="the sofa", role=1)
    plan.edits.add(operation=2, scope=1).references.add(expression="the rug", role=1)
    answer.mask.regions.add(coverage=0.25)
    answer.mask.regions.add(edit=1, no_op_reason=editing_pb2.NO_OP_REASON_NO_TARGET)
    answer.mask.mask.png = picture
    answer.mask.coverage = 0.25
    return answer


def test_a_plan_says_what_it_read_and_draws_where_it_acts(planned, picture, tmp_path):
    done, servicer = planned(found(picture), "--box", "2,3,4,5", "--caption", "a room")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "read.png")
    lines = " ".join(done.stderr.split())
    assert "1. recolour the sofa: make the sofa red [25.0% of the picture]" in lines
    assert "2. remove the rug: not done: the picture shows no rug (certified)" in lines
    assert "it acts on 25.0% of the picture" in done.stderr
    assert (tmp_path / "read.png").read_bytes().startswith(b"\x89PNG")
    [request] = servicer.requests
    assert (request.instruction, request.caption, request.region.box.width) == ("Paint it", "a room", 4)


def test_a_plan_of_nothing_writes_no_picture_and_says_why_as_json(planned, tmp_path):
    answer = editing_pb2.PlanEditResponse(no_op_reason=editing_pb2.NO_OP_REASON_NO_TARGET)
    done, _ = planned(answer, "--json")
    told = json.loads(done.stdout)
    assert (told["out"], told["no_op_reason"], told["coverage"]) == (None, "no_target", 0)
    assert not (tmp_path / "read.png").exists()


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (editing_pb2.PlanEditResponse(), "the whole picture would be edited"),
        (
            editing_pb2.PlanEditResponse(no_op_reason=editing_pb2.NO_OP_REASON_EMPTY_MASK),
            "nothing would be changed: the mask is empty",
        ),
        (
            editing_pb2.PlanEditResponse(mask=editing_pb2.MaskEvent(truncated=True)),
            "the end of a long expression did not count",
        ),
    ],
)
def test_a_plan_without_a_mask_says_so(planned, answer, line):
    done, _ = planned(answer)
    assert line in done.stderr


def test_a_plan_is_drawn_as_png_alone(planned):
    done, servicer = planned(editing_pb2.PlanEditResponse(), out="read.jpg")
    assert done.exit_code == 2
    assert "say --out read.png" in done.stderr
    assert not servicer.requests
