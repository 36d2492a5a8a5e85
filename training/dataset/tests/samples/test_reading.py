import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from langdesign_dataset.samples import SampleSet, SampleSetError, write_samples

from .conftest import Make


@pytest.fixture
def folder(make: Make, tmp_path: Path) -> Path:
    write_samples(tmp_path, [make(number) for number in range(5)], recipe={}, shard_bytes=8192)
    return tmp_path


def test_pictures_and_region_come_back(folder: Path, make: Make) -> None:
    made = {make(number).key: make(number) for number in range(5)}
    for one in SampleSet(folder):
        before, after = one.pictures()
        assert np.array_equal(before, made[one.key].pictures()[0])
        region = one.region()
        assert region is not None
        assert np.array_equal(region, (before != after).any(axis=2))


def test_a_set_travels_to_another_process(folder: Path) -> None:
    there = pickle.loads(pickle.dumps(SampleSet(folder)))
    assert there[3].before == SampleSet(folder)[3].before


def test_a_missing_shard_is_named_at_once(folder: Path) -> None:
    (folder / "shards/000001.tar").unlink()
    with pytest.raises(SampleSetError, match=r"000001\.tar is missing; copy the set again, or build"):
        SampleSet(folder)


def test_a_shard_that_was_cut_short_is_named_at_once(folder: Path) -> None:
    shard = folder / "shards/000000.tar"
    shard.write_bytes(shard.read_bytes()[:700])
    with pytest.raises(SampleSetError, match=r"000000\.tar is damaged \(it ends after 700 bytes"):
        SampleSet(folder)


def test_a_changed_byte_is_found_where_it_is_read(folder: Path) -> None:
    shard = folder / "shards/000000.tar"
    data = bytearray(shard.read_bytes())
    data[600] ^= 1
    shard.write_bytes(data)
    damaged = SampleSet(folder)
    with pytest.raises(SampleSetError, match=r"000000\.tar is damaged .* is not what was written"):
        damaged[0]
    assert damaged[4].key == damaged.keys[4]


@pytest.mark.parametrize("name", ["index.parquet", "dataset.json"])
def test_a_damaged_index_or_manifest_is_named(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SampleSetError, match=f"{name} is damaged"):
        SampleSet(folder)


def test_an_index_of_another_set_is_refused(folder: Path, make: Make, tmp_path: Path) -> None:
    write_samples(tmp_path / "other", [make(9)], recipe={})
    (folder / "index.parquet").write_bytes((tmp_path / "other/index.parquet").read_bytes())
    with pytest.raises(SampleSetError, match=r"not the one that dataset\.json names"):
        SampleSet(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "langdesign-dataset/2"}, "reads 'langdesign-dataset/1'"),
        ({"count": 4}, "does not fit"),
        ({"digest": "sha256:00"}, "does not fit"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    folder: Path, change: dict[str, object], message: str
) -> None:
    path = folder / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(SampleSetError, match=message):
        SampleSet(folder)


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": "langdesign-dataset/1"}'])
def test_a_manifest_that_says_too_little_is_refused(folder: Path, text: str) -> None:
    (folder / "dataset.json").write_text(text)
    with pytest.raises(SampleSetError, match=r"dataset|format"):
        SampleSet(folder)


def test_a_folder_without_a_set_says_so(tmp_path: Path) -> None:
    with pytest.raises(SampleSetError, match="holds no data set"):
        SampleSet(tmp_path)


def test_reading_needs_neither_torch_nor_ray() -> None:
    import subprocess
    import sys

    code = (
        "import sys, langdesign_dataset.samples; print(*{'torch', 'ray', 'webdataset'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_digests_of_pictures_need_no_picture_where_the_index_holds_them(folder: Path) -> None:
    expected = [
        tuple(hashlib.sha256(picture).hexdigest() for picture in (one.before, one.after))
        for one in SampleSet(folder)
    ]
    older = SampleSet(folder)
    older.table = older.table.drop_columns(["before_digest", "after_digest"])
    assert older.picture_digests() == expected
    whole = SampleSet(folder)
    for shard in folder.glob("shards/*.tar"):
        shard.unlink()
    assert whole.picture_digests() == expected
