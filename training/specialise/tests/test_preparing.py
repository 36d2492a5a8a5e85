"""Where the pairs of a run are made; making them is the business of `langdesign_dataset`."""

import io
from pathlib import Path

import pytest
from langdesign_dataset.report import BuildReport
from langdesign_specialise import preparing
from langdesign_specialise.checking import check
from langdesign_specialise.errors import RecipeError
from langdesign_specialise.places import Places
from langdesign_specialise.recipes import recipe
from langdesign_specialise.reporting import JsonReport
from langdesign_specialise.work import Work
from langdesign_specialise.workspace import Done, Workspace

CONTEXTS = Path(__file__).parents[3] / "contexts"


@pytest.mark.parametrize(
    ("places", "workers", "address"),
    [
        (Places(workers=3, ray="10.0.0.1:6379", machines=4), 12, "10.0.0.1:6379"),
        (Places(workers=3, machines=4), 3, ""),
    ],
)
def test_pairs_are_made_by_all_of_a_cluster_where_one_is_named(
    monkeypatch, tmp_path, places, workers, address
):
    asked = []
    monkeypatch.setattr(preparing, "build", lambda *_, cluster, **__: asked.append(cluster))
    monkeypatch.setattr(preparing, "read_report", lambda folder: BuildReport((), kept=0, complete=True))
    work = Work(recipe("tiny", {}), places, Workspace(tmp_path), JsonReport(io.StringIO(), io.StringIO()))
    work.done = {name: Done(tmp_path, "0", 0.0) for name in ("triples", "scenes")}
    preparing.make_dataset(work, tmp_path)
    assert [(one.workers, one.address) for one in asked] == [(workers, address)]


def test_the_name_of_a_model_leads_to_no_other_folder(monkeypatch, tmp_path):
    """What was paid for is kept below the run, whatever a launcher calls the model."""

    class Writer:
        spent, rejections = "nothing", {}

        def __init__(self, context, endpoint, spool, **_):
            spools.append(spool)

        async def triples(self, count):
            for one in ():
                yield one

    spools = []
    monkeypatch.setattr(preparing, "LanguageModelWriter", Writer)
    chosen = recipe("tiny", {"writer": "language-model", "llm_model": "../../../escaped"})
    out = tmp_path / "run"
    work = Work(chosen, Places(contexts=CONTEXTS), Workspace(out), JsonReport(io.StringIO(), io.StringIO()))
    preparing.make_triples(work, tmp_path)
    assert [spool.resolve().parent for spool in spools] == [(out / "spool").resolve()]


def test_a_side_that_the_generator_cannot_draw_is_told_before_any_work(work):
    with pytest.raises(RecipeError, match=r"sampling\.side is 130 pixels, no multiple of the"):
        check(work(overrides={"dataset.sampling.side": "130"}), judges=True)
