"""The benchmark measures what it says, on tiny weights."""

import json

import pytest
from langdesign_instruct_pix2pix.bench.engine import main

# diffusers' schedulers hand tensors to numpy in a way that numpy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
TINY = ["--size", "tiny", "--steps", "2", "--quick", "--json"]


def test_latency_compares_the_four_ways_to_edit(capsys):
    assert main([*TINY, "--only", "latency"]) == 0
    report = json.loads(capsys.readouterr().out)
    rows = report["latency"]
    assert list(rows) == ["plain", "regularised", "diffusers", "explicit softmax"]
    assert rows["plain"]["ratio_to_plain"] == 1.0
    assert all(row["median"] > 0 and len(row["windows"]) == 3 for row in rows.values())
    assert all(0 < row["share_of_peak"] < 1 for row in rows.values())
    assert report["edit_tflop"] > 0
    assert report["peak_memory_mib"] > 0


def test_batching_compares_static_with_step_level(capsys):
    assert main([*TINY, "--only", "batching", "--requests", "4"]) == 0
    section = json.loads(capsys.readouterr().out)["batching"]
    for name in ("static", "step-level"):
        assert section[name]["throughput"] > 0
        assert section[name]["p95"] >= section[name]["p50"] > 0


def test_a_table_is_printed_for_people(capsys):
    assert main([arg for arg in TINY if arg != "--json"] + ["--only", "latency", "--pixels", "32"]) == 0
    assert "Latency at batch 1" in capsys.readouterr().out
