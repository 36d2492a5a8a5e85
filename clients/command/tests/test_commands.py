"""The `langdesign` command against servers of the contract."""

import json
import subprocess
import sys

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import code_pb2, error_details_pb2, status_pb2
from langdesign.design.v1 import design_pb2, design_pb2_grpc
from langdesign.editing.v1 import editing_pb2, editing_pb2_grpc
from langdesign.instruction.v1 import instruction_pb2, instruction_pb2_grpc
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign.segmentation.v1 import segmentation_pb2, segmentation_pb2_grpc
from langdesign.training.v1 import training_pb2, training_pb2_grpc
from langdesign_command.cli.main import app
from langdesign_command.cli.session import print_json
from langdesign_command.demo.story import Story
from typer.testing import CliRunner


@pytest.fixture
def call():
    """Runs the command against an address; returns its result."""

    def invoke(address, *arguments):
        return CliRunner().invoke(app, ["--addr", address, "--timeout", "20", *map(str, arguments)])

    return invoke


def editing(servicer):
    return lambda server: editing_pb2_grpc.add_EditingServiceServicer_to_server(servicer, server)


def one_line(text):
    return len(text.strip().splitlines()) == 1 and "Traceback" not in text


def test_edit_writes_the_result_the_overlay_and_one_json_object(
    call, editor, serve_in_threads, picture_file, tmp_path
):
    address = serve_in_threads(editing(editor()))
    out = tmp_path / "made" / "room.png"

    done = call(
        address, "edit", "--image", picture_file, "--instruction", "Paint it", "--box", "2,2,6,6",
        "--seed", 7,
        "--preserve", "latent", "--explain", "--json", "--out", out,
    )  # fmt: skip

    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["out"] == str(out)
    assert out.read_bytes() == picture_file.read_bytes()
    assert told["seed"] == 7
    assert told["report"]["preserve"] == "latent"
    assert told["timings"]["total"] == 1.5
    assert (tmp_path / "made" / "room.mask.png").read_bytes().startswith(b"\x89PNG")


def test_edit_tells_a_person_what_changed(call, editor, serve_in_threads, picture_file, tmp_path):
    address = serve_in_threads(editing(editor()))

    done = call(
        address, "edit", "--image", picture_file, "--instruction", "Paint it", "--whole",
        "--out", tmp_path / "o.png",
    )  # fmt: skip

    assert done.stdout.strip() == str(tmp_path / "o.png")
    assert "changed inside 100.0%, outside 0.00%" in done.stderr


def test_edit_tells_what_of_the_picture_the_editor_saw(
    call, editor, serve_in_threads, picture_file, tmp_path
):
    class Focused(editor):
        def _result(self, result, request):
            super()._result(result, request)
            result.focus.box.width, result.focus.box.height = 16, 12
            result.focus.width, result.focus.height = 8, 6

    address = serve_in_threads(editing(Focused()))
    given = ["edit", "--image", picture_file, "--instruction", "Paint it", "--out", tmp_path / "o.png"]

    told = json.loads(call(address, *given, "--json").stdout)
    lines = " ".join(call(address, *given).stderr.split())

    assert told["focus"] == {"box": {"x": 0, "y": 0, "width": 16, "height": 12}, "width": 8, "height": 6}
    assert "the editor saw 16x12 of the picture's pixels at 8x6" in lines


def test_edit_tells_that_an_unchanged_picture_keeps_its_format(
    call, editor, serve_in_threads, picture_file, tmp_path
):
    address = serve_in_threads(editing(editor(no_op=editing_pb2.NO_OP_REASON_NO_TARGET)))
    given = ["edit", "--image", picture_file, "--instruction", "Paint the piano"]

    other = " ".join(call(address, *given, "--out", tmp_path / "o.webp").stderr.split())
    same = " ".join(call(address, *given, "--out", tmp_path / "o.png").stderr.split())

    assert "o.webp holds a .png: it is the picture as it came" in other
    assert "as it came" not in same


def test_edit_writes_no_empty_file_for_a_result_that_is_too_large_to_travel(
    call, editor, serve_in_threads, picture_file, tmp_path
):
    class Storing(editor):
        def _result(self, result, request):
            super()._result(result, request)
            result.image.blob = "sha256:" + "0" * 64

    address = serve_in_threads(editing(Storing()))
    out = tmp_path / "o.png"

    given = ["edit", "--image", picture_file, "--instruction", "Paint it", "--whole", "--out", out]
    done = call(address, *given)

    assert done.exit_code == 1
    assert "stored as sha256:000" in " ".join(done.stderr.split())
    assert not out.exists()


def test_edit_names_the_hint_where_nobody_could_read_the_instruction(
    call, editor, serve_in_threads, picture_file, tmp_path
):
    no_op = editing_pb2.NO_OP_REASON_UNREADABLE_INSTRUCTION
    address = serve_in_threads(editing(editor(no_op=no_op)))
    given = ["edit", "--image", picture_file, "--instruction", "frobnicate", "--out", tmp_path / "o.png"]

    told = json.loads(call(address, *given, "--json").stdout)
    lines = " ".join(call(address, *given, "--explain").stderr.split())

    assert told["no_op_reason"] == "unreadable_instruction"
    assert (
        "nothing was changed: nobody could read the instruction; say it in another way, or say where" in lines
    )
    assert "the whole picture was edited" not in lines


def test_edit_tells_that_the_end_of_a_long_expression_did_not_count(
    call, editor, serve_in_threads, picture_file, tmp_path
):
    address = serve_in_threads(editing(editor()))
    given = ["edit", "--image", picture_file, "--instruction", "Paint it", "--out", tmp_path / "o.png"]
    long = "the " + "very " * 30 + "old chair"

    told = [json.loads(call(address, *given, "--expression", text, "--json").stdout) for text in (long, "it")]
    lines = call(address, *given, "--expression", long).stderr

    assert [one["truncated"] for one in told] == [True, False]
    assert "name it in fewer words" in lines


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--box", "1,2,3"], "write x,y,width,height"),
        (["--box", "1,2,0,4"], "write x,y,width,height"),
        (["--box", "1,2,3,4", "--whole"], "give one of them, or none"),
        (["--preserve", "much"], "choose from none, attention, latent, strict"),
        (["--image", "nowhere.png"], "no such file"),
        (["--out", "result.tiff"], "end it with"),
        (["--out", "room.jpg"], "say --out room.png or room.webp (both lossless), or --preserve latent"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_hint(call, picture_file, tmp_path, arguments, told):
    given = ["--image", picture_file, "--instruction", "x", "--out", tmp_path / "o.png", *arguments]

    done = call("127.0.0.1:9", "edit", *given)

    assert done.exit_code == 2
    assert told in done.stderr
    assert one_line(done.stderr)
    assert not (tmp_path / "o.png").exists()


def test_a_service_that_is_not_there_is_named_with_the_hint(call, unused_tcp_port):
    done = call(f"127.0.0.1:{unused_tcp_port}", "refer", "Paint the chair red")

    assert done.exit_code == 4
    assert "The reference service at 127.0.0.1" in done.stderr
    assert "langdesign up" in done.stderr
    assert one_line(done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["triples", "generate", "interior"], ["triples", "contexts"], ["designs", "list"],
        ["designs", "show", "d"], ["runs", "list"], ["runs", "show", "r"], ["models", "list"],
        ["models", "versions", "editor"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_service_that_this_version_lacks_ends_in_one_line(call, editor, serve_in_threads, arguments):
    address = serve_in_threads(editing(editor()))

    done = call(address, *arguments)

    assert done.exit_code == 4
    assert "does not offer this method" in done.stderr
    assert one_line(done.stderr)


class Refusing(reference_pb2_grpc.ReferenceServiceServicer):
    """Answers as the chassis does: a status with details."""

    def PlanEdit(self, request, context):
        status = status_pb2.Status(code=code_pb2.INVALID_ARGUMENT, message="the request is wrong")
        info = error_details_pb2.ErrorInfo(reason="TOO_LONG", metadata={"hint": "shorten it"})
        bad = error_details_pb2.BadRequest()
        bad.field_violations.add(field="instruction", description="at most 1000 characters")
        for detail in (info, bad):
            packed = Any()
            packed.Pack(detail)
            status.details.append(packed)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the request is wrong")


def test_details_of_a_status_become_fields_and_hint(call, serve_in_threads):
    address = serve_in_threads(
        lambda server: reference_pb2_grpc.add_ReferenceServiceServicer_to_server(Refusing(), server)
    )

    told = call(address, "refer", "x")
    for_machines = json.loads(call(address, "refer", "x", "--json").stderr)["error"]

    assert told.exit_code == 2
    assert "the request is wrong; instruction: at most 1000 characters; shorten it" in told.stderr
    assert for_machines["fields"] == {"instruction": "at most 1000 characters"}
    assert for_machines["hint"] == "shorten it"
    assert for_machines["reason"] == "TOO_LONG"


class Readers(reference_pb2_grpc.ReferenceServiceServicer, segmentation_pb2_grpc.SegmentationServiceServicer):
    def PlanEdit(self, request, context):
        plan = reference_pb2.Plan(confidence=0.9, reader=1, agreed=True, language="en")
        if request.instruction == "is it raining?":
            return reference_pb2.PlanEditResponse(plan=plan, language_model_refusal="401 Unauthorized")
        edit = plan.edits.add(operation=4, scope=1, instruction="make the chair red")
        edit.references.add(expression="den Stuhl", start=6, end=15, role=1, english="the chair")
        plan.edits.add(operation=1, scope=1, unknown_words=["Sitzpouf"])
        plan.corrections.add(written="bedd", read="bed")
        return reference_pb2.PlanEditResponse(plan=plan)

    def Segment(self, request, context):
        response = segmentation_pb2.SegmentResponse(
            mask_threshold=0.5, uncertain_threshold=request.uncertain_threshold, width=4, height=3
        )
        for expression in request.expressions:
            item = response.segments.add(expression=expression, area=2, no_target_probability=0.25)
            item.truncated = expression == "the lamp"
            item.verdict = 2 if expression == "the rug" else 4 if expression == "the pouf" else 1
            item.unknown_words.extend(["pouf"] if expression == "the pouf" else [])
            item.mask.rle.width, item.mask.rle.height, item.mask.rle.counts = 4, 3, "426"
        return response


def readers(server):
    servicer = Readers()
    reference_pb2_grpc.add_ReferenceServiceServicer_to_server(servicer, server)
    segmentation_pb2_grpc.add_SegmentationServiceServicer_to_server(servicer, server)


def test_refer_shows_the_plan(call, serve_in_threads):
    plan = json.loads(call(serve_in_threads(readers), "refer", "Paint the chair red", "--json").stdout)

    assert plan["instruction"] == "Paint the chair red"
    assert plan["edits"][0]["operation"] == "recolour"
    assert plan["edits"][0]["references"] == [
        {
            "expression": "den Stuhl",
            "start": 6,
            "end": 15,
            "role": "target",
            "relation": "unspecified",
            "english": "the chair",
            "alternatives": [],
        }
    ]


def test_refer_says_edit_by_edit_what_is_asked_for(call, serve_in_threads):
    lines = call(serve_in_threads(readers), "refer", "Mach den Stuhl rot").stdout.splitlines()

    assert lines[:4] == [
        "read 'bedd' as 'bed'",
        "1. recolour the chair: make the chair red",
        "2. add: not done: not understood: 'Sitzpouf'; say it in other words",
        "confidence 0.90, read by the embedded reader and the language model; they agree, language en",
    ]


def test_refer_says_that_nothing_is_asked_for(call, serve_in_threads):
    lines = call(serve_in_threads(readers), "refer", "is it raining?").stdout.splitlines()

    assert lines[0] == "nothing is asked for; say what to change"
    assert lines[-1] == "the language model refuses to read: 401 Unauthorized"


def test_segment_tells_what_is_surely_absent_from_what_is_not_understood(
    call, serve_in_threads, picture_file, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "200")
    given = ["--image", picture_file, "--expression", "the rug", "--expression", "the pouf"]

    address = serve_in_threads(readers)
    lines = call(address, "segment", *given, "--uncertain-threshold", 0.25).stdout.splitlines()
    told = json.loads(call(address, "segment", *given, "--uncertain-threshold", 0.25, "--json").stdout)

    assert any("the rug" in line and "no, surely" in line for line in lines)
    assert any("the pouf" in line and "not understood: 'pouf'" in line for line in lines)
    assert told["uncertain_threshold"] == 0.25


def test_segment_writes_a_mask_an_expression(call, serve_in_threads, picture_file, tmp_path):
    done = call(
        serve_in_threads(readers), "segment", "--image", picture_file, "--expression", "the chair",
        "--expression", "the lamp", "--out", tmp_path / "masks", "--json",
    )  # fmt: skip

    segments = json.loads(done.stdout)["segments"]
    assert [item["expression"] for item in segments] == ["the chair", "the lamp"]
    assert [item["truncated"] for item in segments] == [False, True]
    assert [item["mask"] for item in segments] == [str(tmp_path / "masks" / f"{n}.png") for n in (1, 2)]
    assert (tmp_path / "masks" / "2.png").exists()


class Later(
    instruction_pb2_grpc.InstructionServiceServicer,
    design_pb2_grpc.DesignServiceServicer,
    training_pb2_grpc.TrainingServiceServicer,
    training_pb2_grpc.RegistryServiceServicer,
):
    """Enough of the services that come later."""

    def GenerateTriples(self, request, context):
        for number in range(int(request.resume_token or 0), request.count):
            triple = instruction_pb2.Triple(
                input="a", edit=f"e{number}", output="b", change=1, subject="chair", target_before="the chair"
            )
            if request.budget.tokens and number * 100 >= request.budget.tokens:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, "the budget is spent")
            yield instruction_pb2.GenerateTriplesResponse(
                triple=triple,
                rejected=number,
                rejections={"change": number},
                spent=instruction_pb2.Budget(tokens=100 * request.writer * number, dollars=0.25),
                resume_token=str(number + 1),
            )

    def ListDesigns(self, request, context):
        number = int(request.page_token or 1)
        page = [design_pb2.Design(name=f"designs/{number}", title="room", node_count=1)]
        return design_pb2.ListDesignsResponse(designs=page, next_page_token="2" if number == 1 else "")

    def CreateRun(self, request, context):
        run = training_pb2.Run(name="runs/1", kind=request.kind, state=1, recipe=request.recipe)
        run.overrides.update(request.overrides)
        return training_pb2.CreateRunResponse(run=run)

    def WatchRun(self, request, context):
        for state, failure in ((2, ""), (4, "no disk")):
            run = training_pb2.Run(name=request.name, kind=3, state=state, failure=failure)
            yield training_pb2.WatchRunResponse(run=run)

    def ListModelVersions(self, request, context):
        version = training_pb2.ModelVersion(name=f"{request.parent}@3", version=3, aliases=["production"])
        version.metrics["clip_dir"] = 0.25
        return training_pb2.ListModelVersionsResponse(versions=[version])


@pytest.fixture
def later(serve_in_threads):
    def add(server):
        servicer = Later()
        instruction_pb2_grpc.add_InstructionServiceServicer_to_server(servicer, server)
        design_pb2_grpc.add_DesignServiceServicer_to_server(servicer, server)
        training_pb2_grpc.add_TrainingServiceServicer_to_server(servicer, server)
        training_pb2_grpc.add_RegistryServiceServicer_to_server(servicer, server)

    return serve_in_threads(add)


def test_triples_come_as_json_lines(call, later):
    lines = call(later, "triples", "generate", "interior", "--count", 3, "--json").stdout.splitlines()

    assert [json.loads(line)["edit"] for line in lines] == ["e0", "e1", "e2"]
    told = json.loads(lines[2])
    assert told["target_before"] == "the chair"
    assert told["rejected"] == 2
    assert told["rejections"] == {"change": 2}
    assert told["resume_token"] == "3"


def test_triples_go_on_after_a_token(call, later):
    given = ["triples", "generate", "interior", "--count", 3, "--json", "--resume"]
    lines = call(later, *given, "2").stdout.splitlines()

    assert [json.loads(line)["edit"] for line in lines] == ["e2"]


def test_triples_of_a_language_model_say_what_they_cost(call, later):
    done = call(later, "triples", "generate", "interior", "--count", 3, "--writer", "language-model")

    assert done.exit_code == 0
    assert "e2" in done.stdout
    assert "spent: 400 tokens, $0.2500" in done.stderr


def test_triples_that_came_before_a_failure_are_shown_with_the_way_to_go_on(call, later):
    done = call(later, "triples", "generate", "interior", "--count", 9, "--tokens", 200)

    assert done.exit_code == 7
    assert "e1" in done.stdout
    assert "e2" not in done.stdout
    assert "--resume 2" in done.stderr
    assert "the budget is spent" in done.stderr


def test_a_writer_that_nobody_knows_is_told_with_those_that_there_are(call, later):
    done = call(later, "triples", "generate", "interior", "--writer", "poet")

    assert done.exit_code == 2
    assert "choose from grammar, language-model" in done.stderr


def test_lists_follow_their_pages(call, later):
    designs = json.loads(call(later, "designs", "list", "--json").stdout)

    assert [design["name"] for design in designs] == ["designs/1", "designs/2"]


def test_a_run_is_created_and_a_failed_one_fails_the_command(call, later):
    created = json.loads(
        call(later, "runs", "create", "finetune", "mini", "--set", "steps=5", "--json").stdout
    )
    watched = call(later, "runs", "watch", "1")

    assert (created["kind"], created["overrides"]) == ("finetune", {"steps": "5"})
    assert watched.exit_code == 1
    assert "runs/1 failed: no disk" in watched.stderr


def test_versions_of_a_model_are_listed(call, later):
    versions = json.loads(call(later, "models", "versions", "editor", "--json").stdout)

    assert versions[0]["name"] == "models/editor@3"
    assert versions[0]["metrics"] == {"clip_dir": 0.25}


def test_a_benchmark_that_is_not_installed_is_told_with_those_that_are(call):
    done = call("127.0.0.1:9", "bench", "nothing", "--size", "mini")

    assert done.exit_code == 3
    assert "No benchmark is called 'nothing'; installed: " in done.stderr


def test_a_benchmark_gets_the_arguments_after_its_name(call, monkeypatch):
    given = []
    monkeypatch.setattr("langdesign_command.cli.bench.benches", lambda: {"engine": Entry(given)})

    done = call("127.0.0.1:9", "bench", "engine", "--size", "mini", "--help")

    assert (given, done.exit_code) == ([["--size", "mini", "--help"]], 3)


class Entry:
    def __init__(self, given):
        self.given = given

    def load(self):
        def main(argv):
            self.given.append(argv)
            return 3

        return main


def test_a_token_is_never_sent_in_the_clear(call):
    done = CliRunner().invoke(app, ["--addr", "editing.test:443", "--token", "t", "refer", "x"])

    assert done.exit_code == 2
    assert "--tls" in done.stderr


def test_the_command_starts_without_grpc_or_pillow():
    program = (
        "import sys, langdesign_command.cli.main;"
        "slow = ('grpc', 'PIL', 'google.protobuf', 'honcho', 'torch', 'rich.console');"
        "print([name for name in slow if name in sys.modules])"
    )

    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


def test_an_address_that_is_none_is_told_as_the_option(call):
    done = call("foo", "designs", "list")

    assert done.exit_code == 2
    assert "--addr foo is no address; write HOST:PORT, such as 127.0.0.1:7004" in done.stderr


def test_an_edit_whose_stream_broke_for_good_can_be_resumed_by_its_id(
    call, editor, serve_in_threads, picture_file, tmp_path
):
    servicer = editor(break_after=[2] * 100)
    address = serve_in_threads(editing(servicer))
    out = tmp_path / "o.png"

    def briefly(*arguments):
        return CliRunner().invoke(app, ["--addr", address, "--timeout", "0.5", "edit", *map(str, arguments)])

    given = ["--image", picture_file, "--instruction", "Paint it", "--out", out]
    begun = briefly(*given, "--json")
    lost = briefly("--resume", "op-1", "--out", out)
    servicer.break_after.clear()
    done = call(address, "edit", "--resume", "op-1", "--out", out)

    # The deadline of the call that begins an edit is the edit's own: no --resume would find it going on.
    told = json.loads(begun.stderr)["error"]
    assert (begun.exit_code, told["operation_id"], told["resumable"]) == (5, "op-1", False)
    assert lost.exit_code == 5
    assert "--resume op-1" in lost.stderr
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "o.png").read_bytes() == picture_file.read_bytes()


def test_an_edit_without_a_picture_names_what_to_give(call, tmp_path):
    done = call("127.0.0.1:9", "edit", "--out", tmp_path / "o.png")

    assert done.exit_code == 2
    assert "give --image and --instruction, or --resume" in done.stderr


def test_a_client_certificate_needs_its_key(picture_file):
    environment = {"LANGDESIGN_CLIENT_CERTIFICATE": str(picture_file)}

    done = CliRunner().invoke(app, ["designs", "list"], env=environment)

    assert done.exit_code == 2
    assert "certificate and key go together" in done.stderr


def test_the_demo_s_story_can_be_printed_as_json(tmp_path, capsys):
    page = "http://127.0.0.1:8080/designs/1"
    story = Story("designs/1", page, tmp_path / "sheet.png", random_weights=True, seconds=1, room=b"")

    print_json(story)

    assert json.loads(capsys.readouterr().out)["page"] == page
