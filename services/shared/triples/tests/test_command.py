"""`python -m langdesign_triples`: triples to be read, and what is wrong with a context."""

import json
import sys
from pathlib import Path

from langdesign_triples import read_triples
from langdesign_triples.__main__ import main

WARDROBE = Path(__file__).parents[4] / "contexts" / "wardrobe"


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["langdesign_triples", *map(str, arguments)])
    return main()


def test_triples_are_printed_with_a_report_beside_them(monkeypatch, capsys):
    assert run(monkeypatch, WARDROBE, "--count", 5, "--subject", "hat") == 0
    told = capsys.readouterr()
    assert [json.loads(line)["subject"] for line in told.out.splitlines()] == ["hat"] * 5
    assert "| triples | 5 |" in told.err


def test_triples_go_to_a_file(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, WARDROBE, "--count", 7, "--out", tmp_path / "t.jsonl") == 0
    assert len(list(read_triples(tmp_path / "t.jsonl"))) == 7
    assert capsys.readouterr().out == ""


def test_a_mistake_in_a_context_is_one_line(monkeypatch, capsys, folder):
    (folder / "ontology.toml").unlink()
    assert run(monkeypatch, folder) == 1
    assert capsys.readouterr().err.count("\n") == 1
