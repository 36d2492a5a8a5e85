"""The registry of models as the command tells it."""

import json

import pytest
from langdesign.training.v1 import training_pb2 as pb
from langdesign.training.v1 import training_pb2_grpc
from langdesign_command.cli.main import app
from langdesign_command.cli.session import print_rows
from typer.testing import CliRunner

DIGEST = "sha256:" + "1" * 64
LONG = "models/" + "rooms-of-" * 4


class Registry(training_pb2_grpc.RegistryServiceServicer):
    """Promotes version 2 and nothing else."""

    def __init__(self):
        self.keys = set()

    def ListModels(self, request, context):
        model = pb.Model(name=LONG, latest_version=1, description="[wide] rooms " + "and more rooms " * 9)
        return pb.ListModelsResponse(models=[model])

    def GetModelVersion(self, request, context):
        version = _version(2, ["champion"])
        version.metrics.update({"clip_dir": 0.2, "dino": 0.9})
        version.dataset_digest, version.recipe, version.signed_by = DIGEST, "interior-mini@sha256:2", DIGEST
        return pb.GetModelVersionResponse(version=version)

    def PromoteModel(self, request, context):
        self.keys.add(request.idempotency_key)
        held = request.version.endswith("@2")
        check = pb.PromotionCheck(
            metric="clip_dir",
            before=0.1,
            after=0.2,
            difference_low=0.05,
            difference_high=0.15,
            condition="the whole interval has to lie above 0",
            held=held,
        )
        number = int(request.version.rpartition("@")[2])
        version = _version(number, [request.alias] if held else [])
        untold = pb.PromotionCheck(metric="false_edit_rate", condition="nobody tells it", held=held)
        return pb.PromoteModelResponse(promoted=held, checks=[check, untold], version=version)

    def RollBackModel(self, request, context):
        self.keys.add(request.idempotency_key)
        return pb.RollBackModelResponse(version=_version(1, [request.name.rpartition("@")[2]]))


def _version(number, aliases):
    name = f"models/interior@{number}"
    return pb.ModelVersion(name=name, model="interior", version=number, aliases=aliases, digest=DIGEST)


@pytest.fixture
def call(serve_in_threads):
    """Returns a function that runs `langdesign models`."""
    servicer = Registry()
    address = serve_in_threads(
        lambda server: training_pb2_grpc.add_RegistryServiceServicer_to_server(servicer, server)
    )

    def invoke(*arguments):
        return CliRunner().invoke(app, ["--addr", address, "--timeout", "20", "models", *arguments])

    return invoke


def test_a_version_tells_where_it_comes_from_and_who_signed_it(call):
    (told,) = json.loads(call("show", "interior@champion", "--json").stdout)
    assert (told["dataset_digest"], told["recipe"], told["signed_by"]) == (
        DIGEST,
        "interior-mini@sha256:2",
        DIGEST,
    )


def test_a_promotion_that_holds_moves_the_alias(call):
    done = call("promote", "interior@2")
    assert done.exit_code == 0
    assert "champion is models/interior@2" in done.stdout


def test_a_promotion_that_does_not_hold_says_why_and_ends_with_the_code_of_a_conflict(call):
    done = call("promote", "models/interior@3", "production")
    assert done.exit_code == 7
    assert "models/interior@3 is not promoted" in done.stdout
    assert "has to lie above 0" in " ".join(done.stdout.split())
    told = json.loads(call("promote", "interior@3", "--json").stdout)
    assert told["promoted"] is False
    assert told["checks"][0]["difference_high"] == 0.15


def test_figures_that_no_evaluation_tells_are_missing_and_not_zero(call):
    (line,) = (one for one in call("promote", "interior@2").stdout.splitlines() if "false_edit_rate" in one)
    assert line.split()[2:4] == ["-", "-"]
    told = json.loads(call("promote", "interior@2", "--json").stdout)["checks"]
    assert [one["before"] for one in told] == [0.1, None]


def test_a_roll_back_is_one_command(call):
    (told,) = json.loads(call("rollback", "interior@champion", "--json").stdout)
    assert (told["name"], told["aliases"]) == ("models/interior@1", ["champion"])


@pytest.mark.parametrize("command", ["rollback", "unalias"])
def test_a_name_without_its_alias_is_told_with_an_example(call, command):
    done = call(command, "interior")
    assert done.exit_code == 2
    assert "such as interior@champion" in " ".join(done.stderr.split())


def test_a_version_shows_what_the_gate_looks_at_and_json_the_rest(call):
    shown = call("show", "interior@champion").stdout
    assert "clip_dir 0.2" in " ".join(shown.split())
    assert "dino" not in shown
    (told,) = json.loads(call("show", "interior@champion", "--json").stdout)
    assert told["metrics"] == {"clip_dir": 0.2, "dino": 0.9}


def test_a_name_that_can_be_copied_is_whole_and_brackets_are_text(call):
    shown = call("list").stdout
    assert LONG in shown
    assert "[wide]" in shown


def test_a_value_that_is_wider_than_its_column_goes_on_in_the_next_line(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    wide = "sha256:" + "0123456789" * 9

    print_rows(["run", "model"], [["runs/a", wide]], empty="no runs")

    words = capsys.readouterr().out.split()
    assert wide in "".join(word for word in words if word != "runs/a")
