import json
from importlib.metadata import entry_points

import pytest
from langdesign_dataset.bench import filters, pairs


def test_pairs_are_timed_in_turns_and_agree(capsys):
    command = ["--size", "tiny", "--side", "32", "--steps", "2", "--candidates", "2", "--rounds", "1"]
    assert pairs.main([*command, "--json"]) in {0, 1}
    figures = json.loads(capsys.readouterr().out)
    assert figures["difference"] <= 1
    assert figures["contestants"][pairs.OURS]["ratio"] == 1.0
    assert all(len(one["seconds"]) == 1 for one in figures["contestants"].values())
    pairs.main(command)
    assert "explicit maps" in capsys.readouterr().out


def test_filters_score_alike_in_batches_and_one_by_one(capsys, models):
    command = ["--models", str(models.clip.parent), "--triples", "2", "--candidates", "2", "--side", "32"]
    assert filters.main([*command, "--rounds", "1", "--workers", "1", "--json"]) in {0, 1}
    figures = json.loads(capsys.readouterr().out)
    assert figures["difference"] < 1e-4
    assert set(figures["samples_per_second"]) == {filters.CREW, filters.BATCHED, filters.SINGLE}


@pytest.mark.parametrize(("name", "command"), [("pairs", pairs.main), ("filters", filters.main)])
def test_the_commands_are_registered(name, command):
    (found,) = (one for one in entry_points(group="langdesign.bench") if one.name == name)
    assert found.load() is command
