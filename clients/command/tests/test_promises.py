"""`langdesign bench promises`: what it makes of what tests and benchmarks tell."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest
from langdesign_command.promises import program
from langdesign_command.promises.promise import Bench, Measure, Promise, Suite
from langdesign_command.promises.running import Found, probe
from langdesign_command.promises.verdicts import Result, judge

TESTS = """
import pathlib
import time

import pytest


@pytest.mark.parametrize("value", [2, pytest.param(9, marks=pytest.mark.long)])
def test_of_seven(record_property, value):
    record_property("promise 7: steps", value)
    record_property("promise 8: steps", 100)
    record_property("figure", f"promise 7: {value} steps")


def test_that_fails():
    assert 1 == 2, "one is not two"


def test_that_waits():
    pathlib.Path("waiting").touch()
    time.sleep(600)
"""
WAITS = """
import signal
import sys
from langdesign_command.promises import program
from langdesign_command.promises.promise import Promise, Suite

# A job that a shell puts into the background begins with it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
program.PROMISES = (Promise(7, "it waits", "It waits.", (), (Suite(("test_seven.py::test_that_waits",)),)),)
sys.exit(program.main(["--json", "found.json"]))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A folder with tests of its own, which counts as a checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    long: the long form\n")
    (folder / "test_seven.py").write_text(TESTS)
    (folder / "services/model_server/model_repository").mkdir(parents=True)
    return folder


def promise(*tests, **bar):
    probes = (Suite(tuple(f"test_seven.py::{test}" for test in tests)),)
    return Promise(7, "it is quick", "It is quick.", (Measure("steps", "steps", **bar),), probes)


@pytest.fixture(scope="module")
def told(checkout):
    """What the tests tell, by form: of the long one a test fails."""
    long = promise("test_of_seven", "test_that_fails")
    return {
        "short": probe(promise("test_of_seven"), checkout, long=False, gpu=False),
        "long": probe(long, checkout, long=True, gpu=False),
    }


def verdict_on(asked, found, *, long=False, gpu=False):
    return judge(asked, found, long=long, gpu=gpu)


def test_tests_tell_the_measures_of_their_promise_in_the_form_that_is_asked_for(told):
    assert told["short"].values == {"steps": [2]}
    assert told["short"].figures == ["promise 7: 2 steps"]
    assert told["short"].failed == told["short"].broken == []
    assert told["long"].values == {"steps": [2, 9]}
    (failed,) = told["long"].failed
    assert failed.startswith("test_seven.py::test_that_fails: ")
    assert "one is not two" in failed


@pytest.mark.parametrize(
    ("bar", "values", "result", "value"),
    [
        ({"at_most": 5}, [2], Result.MET, 2),
        ({"at_most": 5}, [2, 9], Result.MISSED, 9),
        ({"at_most": 5}, [5, 5], Result.MET, 5),
        ({"at_most": 5, "total": True}, [5, 5], Result.MISSED, 10),
        ({"at_least": 3}, [2, 9], Result.MISSED, 2),
        ({"at_least": 3}, [4, 9], Result.MET, 4),
        ({"at_most": 5}, [2, float("nan")], Result.MISSED, pytest.approx(float("nan"), nan_ok=True)),
        ({}, [1e9], Result.MET, 1e9),
    ],
)
def test_a_promise_is_judged_by_the_value_that_keeps_it_least(bar, values, result, value):
    verdict = verdict_on(promise("test_of_seven", **bar), Found(values={"steps": values}))
    assert verdict.result is result
    assert [one.value for one in verdict.measured] == [value]


def test_a_failed_test_misses_the_promise_whatever_is_measured(told):
    verdict = verdict_on(promise("test_of_seven", at_most=50), told["long"])
    assert verdict.result is Result.MISSED
    assert list(verdict.reasons) == told["long"].failed


def test_what_told_nothing_was_not_run_and_says_why(checkout):
    verdict = verdict_on(promise("test_of_seven", at_most=5), Found())
    assert (verdict.result, list(verdict.reasons)) == (Result.NOT_RUN, ["no probe told: steps"])
    absent = promise("test_of_nothing", at_most=5)
    found = probe(absent, checkout, long=False, gpu=False)
    assert verdict_on(absent, found).result is Result.NOT_RUN
    assert "pytest ended with 4" in found.broken[0]


def test_what_needs_a_gpu_is_not_run_without_one_and_counts_as_no_miss():
    on_gpu = replace(promise(at_most=5), probes=(Bench(("engine",), {"steps": ("a",)}, gpu=True),))
    assert verdict_on(on_gpu, Found()).result is Result.NEEDS_GPU
    assert verdict_on(on_gpu, Found(), gpu=True).result is Result.NOT_RUN
    assert verdict_on(on_gpu, Found(values={"steps": [4]}), gpu=True).result is Result.MET


def test_a_measure_of_the_long_form_is_missed_in_the_long_form_alone():
    asked = promise("test_of_seven", at_most=5)
    more = replace(asked, measures=(*asked.measures, Measure("rolls", "rolls", at_least=1, long=True)))
    found = Found(values={"steps": [2]})
    assert verdict_on(more, found).result is Result.MET
    assert verdict_on(more, found, long=True).result is Result.NOT_RUN


def test_a_benchmark_is_read_where_the_promise_says(checkout, monkeypatch):
    script = checkout / "langdesign"
    script.write_text('#!/bin/sh\necho working >&2\necho "{\\"a\\": {\\"b\\": 3, \\"with\\": \\"$*\\"}}"\n')
    script.chmod(0o755)
    monkeypatch.setattr("langdesign_command.promises.running._program", lambda: str(script))
    bench = Bench(("engine", "--size", "mini"), {"steps": ("a", "b")})
    found = probe(replace(promise(at_most=5), probes=(bench,)), checkout, long=False, gpu=False)
    assert found.values == {"steps": [3]}
    wrong = replace(bench, reads={"steps": ("a", "c")})
    found = probe(replace(promise(at_most=5), probes=(wrong,)), checkout, long=False, gpu=False)
    assert found.broken == ["langdesign bench engine --size mini says nothing of a.c"]


def test_the_table_and_the_file_have_every_promise_and_a_miss_is_an_exit_code(
    checkout, monkeypatch, capsys, tmp_path
):
    kept = promise("test_of_seven", at_most=5)
    lost = replace(promise("test_of_seven", at_most=1), number=9)
    monkeypatch.setattr(program, "PROMISES", (kept, lost))
    monkeypatch.setattr(
        program, "probe", lambda one, *_, **__: Found(values={"steps": [2]}, figures=[f"figure {one.number}"])
    )
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process keeps its own
    file = tmp_path / "found.json"
    assert program.main(["--only", "7"]) == 0
    assert program.main(["--json", str(file)]) == 1
    shown = capsys.readouterr().out
    assert "1 met, 1 missed" in shown
    assert [(one["number"], one["result"], one["figures"]) for one in json.loads(file.read_text())] == [
        (7, "met", ["figure 7"]),
        (9, "missed", ["figure 9"]),
    ]


@pytest.mark.parametrize(("form", "long"), [([], False), (["--short"], False), (["--long"], True)])
def test_the_short_form_is_run_unless_the_long_one_is_asked_for(checkout, monkeypatch, form, long):
    asked = []

    def probed(one, _root, *, long, gpu):
        asked.append(long)
        return Found(values={"steps": [2]})

    monkeypatch.setattr(program, "PROMISES", (promise("test_of_seven", at_most=5),))
    monkeypatch.setattr(program, "probe", probed)
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process keeps its own
    assert program.main(form) == 0
    assert asked == [long]


@pytest.mark.parametrize(("only", "said"), [("25", "they are numbered 1 to 24"), ("six", "write --only 6,8")])
def test_a_number_that_is_none_is_told_with_those_that_are(only, said, capsys):
    with pytest.raises(SystemExit) as caught:
        program.main(["--only", only])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_outside_a_checkout_it_says_where_to_go(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("langdesign_command.local.checkout.__file__", str(tmp_path / "checkout.py"))
    assert program.main(["--only", "6"]) == 10
    assert "run this in a clone of the repository" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(checkout, number):
    (checkout / "waiting").unlink(missing_ok=True)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WAITS], cwd=checkout, **pipes) as process:
        try:
            end = time.monotonic() + 60
            while not (checkout / "waiting").exists():
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            family = psutil.Process(process.pid).children(recursive=True)
            assert family
            process.send_signal(number)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert json.loads((checkout / "found.json").read_text()) == []
