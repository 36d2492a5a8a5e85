"""A data set that is damaged after it was made does not stop every start: it is made again."""

import pytest
from langdesign_dataset.samples import SampleSet, SampleSetError, write_samples
from langdesign_finetune.errors import TrainingError
from langdesign_specialise.errors import StageError
from langdesign_specialise.stages import Stage, do

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
