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


def test_precision_compares_the_engine_with_diffusers_in_float32_and_bfloat16(capsys):
    assert main([*TINY, "--only", "precision"]) == 0
    rows = json.loads(capsys.readouterr().out)["precision"]
    assert list(rows) == [
        f"{who} {precision}" for precision in ("float32", "bfloat16") for who in ("engine", "diffusers")
    ]
    assert rows["engine float32"]["times_as_fast"] == rows["engine float32"]["times_less_work"] == 1.0
    assert rows["engine float32"]["psnr"] is None
    assert rows["diffusers float32"]["psnr"] is None or rows["diffusers float32"]["psnr"] > 45
    assert rows["engine bfloat16"]["psnr"] > 25
    assert all(row["edit"] > row["step"] > 0 for row in rows.values())


def test_batching_compares_static_with_step_level(capsys):
    assert main([*TINY, "--only", "batching", "--requests", "4"]) == 0
    section = json.loads(capsys.readouterr().out)["batching"]
    for name in ("static", "step-level"):
        assert section[name]["throughput"] > 0
        assert section[name]["p95"] >= section[name]["p50"] > 0


def test_a_table_is_printed_for_people(capsys):
    assert main([arg for arg in TINY if arg != "--json"] + ["--only", "latency", "--pixels", "32"]) == 0
    assert "Latency at batch 1" in capsys.readouterr().out
