import io
import json

import pytest
from langdesign_specialise.reporting import JsonReport


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_launcher_reads_one_object_a_line_and_nothing_else():
    out, log = io.StringIO(), io.StringIO()
    report = JsonReport(out, log)
    report.progress("tune", 0.0)
    report.note("for people")
    report.metrics({"clip_dir": 0.25})
    report.version("models/interior@3")
    report.ended()
    assert lines(out) == [
        {"stage": "tune", "progress": 0.0},
        {"metrics": {"clip_dir": 0.25}},
        {"model_version": "models/interior@3"},
        {"state": "succeeded"},
    ]
    assert log.getvalue() == "for people\n"


def test_progress_is_told_by_the_percent():
    out = io.StringIO()
    report = JsonReport(out, io.StringIO())
    for step in range(1001):
        report.progress("tune", step / 1000)
    told = [line["progress"] for line in lines(out)]
    assert told == sorted(set(told))
    assert len(told) == 101


def test_a_failure_says_why():
    out = io.StringIO()
    JsonReport(out, io.StringIO()).ended("no disk; free some")
    assert lines(out) == [{"state": "failed", "failure": "no disk; free some"}]


def test_what_is_no_number_is_not_told_as_one():
    with pytest.raises(ValueError, match="JSON"):
        JsonReport(io.StringIO(), io.StringIO()).metrics({"loss": float("nan")})
