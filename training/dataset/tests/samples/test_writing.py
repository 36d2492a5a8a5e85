import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from langdesign_dataset.samples import (
    Sample,
    SampleError,
    SampleSet,
    SampleSetError,
    SampleWriter,
    encode_picture,
    write_samples,
)
from PIL import Image

from .conftest import Make


def mixed(make: Make) -> list[Sample]:
    """Eight kept samples and four dropped ones that differ in what is known of them."""
    kept = [make(number, scores={"leak": number / 8, "judge": float(number % 2)}) for number in range(6)]
    bare = [make(6, mask=None, scores={}), make(7, parameters={"share": 0.5}, models={})]
    dropped = [
        make(n, verdict="leak", reason="It changed the wall.", scores={"leak": 1}) for n in range(8, 12)
    ]
    return [*kept, *bare, *dropped]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_samples_give_the_same_files_in_whatever_order_they_come(make: Make, tmp_path: Path) -> None:
    samples = mixed(make)
    for name, order in (("a", samples), ("b", samples[::-1])):
        write_samples(tmp_path / name, order, recipe={"preset": "tiny"}, shard_bytes=8192)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert len(list((tmp_path / "a/shards").iterdir())) > 1


def test_samples_read_as_they_were_written(make: Make, tmp_path: Path) -> None:
    samples = {one.key: one for one in mixed(make)}
    written = write_samples(tmp_path, samples.values(), recipe={}, shard_bytes=8192)
    read = [*written, *written.failures()]
    assert {one.key for one in read} == samples.keys()
    for one in read:
        assert vars(one) == vars(samples[one.key])
    assert [len(written), len(written.failures())] == [8, 4]
    assert written.keys == tuple(sorted(key for key, one in samples.items() if one.kept))
    assert written[-1].key == written.keys[-1]
    with pytest.raises(IndexError, match="8 samples"):
        written[8]


def test_the_digest_is_that_of_the_samples_and_not_of_their_shards(make: Make, tmp_path: Path) -> None:
    few, many = (
        write_samples(tmp_path / str(size), mixed(make), recipe={}, shard_bytes=size)
        for size in (4096, 2**20)
    )
    assert few.digest == many.digest
    changed = [make(0, scores={"leak": 0.25, "judge": 0.0}), *mixed(make)[1:]]
    assert write_samples(tmp_path / "other", changed, recipe={}).digest != few.digest


def test_the_manifest_counts_what_the_set_holds(make: Make, tmp_path: Path) -> None:
    manifest = write_samples(tmp_path, mixed(make), recipe={"preset": "tiny"}).manifest
    assert manifest["count"] == manifest["counts"]["change"]["alter"] == 8
    assert manifest["models"] == {"render": ["scenes@sha256:00"]}
    assert manifest["recipe"] == {"preset": "tiny"}
    assert manifest["failures"]["count"] == 4
    assert json.loads((tmp_path / "failures/dataset.json").read_text())["counts"]["verdict"] == {"leak": 4}


def test_a_set_is_replaced_at_once_and_other_files_of_its_folder_stay(make: Make, tmp_path: Path) -> None:
    first = write_samples(tmp_path, [make(0)], recipe={})
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SampleError), SampleWriter(tmp_path, recipe={}) as writer:
        writer.add(dataclasses.replace(make(1), before=b"nothing"))
    assert SampleSet(tmp_path).digest == first.digest
    second = write_samples(tmp_path, [make(1)], recipe={})
    assert second.digest != first.digest
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dataset.json",
        "failures",
        "index.parquet",
        "notes.txt",
        "shards",
    ]


def test_a_writer_that_is_left_closes(make: Make, tmp_path: Path) -> None:
    with SampleWriter(tmp_path, recipe={}) as writer:
        writer.add(make(0))
    assert len(SampleSet(tmp_path)) == 1


def test_no_sample_at_all_is_refused_but_all_dropped_is_evidence(make: Make, tmp_path: Path) -> None:
    with pytest.raises(SampleSetError, match="No sample"):
        write_samples(tmp_path / "none", [], recipe={})
    dropped = write_samples(tmp_path, [make(0, verdict="seam", reason="A seam shows.")], recipe={})
    assert [len(dropped), len(dropped.failures())] == [0, 1]
    assert dropped.failures()[0].reason == "A seam shows."


def lossy(sample: Sample) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(sample.pictures()[0]).save(stream, "WEBP", quality=90)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda one: {"before": b"nothing"}, "damaged"),
        (lambda one: {"before": lossy(one), "after": lossy(one)}, "lossless"),
        (lambda one: {"after": encode_picture(one.pictures()[0][:8])}, "differ in size"),
        (lambda one: {"mask": encode_picture(one.pictures()[0][:8])}, "mask"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(
    make: Make, tmp_path: Path, damage: Callable[[Sample], dict[str, bytes]], message: str
) -> None:
    with pytest.raises(SampleError, match=message):
        write_samples(tmp_path, [make(0, **damage(make(0)))], recipe={})


def test_two_samples_of_one_key_are_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(SampleSetError, match=r"Two samples .* seed"):
        write_samples(tmp_path, [make(0), make(0)], recipe={})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scores": {"leak": float("nan")}}, "finite"),
        ({"parameters": {"guidance": float("inf")}}, "finite"),
        ({"scores": {"CLIP score": 1.0}}, "lower-case"),
        ({"verdict": "leak"}, "reason"),
        ({"reason": "It is kept."}, "reason"),
        ({"key": "mine"}, "sample_key"),
        ({"seed": -1}, "Seed"),
    ],
)
def test_a_sample_is_what_its_fields_promise(make: Make, fields: dict[str, object], message: str) -> None:
    with pytest.raises(SampleError, match=message):
        make(0, **fields)


def test_a_full_disk_is_named_and_leaves_the_earlier_set(make: Make, tmp_path: Path) -> None:
    first = write_samples(tmp_path, [make(0)], recipe={})
    writer = SampleWriter(tmp_path, recipe={})
    writer.add(make(1))
    with Path("/dev/full").open("wb", buffering=0) as full:
        writer._spool.close()
        writer._spool = full  # type: ignore[assignment] # a disk that is full
        with pytest.raises(SampleSetError, match="make room"):
            writer.add(make(2))
    writer.discard()
    assert SampleSet(tmp_path).digest == first.digest
