"""Shards and index as WebDataset and HF datasets read them: rows that vary, compared exactly."""

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from langdesign_dataset.review import write_card
from langdesign_dataset.samples import Sample, SampleSet, write_samples

from .conftest import Make

LEAVES_FILES_OPEN = pytest.mark.filterwarnings(  # datasets closes its archives when they are collected
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def samples(make: Make) -> list[Sample]:
    """Twelve samples by key; of the first six a score is 0 or 1, and little else is known."""
    keys = sorted((make(number).key, number) for number in range(12))
    numbers = [number for _, number in keys]
    first = [make(number, scores={"leak": place % 2}, mask=None) for place, number in enumerate(numbers[:6])]
    later = [
        make(number, scores={"leak": 0.5, "judge": 0.7}, parameters={"share": 0.3}) for number in numbers[6:]
    ]
    return first + later


@pytest.fixture
def written(samples: list[Sample], tmp_path: Path) -> SampleSet:
    return write_samples(tmp_path / "set", samples, recipe={}, shard_bytes=20_000)


def shards(written: SampleSet) -> list[str]:
    return sorted(str(path) for path in written.folder.glob("shards/*.tar"))


def same(sample: Sample, before: object, after: object) -> bool:
    pairs = zip(sample.pictures(), (before, after), strict=True)
    return all(np.array_equal(ours, np.asarray(theirs)) for ours, theirs in pairs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_webdataset_reads_the_shards(written: SampleSet, samples: list[Sample]) -> None:
    import webdataset

    read = list(webdataset.WebDataset(shards(written), shardshuffle=False, empty_check=False).decode("pil"))
    assert [one["__key__"] for one in read] == [one.key for one in samples]
    for ours, theirs in zip(samples, read, strict=True):
        assert same(ours, theirs["before.png"], theirs["after.png"])
        assert json.loads(theirs["json"]["scores"]) == ours.scores
        assert theirs["json"]["has_mask"] == (ours.mask is not None)


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return a cache of its own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    yield str(tmp_path / "cache")
    gc.collect()  # what is left open warns now, and not during another test


@LEAVES_FILES_OPEN
@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_the_shards(
    written: SampleSet, samples: list[Sample], offline: str, streaming: bool
) -> None:
    from datasets import load_dataset

    read = list(
        load_dataset(
            "webdataset", data_files=shards(written), split="train", streaming=streaming, cache_dir=offline
        )
    )
    assert [one["__key__"] for one in read] == [one.key for one in samples]
    for ours, theirs in zip(samples, read, strict=True):
        assert same(ours, theirs["before.png"], theirs["after.png"])
        assert json.loads(theirs["json"]["scores"]) == ours.scores
        assert json.loads(theirs["json"]["parameters"]) == ours.parameters
        region = ours.region()
        assert (
            np.asarray(theirs["mask.png"]).astype(bool).all()
            if region is None
            else np.array_equal(np.asarray(theirs["mask.png"]).astype(bool), region)
        )


@LEAVES_FILES_OPEN
def test_datasets_reads_the_index_and_joins_it_with_another(
    written: SampleSet, samples: list[Sample], make: Make, tmp_path: Path, offline: str
) -> None:
    from datasets import concatenate_datasets, load_dataset

    def load(folder: Path) -> object:
        return load_dataset(
            "parquet", data_files=str(folder / "index.parquet"), split="train", cache_dir=offline
        )

    other = write_samples(tmp_path / "other", [make(20, scores={"seam": 1})], recipe={})
    both = concatenate_datasets([load(written.folder), load(other.folder)])
    assert both["score_leak"] == [*(one.scores["leak"] for one in samples), None]
    assert both["score_judge"][5:] == [None, *[0.7] * 6, None]
    assert both["score_seam"][-1] == 1.0
    assert both["output"][:-1] == [one.triple.output for one in samples]


def test_the_index_writes_its_types_down(written: SampleSet) -> None:
    kinds = {field.name: field.type for field in written.table.schema}
    assert pa.large_string() not in kinds.values()
    assert all(kind == pa.float64() for name, kind in kinds.items() if name.startswith("score_"))
    assert kinds["edit"] == kinds["model_render"] == pa.string()
    assert kinds["seed"] == pa.int64()


@LEAVES_FILES_OPEN
def test_datasets_finds_the_shards_by_the_card(
    written: SampleSet, samples: list[Sample], offline: str
) -> None:
    from datasets import load_dataset

    write_card(written)
    read = load_dataset(str(written.folder), split="train", cache_dir=offline)
    assert read["__key__"] == [one.key for one in samples]
