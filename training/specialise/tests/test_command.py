import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from langdesign_specialise.cli import main, specialise_main

ROOT = Path(__file__).resolve().parents[3]
RUN = [sys.executable, "-m", "langdesign_specialise", "run"]


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def started(monkeypatch, capsys):
    """Runs the program to its end within this process, which has its libraries already."""

    def start(*arguments):
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr("sys.argv", ["langdesign_specialise", "run", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(ended.value.code, *capsys.readouterr())

    return start


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--recipe", "gardens-tiny"], "There is no context 'gardens' in contexts; choose one of interior"),
        (["--recipe", "tiny", "--set", "triples"], "write NAME=VALUE"),
        (["--recipe", "tiny", "--models", "nowhere"], "nowhere lacks edit, generate, segment, clip, dino"),
        (["--recipe", "tiny", "--set", "writer=language-model"], "give its endpoint with --llm-base-url"),
        (
            ["--recipe", "tiny", "--set", "writer=language-model", "--llm-base-url", "http://127.0.0.1:9/v1"],
            "--set llm_read_price=PRICE",
        ),
        (["--recipe", "tiny", "--set", "tune.speed=9"], "tune.speed is no setting"),
        (["--recipe", "tiny", "--set", "dataset.gates.seem=9"], "dataset.gates.seem is no setting"),
        (["--recipe", "tiny", "--set", "alias=latest run"], "alias"),
        (["--recipe", "tiny", "--set", "tune.batch=0"], "batch"),
    ],
)
def test_a_launcher_hears_in_its_own_words_why_a_run_cannot_begin(tmp_path, started, arguments, said):
    ended = started("specialise", *arguments, "--out", str(tmp_path / "run"), "--json")
    assert ended.returncode == 1
    last = lines(ended.stdout)[-1]
    assert last["state"] == "failed"
    assert said in last["failure"]
    assert "Traceback" not in ended.stderr


def test_a_launcher_hears_a_process_of_its_own_as_well(tmp_path):
    arguments = ["specialise", "--recipe", "huge", "--out", str(tmp_path / "run"), "--json"]
    ended = subprocess.run(
        [*RUN, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=150, check=False
    )
    assert ended.returncode == 1
    last = lines(ended.stdout)[-1]
    assert last["state"] == "failed"
    assert "choose one of tiny, mini, full" in last["failure"]
    assert "Traceback" not in ended.stderr


SLIPS = [
    (["--set", "tripels=3"], "tripels is no setting"),
    (["--set", "dataset.gates.seem=9"], "dataset.gates.seem is no setting"),
    (["--set", "dataset=huge"], "no recipe 'huge' of a data set"),
    (["--preset", "huge"], "choose one of tiny, mini, full"),
    (["--context", "gardens"], "There is no context 'gardens'"),
    (["--context", "contexts/gardens/"], "There is no context 'gardens'"),
    (["--models", "nowhere"], "nowhere lacks edit"),
]
QUICKLY = """
import contextlib, io, json, sys
from langdesign_specialise.cli import specialise_main

for arguments in json.load(sys.stdin):
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        code = specialise_main(arguments)
    slow = [name for name in ("torch", "ray", "mlflow") if name in sys.modules]
    print(json.dumps([code, told.getvalue(), slow]))
"""


def test_a_slip_is_told_before_anything_slow_is_imported(tmp_path):
    out = tmp_path / "run"
    asked = [["--preset", "tiny", "--out", str(out), *arguments] for arguments, _ in SLIPS]
    program = [sys.executable, "-c", QUICKLY]
    ended = subprocess.run(
        program, input=json.dumps(asked), cwd=ROOT, capture_output=True, text=True, timeout=150, check=True
    )
    for (code, told, slow), (arguments, said) in zip(lines(ended.stdout), SLIPS, strict=True):
        assert (code, slow) == (1, []), arguments
        assert said in told
    assert not out.exists()


def test_a_context_may_be_named_by_its_path(tmp_path, monkeypatch, capsys):
    """One that lies nowhere near the others: what is wrong in it is told by its own path."""
    context = tmp_path / "gardens"
    context.mkdir()
    (context / "context.toml").write_text('format = "langdesign-context/1"\nname = "parks"\n', "utf-8")
    monkeypatch.chdir(ROOT)
    assert (
        specialise_main(["--context", f"{context}/", "--preset", "tiny", "--out", str(tmp_path / "run")]) == 1
    )
    assert f"{context}/context.toml, " in capsys.readouterr().err


def test_people_are_told_in_a_line(tmp_path, started):
    ended = started("dataset", "--recipe", "tiny", "--set", "tripels=3", "--out", str(tmp_path))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "error: tripels is no setting" in ended.stderr


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_run_that_is_killed_again_and_again_registers_one_version_and_serves_it(tmp_path, figure):
    arguments = [
        *RUN,
        "specialise",
        "--recipe",
        "tiny",
        "--set",
        "guidance_cases=2",
        "--out",
        str(tmp_path / "run"),
        "--registry",
        f"sqlite:///{tmp_path}/registry/mlflow.db",
        "--keys",
        str(tmp_path / "keys"),
        "--json",
    ]
    stages = ("dataset", "tune", "guidance", "evaluation", "register")
    killed = [stage for stage in stages if _kill_in(arguments, stage)]
    ended = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=900, check=True)
    told = lines(ended.stdout)
    assert told[-1] == {"state": "succeeded"}
    assert {"model_version": "models/interior@1"} in told
    from langdesign_registry import Registry

    registry = Registry(f"sqlite:///{tmp_path}/registry/mlflow.db", tmp_path / "keys" / "public.pem")
    assert [one.name for one in registry.list_versions("models/interior")] == ["models/interior@1"]
    figure(f"specialise, tiny: killed -9 in {', '.join(killed)}; one version registered")


def _kill_in(arguments, stage):
    """Start the run, and kill it and all that it started once the stage has begun."""
    process = subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 600
    for line in process.stdout:
        if json.loads(line).get("stage", "").startswith(stage):
            os.killpg(process.pid, signal.SIGKILL)
            break
        assert time.monotonic() < deadline
    process.stdout.close()
    return process.wait() == -signal.SIGKILL
