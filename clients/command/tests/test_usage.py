"""What is wrong with a call is one line or one JSON object, and nothing that was given is left out unsaid."""

import json
import platform
from importlib.metadata import EntryPoint

import pytest
from langdesign_command.cli.main import app
from typer.testing import CliRunner

HERE = "127.0.0.1:9"  # nobody listens: all of this is told before any call


def run(*arguments):
    return CliRunner().invoke(app, ["--addr", HERE, "--timeout", "1", *map(str, arguments)])


USAGES = {
    "an option is missing": (["edit"], "Missing option '--out'"),
    "a number is out of range": (["edit", "--out", "o.png", "--steps", 500], "'--steps'"),
    "a number is none": (["edit", "--out", "o.png", "--steps", "many"], "'--steps'"),
    "a seed is beyond all numbers": (["edit", "--out", "o.png", "--seed", 2**63], "'--seed'"),
    "an option is unknown": (["edit", "--colour", "red"], "No such option: --colour"),
    "a command is unknown": (["paint"], "No such command 'paint'"),
    "a command of a group is unknown": (["models", "paint"], "No such command 'paint'"),
    "an argument is missing": (["refer"], "Missing argument"),
    "an argument is too much": (["refer", "x", "y"], "unexpected extra argument"),
    "a name has no alias": (["models", "unalias", "interior"], "names no alias"),
    "a name has no version": (["models", "show", "interior"], "names no version"),
    "a name to promote has no version": (["models", "promote", "interior"], "names no version"),
    "ports below those of the table": (["up", "--port-offset", -5], "'--port-offset'"),
    "a variable that names a folder is not set": (["up", "--data", ""], "'--data': is empty"),
}


@pytest.mark.parametrize("case", USAGES)
def test_a_wrong_usage_is_json_for_machines_and_text_for_people(case):
    arguments, told = USAGES[case]
    people, machines = run(*arguments), run(*arguments, "--json")

    assert (people.exit_code, machines.exit_code) == (2, 2)
    assert told.lower() in people.stderr.lower()
    assert "Usage:" in people.stderr
    error = json.loads(machines.stderr)["error"]
    assert told.lower() in error["message"].lower()
    assert error["hint"].startswith("see `")
    assert (error["exit_code"], error["operation_id"], error["resumable"]) == (2, None, False)


@pytest.mark.parametrize("arguments", [["--json", "edit"], ["--nope", "refer", "x", "--json"]])
def test_a_wrong_option_before_the_command_is_json_too(arguments):
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert json.loads(done.stderr)["error"]["message"].startswith("No such option")


def test_the_version_says_what_a_report_of_a_fault_needs():
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0
    assert done.stdout.startswith("langdesign 0.")
    assert f"Python {platform.python_version()}" in done.stdout


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--instruction", "x"], "--instruction would change nothing"),
        (["--box", "1,2,3,4", "--seed", 3, "--native"], "--box, --seed, --native would change nothing"),
        (["--plan-only"], "--plan-only would change nothing"),
        (["--plan", "plan.json", "--key", "k"], "--plan, --key would change nothing"),
    ],
)
def test_what_a_resumed_edit_cannot_be_told_is_refused(given, told, tmp_path):
    done = run("edit", "--resume", "op-1", "--out", tmp_path / "o.png", *given)
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())


@pytest.mark.parametrize("data", ["a file", "below a file"])
def test_a_folder_for_data_that_cannot_be_is_told_in_one_line(tmp_path, data):
    (tmp_path / "room.png").write_bytes(b"")
    folder = tmp_path / "room.png" / ("" if data == "a file" else "data")
    done = run("up", "--only", "llama", "--port-offset", 5321, "--data", folder)
    assert done.exit_code == 10
    assert "cannot hold the services' data" in done.stderr
    assert "--data" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_every_converter_is_listed_and_reads_its_own_options_without_a_service(tmp_path):
    listed = run("models", "convert")
    assert listed.exit_code == 0
    assert {"rela", "compvis"} <= {line.split()[0] for line in listed.stdout.splitlines() if line.strip()}

    unknown = run("models", "convert", "sdxl", "a", "b")
    assert unknown.exit_code == 3
    assert "compvis, rela" in unknown.stderr


@pytest.mark.parametrize("converter", ["compvis", "rela"])
def test_a_checkpoint_that_is_not_there_is_told_before_its_converter_loads(tmp_path, monkeypatch, converter):
    def load(entry):
        raise AssertionError(f"{entry.name} was loaded")

    monkeypatch.setattr(EntryPoint, "load", load)
    refused = run("models", "convert", converter, tmp_path / "none.ckpt", tmp_path / "out")
    assert refused.exit_code == 2
    assert "none.ckpt: no such file" in refused.stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--addr", "http://127.0.0.1:7804"], "--addr http://127.0.0.1:7804 is no address; an address is "
         "HOST:PORT without a scheme: write 127.0.0.1:7804"),
        (["--addr", HERE, "--ca", __file__], "which is no PEM file"),
        (["--addr", HERE, "--token", "secret\n"], "token has a space, a line break"),
    ],
)  # fmt: skip
def test_what_no_call_can_be_made_with_is_told_before_any(given, told):
    refused = CliRunner().invoke(app, [*given, "refer", "x"])
    assert refused.exit_code == 2
    assert told in refused.stderr


def test_a_variable_that_names_a_url_is_told_as_an_option_is(monkeypatch):
    monkeypatch.setenv("REFERENCE_ADDR", "http://127.0.0.1:7804")
    refused = CliRunner().invoke(app, ["refer", "x"])
    assert refused.exit_code == 2
    assert "no address for the reference service" in refused.stderr
    assert "without a scheme: write 127.0.0.1:7804" in refused.stderr
