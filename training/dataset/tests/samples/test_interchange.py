import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from langdesign_dataset.samples import (
    EditDataset,
    ImagePair,
    LayoutError,
    Prompt,
    SampleSetError,
    export_edit_dataset,
    import_edit_dataset,
    write_edit_dataset,
    write_samples,
)
from langdesign_triples import Change

from .conftest import Make

GREY = np.full((16, 24, 3), 90, np.uint8)


def pair(seed: str, **metadata: object) -> ImagePair:
    return ImagePair(seed, GREY, GREY + 20, metadata)


def test_a_set_that_was_exported_and_imported_is_near_the_first(make: Make, tmp_path: Path) -> None:
    scores = {"clip_direction": 0.3, "leak": 0.1}
    made = [make(n, scores=scores, parameters={"share": 0.5, "steps": 25}) for n in range(4)]
    export_edit_dataset(write_samples(tmp_path / "set", made, recipe={}), tmp_path / "out")
    first = json.loads((tmp_path / "out/0000000/metadata.jsonl").read_text())
    assert [first[name] for name in ("clip_sim_dir", "p2p_threshold")] == [0.3, 0.5]
    read = {one.seed: one for one in import_edit_dataset(tmp_path / "out")}
    assert read.keys() == {0, 1, 2, 3}
    for one in made:
        back = read[one.seed]
        assert (back.source, back.mask) == ("imported", None)
        for name in ("triple", "models", "parameters", "scores", "licence"):
            assert getattr(back, name) == getattr(one, name)
        for ours, theirs in zip(one.pictures(), back.pictures(), strict=True):
            assert np.abs(ours.astype(int) - theirs).max() <= 4


def test_samples_of_one_prompt_share_its_folder(make: Make, tmp_path: Path) -> None:
    one = make(0)
    twins = [
        one,
        dataclasses.replace(make(1), triple=one.triple),
        dataclasses.replace(make(2), triple=one.triple),
    ]
    twins[2] = dataclasses.replace(twins[2], seed=1)
    export_edit_dataset(write_samples(tmp_path / "set", twins, recipe={}), tmp_path / "out")
    seeds = json.loads((tmp_path / "out/seeds.json").read_text())
    assert len(seeds) == 1
    assert len(set(seeds[0][1])) == len(EditDataset(tmp_path / "out")) == 3
    again = list(import_edit_dataset(tmp_path / "out"))
    assert len({sample.key for sample in again}) == 3


def test_the_change_of_a_strangers_pair_is_read_off_its_words(tmp_path: Path) -> None:
    prompts = [
        (Prompt("Add a lamp", "a room", "a room with a lamp"), Change.ADD),
        (Prompt("remove the lamp", "a room with a lamp", "a room"), Change.REMOVE),
        (Prompt("Swap the chair for a stool", "a chair", "a stool"), Change.REPLACE),
        (Prompt("make it red", "a chair", "a red chair"), Change.ALTER),
        (Prompt("remove the piano", "a chair", "a chair"), Change.NONE),
        (Prompt("turn it blue", "", ""), Change.ALTER),
    ]
    write_edit_dataset(tmp_path, ((prompt, [pair("1")]) for prompt, _ in prompts))
    read = list(import_edit_dataset(tmp_path, licence="CC-BY-4.0"))
    assert [one.triple.change for one in read] == [change for _, change in prompts]
    assert {one.licence for one in read} == {"CC-BY-4.0"}


def test_equal_prompts_and_names_that_are_no_numbers_still_have_keys_of_their_own(tmp_path: Path) -> None:
    prompt = Prompt("make it red", "a chair", "a red chair")
    write_edit_dataset(tmp_path, [(prompt, [pair("0"), pair("first")]), (prompt, [pair("0")])])
    first, second = ([one.key for one in import_edit_dataset(tmp_path)] for _ in range(2))
    assert first == second
    assert len(set(first)) == 3
    assert len(write_samples(tmp_path / "set", import_edit_dataset(tmp_path), recipe={})) == 3


def test_figures_that_are_not_finite_are_left_out(tmp_path: Path) -> None:
    figures = {"clip_sim_0": float("nan"), "clip_sim_dir": 1, "cfg_scale": 7.5}
    write_edit_dataset(tmp_path, [(Prompt("a", "b", "c"), [pair("1", **figures)])])
    (read,) = import_edit_dataset(tmp_path)
    assert read.scores == {"clip_direction": 1.0}
    assert read.parameters == {"guidance": 7.5}


def test_what_cannot_be_is_named(tmp_path: Path) -> None:
    write_edit_dataset(
        tmp_path, [(Prompt("a", "b", "c"), [pair("1", sample={"triple": {"change": "melt"}})])]
    )
    with pytest.raises(LayoutError, match=r"0000000/metadata.jsonl says of seed 1 .*melt"):
        list(import_edit_dataset(tmp_path))


def test_a_layout_without_a_pair_and_a_set_without_a_sample_are_refused(make: Make, tmp_path: Path) -> None:
    write_edit_dataset(tmp_path / "empty", [])
    with pytest.raises(LayoutError, match="no pair"):
        list(import_edit_dataset(tmp_path / "empty"))
    dropped = write_samples(tmp_path / "set", [make(0, verdict="leak", reason="It leaks.")], recipe={})
    with pytest.raises(SampleSetError, match="no sample to export"):
        export_edit_dataset(dropped, tmp_path / "out")
