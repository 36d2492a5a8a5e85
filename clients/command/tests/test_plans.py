"""How plans and what became of them are told, and plans in files."""

import json
from dataclasses import replace

import pytest
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.reference.v1 import reference_pb2
from langdesign_client.edits import ChangeStatistics, EditOutcome
from langdesign_client.references import read_plan
from langdesign_command.cli.main import app
from langdesign_command.plan_lines import no_op_line, outcome_lines, plan_lines, transparent_lines
from typer.testing import CliRunner

RED_BED = {
    "operation": reference_pb2.OPERATION_RECOLOUR,
    "scope": reference_pb2.SCOPE_REGION,
    "references": [{"expression": "bedd", "role": 1, "english": "the bed"}],
    "instruction": "make the bed red",
}
NO_RUG = {
    "operation": reference_pb2.OPERATION_REMOVE,
    "scope": reference_pb2.SCOPE_REGION,
    "references": [{"expression": "den Teppich", "role": 1, "english": "the rug"}],
    "instruction": "remove the rug",
}


def plan_of(*edits, **said):
    return reference_pb2.Plan(edits=edits, reader=reference_pb2.READER_PARSER, language="en", **said)


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (RED_BED, "1. recolour the bed: make the bed red"),
        ({"operation": 1, "scope": 1, "instruction": "add a plant"}, "1. add a plant"),
        (
            {
                "operation": 1,
                "scope": 1,
                "references": [{"expression": "the table", "role": 2, "relation": 1, "english": "the table"}],
                "instruction": "add a lamp",
            },
            "1. add on the table: add a lamp",
        ),
        (
            {
                "operation": 4,
                "scope": 2,
                "references": [{"expression": "the sofa", "role": 3, "english": "the sofa"}],
                "instruction": "make it white",
            },
            "1. recolour all but the sofa: make it white",
        ),
        (
            {"operation": 5, "scope": 2, "instruction": "make it cosier", "gentle": True},
            "1. restyle the whole picture: make it cosier (gently)",
        ),
        (
            {"operation": 1, "scope": 1, "unknown_words": ["Sitzpouf"]},
            "1. add: not done: not understood: 'Sitzpouf'; say it in other words",
        ),
    ],
)
def test_an_edit_is_told_in_plain_english(edit, line):
    assert list(plan_lines(read_plan(plan_of(edit)))) == [line]


RED_CABINET = {
    "operation": reference_pb2.OPERATION_RECOLOUR,
    "scope": reference_pb2.SCOPE_REGION,
    "references": [
        {
            "expression": "den Schrank",
            "role": 1,
            "english": "the wardrobe",
            "alternatives": ["the cabinet", "the cupboard"],
        }
    ],
    "instruction": "make the wardrobe red",
}


def test_what_may_mean_several_things_is_told_once_by_all_of_them():
    assert list(plan_lines(read_plan(plan_of(RED_CABINET, RED_CABINET))))[:2] == [
        "'den Schrank' may be the wardrobe, the cabinet or the cupboard",
        "1. recolour the wardrobe: make the wardrobe red",
    ]


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("no_target", "nothing was changed: the picture shows no wardrobe, cabinet or cupboard (certified)"),
        (
            "uncertain",
            "nothing was changed: it is not certain that the picture shows the wardrobe, the cabinet or the "
            "cupboard; name it in another way or mark it",
        ),
    ],
)
def test_what_may_mean_several_things_is_absent_by_all_of_them(reason, line):
    assert no_op_line(reason, read_plan(plan_of(RED_CABINET)), []) == line


def test_a_wish_and_slips_are_told_before_the_edits():
    said = plan_of(RED_BED, wish=True, corrections=[{"written": "bedd", "read": "bed"}])

    lines = list(plan_lines(read_plan(said)))

    assert lines[0] == "read 'bedd' as 'bed'"
    assert lines[1].startswith("a wish")
    assert "--plan-only" in lines[1]
    assert "--plan-only" not in list(plan_lines(read_plan(said), seen=True))[1]


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("no_target", "nothing was changed: the picture shows no rug (certified)"),
        (
            "uncertain",
            "nothing was changed: it is not certain that the picture shows the rug; "
            "name it in another way or mark it",
        ),
        ("no_place", "nothing was changed: no free place found; say where"),
        ("nothing_asked", "nothing was changed: nothing is asked for; say what to change"),
        ("a_later_one", "nothing was changed: a later one"),
    ],
)
def test_a_certificate_reads_otherwise_than_what_was_not_understood_or_found(reason, line):
    assert no_op_line(reason, read_plan(plan_of(NO_RUG)), ()) == line


def test_what_is_left_out_of_an_edit_is_told_though_it_is_the_only_one():
    outcome = EditOutcome(
        0, "make the bed red", "", (), ("the lamp",), ChangeStatistics(10, 0.5, 9.0, 20.0), 0
    )
    plan = read_plan(plan_of(RED_BED))
    assert list(outcome_lines(plan, [outcome])) == [
        "1. recolour the bed: done, changed inside 50.0%, not found: the lamp"
    ]
    assert list(outcome_lines(plan, [replace(outcome, not_found=())])) == []


class Doing(editing_pb2_grpc.EditingServiceServicer):
    """Does every edit of a plan but those of the rug."""

    def __init__(self):
        self.requests = []

    def PlanEdit(self, request, context):
        answer = editing_pb2.PlanEditResponse()
        answer.plan.plan.CopyFrom(plan_of(RED_BED, NO_RUG))
        return answer

    def Edit(self, request, context):
        self.requests.append(request)
        plan = request.plan if request.HasField("plan") else plan_of(RED_BED, NO_RUG)
        first, last = editing_pb2.EditEvent(sequence=1), editing_pb2.EditEvent(sequence=2)
        first.plan.plan.CopyFrom(plan)
        last.result.image.CopyFrom(request.image)
        for number, edit in enumerate(plan.edits):
            outcome = last.result.edits.add(edit=number, instruction=edit.instruction)
            if "rug" in edit.instruction:
                outcome.no_op_reason = editing_pb2.NO_OP_REASON_NO_TARGET
            else:
                outcome.inside.changed_share = 0.5
        for event in (first, last):
            yield editing_pb2.EditResponse(operation_id="op", event=event)


@pytest.fixture
def service():
    return Doing()


@pytest.fixture
def edit(service, serve_in_threads, picture_file, tmp_path):
    """Runs `langdesign edit` with further arguments; returns the result."""
    address = serve_in_threads(
        lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(service, server)
    )
    given = ["--addr", address, "edit", "--image", str(picture_file), "--out", str(tmp_path / "o.png")]
    return lambda *more: CliRunner().invoke(app, [*given, *map(str, more)])


def test_a_result_tells_what_became_of_each_edit(edit):
    done = edit("--instruction", "Make the bedd red and remove the rug")
    told = json.loads(edit("--instruction", "Make the bedd red and remove the rug", "--json").stdout)

    lines = " ".join(done.stderr.split())
    assert "1. recolour the bed: done, changed inside 50.0%" in lines
    assert "2. remove the rug: not done: the picture shows no rug (certified)" in lines
    assert [one["no_op_reason"] for one in told["edits"]] == ["", "no_target"]


def test_a_plan_that_was_printed_is_done_from_its_file(edit, service, tmp_path):
    printed = edit("--instruction", "Make the bedd red and remove the rug", "--plan-only", "--json").stdout
    seen = json.loads(printed)
    seen["plan"]["edits"].pop()
    (tmp_path / "plan.json").write_text(json.dumps(seen))

    done = edit("--plan", tmp_path / "plan.json")

    assert done.exit_code == 0, done.stderr
    [request] = service.requests
    assert request.instruction == "Make the bedd red and remove the rug"
    assert request.plan == plan_of(RED_BED)


EMPTY = {"edits": [], "confidence": 1, "reader": "parser", "agreed": None, "language": ""}


@pytest.mark.parametrize(
    ("content", "more", "hint"),
    [
        ({"edits": 3}, [], "holds no plan"),
        ([], [], "holds no plan"),
        ({"plan": {**EMPTY, "confidence": "much"}}, [], "confidence is 'much'; give a number"),
        ({"plan": {**EMPTY, "reader": "poet"}}, [], "poet is none of reader"),
        ({"plan": EMPTY}, ["--whole"], "--plan says all of what is done"),
    ],
)
def test_a_file_that_holds_no_plan_is_told_before_anything_is_sent(
    edit, service, tmp_path, content, more, hint
):
    (tmp_path / "plan.json").write_text(json.dumps(content))

    done = edit("--instruction", "x", "--plan", tmp_path / "plan.json", *more)

    assert done.exit_code == 2
    assert hint in " ".join(done.stderr.split())
    assert not service.requests


def not_understood(edit, word):
    return EditOutcome(
        edit=edit, instruction="", no_op_reason="unknown_words", unknown_words=(word,), not_found=(),
        inside=None, editor_pass=0,
    )  # fmt: skip


def test_an_exception_that_is_not_understood_is_told_as_the_exception():
    spared = {"expression": "the zorblax", "role": 3, "english": "the zorblax"}
    plan = read_plan(plan_of({"operation": 4, "scope": 2, "references": [spared], "instruction": "white"}))

    line = no_op_line("unknown_words", plan, [not_understood(0, "zorblax")])

    assert line.endswith("not understood: 'zorblax', which was to stay as it is; say it in other words")


def test_a_word_of_a_given_expression_that_is_not_understood_is_named():
    line = no_op_line("unknown_words", None, [not_understood(0, "elephant")])
    assert line == "nothing was changed: not understood: 'elephant'; say it in other words"


@pytest.mark.parametrize("code", ["#00FF00", "00ff00", "#0f0", "FFF", "ffffff", "RAL", "rgb"])
def test_a_colour_that_is_given_by_a_code_is_to_be_named(code):
    line = no_op_line("unknown_words", None, [not_understood(0, code)])
    assert line == f"nothing was changed: not understood: '{code}'; name the colour, such as 'light green'"


@pytest.mark.parametrize("word", ["facade", "decade", "coral", "60x60"])
def test_a_word_that_is_no_colours_code_is_to_be_said_in_other_words(word):
    assert no_op_line("unknown_words", None, [not_understood(0, word)]).endswith("say it in other words")


@pytest.mark.parametrize(
    ("shares", "lines"),
    [
        ([0.0], []),
        ([0.9911], ["99.1% of where it acts is transparent and left out: nothing is seen there"]),
        (
            [0.0, 0.00001],
            ["2. 0.1% of where it acts is transparent and left out: nothing is seen there"],
        ),
    ],
)
def test_what_is_left_out_of_an_edit_since_nothing_is_seen_there_is_told(shares, lines):
    outcomes = [
        replace(not_understood(number, ""), transparent_share=share) for number, share in enumerate(shares)
    ]
    assert list(transparent_lines(outcomes)) == lines
