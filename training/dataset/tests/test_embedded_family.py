"""A build with the embedded models, and what of it passes."""

import dataclasses
from itertools import islice
from pathlib import Path

import pytest
from langdesign_dataset.models import Models
from langdesign_dataset.pipeline import Cluster, build, read_report
from langdesign_dataset.recipes import preset
from langdesign_triples import GrammarWriter, load_context, write_triples

ROOT = Path(__file__).parents[3]
MINI = ROOT / "deploy/models/mini"
CONTEXT = ROOT / "contexts/interior"


@pytest.mark.timeout(600)
def test_the_embedded_models_build_a_small_set_and_its_yield_under_their_gates_is_told(
    tmp_path, scenes, figure
):
    written = islice(GrammarWriter(load_context(CONTEXT), 0).triples(12), 6)
    write_triples(tmp_path / "triples.jsonl", written)
    made = build(
        dataclasses.replace(preset("tiny"), gates=preset("mini").gates),
        tmp_path / "triples.jsonl",
        Models.of(MINI),
        tmp_path / "set",
        scenes,
        cluster=Cluster(workers=0),
    )
    stages = {one.stage: one for one in read_report(tmp_path / "set").stages}
    assert stages["rendered"].passed == 12
    passed = stages["selection"].passed
    assert stages["pairs"].passed >= 6
    assert {one.source for one in made} >= {"rendered"}
    share = passed / stages["pairs"].passed
    figure(f"data set: {passed} of {stages['pairs'].passed} candidates pass the mini gates ({share:.0%})")
    for one in [*made, *made.failures()]:
        assert one.kept or one.reason
