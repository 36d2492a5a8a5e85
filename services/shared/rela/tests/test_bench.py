import json
from importlib.metadata import entry_points

from langdesign_rela.bench import main


def test_the_benchmark_prints_its_pairs_and_their_ratio(capsys):
    assert main(["--size", "tiny", "--pairs", "3", "--expressions", "2", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    ratios = sorted(b / a for a, b in zip(figures["together_ms"], figures["apart_ms"], strict=True))
    assert len(ratios) == 3
    assert abs(figures["ratio"] / ratios[1] - 1) < 0.05  # milliseconds are printed rounded
    assert main(["--size", "tiny", "--pairs", "1", "--expressions", "2"]) == 0
    assert "2 expressions on one image" in capsys.readouterr().out


def test_the_benchmark_takes_the_rows_that_it_is_told(capsys):
    command = ["--size", "tiny", "--pairs", "1", "--expressions", "3", "--json"]
    for told, taken in (([], 3), (["--rows", "2"], 2)):
        assert main([*command, *told]) == 0
        figures = json.loads(capsys.readouterr().out)
        assert figures["rows"] == taken
        assert figures["processor_ratio"] > 0


def test_the_command_is_registered():
    (found,) = (one for one in entry_points(group="langdesign.bench") if one.name == "segment")
    assert found.load() is main
