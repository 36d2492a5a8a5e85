"""What is damaged after it was made does not stop every start: it is found, and made again."""

import dataclasses
import hashlib

import pytest
from langdesign_dataset.samples import SampleSet, SampleSetError, write_samples
from langdesign_finetune.errors import TrainingError
from langdesign_scenes import writing
from langdesign_scenes.writing import write_set
from langdesign_specialise import judging, preparing
from langdesign_specialise.errors import StageError
from langdesign_specialise.stages import ORDER, Stage, do

from .conftest import ROOT

SAMPLES = SampleSet(ROOT / "training/dataset/sample")


def make_set(work, folder):
    write_samples(folder, [*SAMPLES, *SAMPLES.failures()], recipe={})


def read_set(work, folder):
    for sample in SampleSet(work.folder("dataset")):
        sample.pictures()


DATASET = Stage("dataset", lambda work: {}, make_set)
TUNE = Stage("tune", lambda work: work.digests("dataset"), read_set)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose(path):
    path.unlink()


def digests(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def rendered(monkeypatch):
    """Renders small pictures in this process."""

    def render(work, stage, folder, families, recipe):
        small = dataclasses.replace(recipe, samples=1, size=32, single_share=1.0)
        write_set(folder, families, small, workers=1)

    def one_by_one(work, indexes, workers):
        yield from ((index, work(index)) for index in indexes)

    monkeypatch.setattr(writing, "in_parallel", one_by_one)
    monkeypatch.setattr(preparing, "render", render)
    monkeypatch.setattr(judging, "render", render)


@pytest.mark.parametrize("harm", [flip, lose])
def test_a_damaged_data_set_is_told_once_and_made_again_at_the_next_start(work, harm):
    run = work()
    whole = do(DATASET, run)
    harm(whole.folder / "shards" / "000000.tar")
    do(DATASET, again := work())
    with pytest.raises(StageError, match=r"tune: .*000000\.tar is .*start again: it is made anew by dataset"):
        do(TUNE, again)
    do(DATASET, last := work())
    do(TUNE, last)
    assert SampleSet(last.folder("dataset")).digest == SAMPLES.digest


def test_a_worker_that_finds_the_data_set_damaged_says_it_in_words(work):
    def fail(work, folder):
        raise TrainingError("A worker failed (SampleSetError: 000000.tar is damaged)")

    run = work(ray="10.0.0.1:6379", machines=2)
    flip(do(DATASET, run).folder / "shards" / "000000.tar")
    with pytest.raises(StageError, match="start again: it is made anew by dataset"):
        do(Stage("tune", lambda work: {}, fail), run)


def test_a_set_that_cannot_be_written_leaves_the_one_that_it_is_made_from(work):
    def fail(work, folder):
        raise SampleSetError("The set cannot be written (no space); make room there, and write again")

    run = work()
    marker = do(DATASET, run).folder.with_suffix(".json")
    with pytest.raises(StageError, match="make room there, and write again"):
        do(Stage("reviewed", lambda work: {}, fail), run)
    assert marker.is_file()


def stage(name):
    """Return the stage of a run as it is, but for its inputs: those of the tests are none."""
    return dataclasses.replace(next(one for one in ORDER if one.name == name), inputs=lambda work: {})


SCENES = {"families": "1", "bench_families": "1"}
READ = {"scenes": "dataset", "bench": "evaluation"}


@pytest.mark.parametrize(
    ("made", "path", "harm"),
    [
        ("scenes", "families/000000/1.png", flip),
        ("scenes", "families/000000/family.json", lose),
        ("bench", "families/000000/0.index.png", lose),
        ("bench", "manifest.json", flip),
    ],
)
def test_damaged_scenes_are_told_before_they_are_used_and_rendered_again(work, rendered, made, path, harm):
    used = []
    reader = dataclasses.replace(stage(READ[made]), make=lambda work, folder: used.append(folder))
    whole = do(stage(made), work(overrides=SCENES))
    good = digests(whole.folder)
    harm(whole.folder / path)
    do(stage(made), again := work(overrides=SCENES))
    with pytest.raises(StageError, match=rf"{READ[made]}: {path} .*start again: .*made anew by {made}"):
        do(reader, again)
    assert not used
    do(stage(made), last := work(overrides=SCENES))
    do(reader, last)
    assert digests(whole.folder) == good
    assert len(used) == 1


def test_triples_that_lost_a_letter_are_written_again(work):
    whole = do(stage("triples"), work(overrides={"triples": "3"}))
    text = (whole.folder / "triples.jsonl").read_bytes()
    (whole.folder / "triples.jsonl").write_bytes(text.replace(b"a", b"e", 1))
    do(stage("triples"), again := work(overrides={"triples": "3"}))
    with pytest.raises(StageError, match=r"dataset: triples\.jsonl .*made anew by triples"):
        do(dataclasses.replace(stage("dataset"), make=lambda work, folder: None), again)
    do(stage("triples"), work(overrides={"triples": "3"}))
    assert (whole.folder / "triples.jsonl").read_bytes() == text


def test_every_stage_that_reads_files_of_another_looks_at_them_first():
    names = [one.name for one in ORDER]
    for one in ORDER:
        for other in one.reads:
            assert names.index(other) < names.index(one.name)
            assert stage(other).files
    assert {other for one in ORDER for other in one.reads} == {one.name for one in ORDER if one.files}
