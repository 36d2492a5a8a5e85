"""How much of the picture an edit acts on and changed is told, and doubted where it is next to nothing."""

import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign_client.edits import ChangeReport, ChangeStatistics
from langdesign_command.cli.main import app
from langdesign_command.extents import changes
from typer.testing import CliRunner

DOUBT = "of the picture: is it the right place? If not, name it in another way or mark it"


class Small(editing_pb2_grpc.EditingServiceServicer):
    """Reads and edits every picture in the same regions."""

    def __init__(self, *regions):
        self.mask = editing_pb2.MaskEvent(regions=regions)

    def PlanEdit(self, request, context):
        return editing_pb2.PlanEditResponse(mask=self.mask)

    def Edit(self, request, context):
        found, done = editing_pb2.EditEvent(sequence=1, mask=self.mask), editing_pb2.EditEvent(sequence=2)
        done.result.image.CopyFrom(request.image)
        done.result.report.inside.pixels, done.result.report.outside.pixels = 4, 996
        for event in (found, done):
            yield editing_pb2.EditResponse(operation_id="op", event=event)


@pytest.fixture
def told(serve_in_threads, picture_file, tmp_path):
    """Runs `langdesign edit` on regions with further arguments; returns what it tells a person."""

    def run(*regions, arguments=()):
        address = serve_in_threads(
            lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(Small(*regions), server)
        )
        given = ["--image", str(picture_file), "--instruction", "Paint it", "--out", str(tmp_path / "o.png")]
        done = CliRunner().invoke(app, ["--addr", address, "edit", *given, *arguments])
        assert done.exit_code == 0, done.stderr
        return done.stderr

    return run


@pytest.mark.parametrize("arguments", [(), ("--plan-only",)])
def test_a_tiny_region_that_was_found_is_doubted(told, arguments):
    found = editing_pb2.EditRegion(coverage=0.003, no_target_probability=0.1)
    assert f"only 0.3% {DOUBT}" in told(found, arguments=arguments)
    hardly = editing_pb2.EditRegion(coverage=0.0001, no_target_probability=0.1)
    assert f"only 0.1% {DOUBT}" in told(hardly, arguments=arguments)


def test_of_several_edits_those_of_tiny_regions_are_named(told):
    large = editing_pb2.EditRegion(edit=0, coverage=0.2, no_target_probability=0.1)
    tiny = editing_pb2.EditRegion(edit=1, coverage=0.004, no_target_probability=0.1)
    lines = told(large, tiny)
    assert f"2. only 0.4% {DOUBT}" in lines
    assert lines.count(DOUBT) == 1


@pytest.mark.parametrize(
    "region",
    [
        pytest.param({"coverage": 0.003}, id="drawn by the caller"),
        pytest.param({"coverage": 0.011, "no_target_probability": 0.1}, id="large enough"),
        pytest.param({"coverage": 0.0, "no_target_probability": 0.1}, id="of nothing"),
        pytest.param(
            {
                "coverage": 0.003,
                "no_target_probability": 0.5,
                "no_op_reason": editing_pb2.NO_OP_REASON_UNCERTAIN,
            },
            id="left alone",
        ),
    ],
)
def test_other_regions_are_not_doubted(told, region):
    assert DOUBT not in told(editing_pb2.EditRegion(**region))


def test_a_result_says_how_much_of_the_picture_was_to_change(told):
    lines = told(editing_pb2.EditRegion(coverage=0.004))
    assert "changed inside 0.0% of 0.4% of the picture, outside 0.00%" in lines


def test_of_the_whole_picture_no_share_is_told():
    inside, outside = ChangeStatistics(1000, 0.5, 3.0, 30.0), ChangeStatistics(0, 0.0, 0.0, None)
    assert changes(ChangeReport("strict", inside, outside)) == "changed inside 50.0%, outside 0.00%"
