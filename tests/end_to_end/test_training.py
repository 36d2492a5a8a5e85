"""The services around training in a local run, called by the command that people use."""

import json
import sys
import textwrap

import pytest
from langdesign_registry import Provenance, Registry, package

PROGRAM = """
import json, pathlib, sys, time
words = sys.argv[1:]
out = pathlib.Path(words[words.index("--out") + 1])
say = lambda **record: print(json.dumps(record), flush=True)
say(stage="pairs", progress=0.5)
if "hold=yes" in words:
    while not (out / "go").exists():
        time.sleep(0.01)
if "mini" not in words:
    say(state="failed", failure="tiny is no recipe of this program; choose mini")
    sys.exit(1)
say(metrics={"clip_dir": 0.25})
say(state="succeeded")
"""


@pytest.fixture(scope="module")
def up(start, tmp_path_factory):
    """Instruction and training, with a small program in place of the training code."""
    program = tmp_path_factory.mktemp("program") / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINING_COMMAND", f"{sys.executable} {program}")
        return start("--only", "instruction,training")


@pytest.fixture
def call(command, up):
    """Runs `langdesign ARGUMENTS` on that run."""
    places = {f"{name.upper()}_ADDR": address for name, address in up.ready["addresses"].items()}
    return lambda *arguments: command(*arguments, **places)


def test_contexts_are_listed_and_triples_written(call):
    found = json.loads(call("triples", "contexts", "--json").stdout)
    assert {"interior", "wardrobe"} <= {one["name"] for one in found}
    done = call("triples", "generate", "interior", "--count", "3", "--json")
    assert len(done.stdout.splitlines()) == 3, done.stderr


def test_a_run_is_created_followed_and_listed(call):
    done = call("runs", "create", "dataset", "mini", "--set", "tune.steps=5", "--watch", "--json")
    assert done.returncode == 0, done.stderr
    *_, last = map(json.loads, done.stdout.splitlines())
    assert (last["state"], last["metrics"]) == ("succeeded", {"clip_dir": 0.25})
    assert json.loads(call("runs", "show", last["name"], "--json").stdout) == last
    found = json.loads(call("runs", "list", "--state", "succeeded", "--json").stdout)
    assert last["name"] in [run["name"] for run in found]


def test_a_failing_run_fails_the_command_with_the_programs_own_words(call):
    done = call("runs", "create", "finetune", "tiny", "--watch")
    assert done.returncode == 1
    assert "tiny is no recipe of this program; choose mini" in done.stderr


def test_no_run_of_an_unknown_recipe_is_created(call):
    for recipe, known in (("huge", "tiny, mini, full"), ("gardens-tiny", "interior, wardrobe")):
        done = call("runs", "create", "finetune", recipe, "--watch")
        assert done.returncode not in {0, 1}, done.stderr
        assert known in done.stderr


def test_a_run_is_cancelled(call):
    run = json.loads(call("runs", "create", "dataset", "mini", "--set", "hold=yes", "--json").stdout)
    cancelled = json.loads(call("runs", "cancel", run["name"], "--json").stdout)
    assert cancelled["state"] == "cancelled"
    watched = call("runs", "watch", run["name"], "--json")
    assert json.loads(watched.stdout)["state"] == "cancelled"


def test_what_a_run_registers_is_what_the_service_lists(call, up, tmp_path):
    (tmp_path / "edit").mkdir()
    (tmp_path / "edit/model_index.json").write_text("{}")
    made = tmp_path / "made"
    package(tmp_path / "edit", None, None, "# interior: edits rooms\n", Provenance(model="interior"), made)
    Registry(f"sqlite:///{up.data}/registry/mlflow.db").register(made, "interior")
    found = json.loads(call("models", "list", "--json").stdout)
    assert [one["name"] for one in found] == ["models/interior"]
    done = call("models", "alias", "interior@1", "champion")
    assert done.returncode == 0, done.stderr
    (version,) = json.loads(call("models", "show", "interior@champion", "--json").stdout)
    assert version["aliases"] == ["champion"]
