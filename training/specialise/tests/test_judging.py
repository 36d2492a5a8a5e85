"""What the editors are judged on; judging them is the business of `langdesign_evaluation`."""

import json

import pytest
from langdesign_specialise import cli, judging
from langdesign_specialise.checking import check
from langdesign_specialise.errors import RecipeError
from PIL import Image

FULL = {"preset": "full", "device": "cpu", "llm_base_url": "http://127.0.0.1:9"}
SMALL = {
    "llm_dollars": "0",
    "tune.side": "128",
    "tune.objective.prediction": "v_prediction",
}  # fits the embedded base


@pytest.fixture
def magicbrush(tmp_path):
    """The folder of a test split of one edit."""
    folder = tmp_path / "magicbrush"
    (folder / "images" / "1").mkdir(parents=True)
    names = {"input": "1-input.png", "mask": "1-mask1.png", "output": "1-output1.png"}
    for name in names.values():
        Image.new("RGB", (64, 64), "white").save(folder / "images" / "1" / name)
    (folder / "edit_turns.json").write_text(json.dumps([{**names, "instruction": "make it brighter"}]))
    captions = {"1": {"1-input.png": "a dark square", "1-output1.png": "a bright square"}}
    (folder / "global_descriptions.json").write_text(json.dumps(captions))
    return folder


def test_full_fails_before_anything_is_paid_where_there_is_nothing_to_judge_on(work):
    with pytest.raises(RecipeError, match=r"give --bench magicbrush:PATH, or choose with --set bench_fam"):
        check(work(overrides=SMALL, **FULL), judges=True)


@pytest.mark.parametrize("context", ["interior", "wardrobe"])
def test_full_goes_on_with_a_bench_that_somebody_chose(work, magicbrush, context):
    chosen = {**SMALL, "context": context}
    check(work(overrides=chosen, bench=("magicbrush", magicbrush), **FULL), judges=True)
    check(work(overrides={**chosen, "bench_families": "8"}, **FULL), judges=True)
    check(work(overrides=chosen, **FULL), judges=False)  # a run that makes pairs, or tunes


def test_a_public_set_takes_the_place_of_scenes_in_any_preset(work, magicbrush, tmp_path):
    run = work(bench=("magicbrush", magicbrush))
    judging.make_bench(run, tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    told = judging.bench_inputs(run)["public"]
    assert (told["name"], told["families"]) == ("magicbrush", 1)
    assert judging.bench_inputs(work()).keys() == {"families", "digest"}


def test_a_public_set_without_the_truth_is_told_before_any_work(work, tmp_path):
    (tmp_path / "mapping_file.json").write_text("{}")
    with pytest.raises(RecipeError, match="of magicbrush, emu-edit, pie-bench, gedit give magicbrush"):
        check(work(bench=("pie-bench", tmp_path)), judges=True)


@pytest.mark.parametrize(
    ("bench", "said"),
    [("edits:there", "'edits' is no benchmark"), ("magicbrush", "names no place; write magicbrush:PATH")],
)
def test_a_bench_is_a_name_and_a_place(monkeypatch, tmp_path, capsys, bench, said):
    monkeypatch.setenv("SPECIALISE_BENCH", bench)
    assert cli.specialise_main(["--out", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err
