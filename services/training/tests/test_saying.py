"""What a program says is read between whatever else it prints, and nothing that it prints can harm."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdesign_training.runs import Progress
from langdesign_training.saying import MAX_LINE, LineSplitter, Said, listen

NOTHING = Said(Progress())


def heard(*records):
    return listen(NOTHING, [json.dumps(record).encode() for record in records])


def test_the_newest_word_counts():
    said = heard(
        {"stage": "pairs", "progress": 0.5},
        {"metrics": {"yield": 0.5, "pairs": 3}},
        {"metrics": {"yield": 0.75}},
        {"stage": "tune"},
        {"progress": 2},
        {"model_version": "models/interior@3"},
        {"state": "succeeded"},
    )
    progress = Progress("tune", 1.0, {"yield": 0.75, "pairs": 3.0}, "models/interior@3")
    assert said == Said(progress, "succeeded")


def test_a_failure_is_one_bounded_line_that_a_database_takes():
    said = heard({"state": "failed", "failure": "no\x00 disk\n\ud800" + "x" * 5000})
    assert said.verdict == "failed"
    assert said.failure.startswith("no  disk ?x")
    assert len(said.failure) == 2000


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"{",
        b"\xff{}",
        b'{"stage": 3, "progress": "much", "metrics": [1], "model_version": "../../x"}',
        b'{"progress": NaN, "metrics": {"a": Infinity, "b": true, "c": "1", "d": null}}',
        b'{"metrics": {"a": 1' + b"0" * 400 + b"}}",
        b'{"state": "running"}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
)
def test_what_is_no_word_of_the_protocol_changes_nothing(line):
    assert listen(NOTHING, [line]) == NOTHING


@given(st.lists(st.binary(max_size=40)), st.integers(1, 7))
def test_lines_are_the_same_however_the_stream_is_cut(lines, size):
    lines = [line.replace(b"\n", b"") for line in lines]
    stream = b"".join(line + b"\n" for line in lines)
    splitter, found = LineSplitter(limit=20), []
    for start in range(0, len(stream), size):
        found += splitter.split(stream[start : start + size])
    assert found == [line for line in lines if len(line) <= 20]


def test_a_line_without_end_takes_no_memory():
    splitter = LineSplitter()
    for _ in range(100):
        assert splitter.split(b"x" * MAX_LINE) == []
    assert sys.getsizeof(splitter._rest) < 2 * MAX_LINE
    assert splitter.split(b"\nnext\n") == [b"next"]
