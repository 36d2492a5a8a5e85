import json
from pathlib import Path

import numpy as np
import pytest
from langdesign_dataset.samples import EditDataset, ImagePair, LayoutError, Prompt, write_edit_dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Twenty prompts with two pairs each, 40x32 pixels."""

    def pair(number: int, seed: str) -> ImagePair:
        before = np.full((32, 40, 3), 5 * number, np.uint8)
        return ImagePair(seed, before, before + 100, {"clip_sim_dir": 0.2})

    prompts = (
        (Prompt(f"make the left lamp {n}", f"a lamp {n}", f"another lamp {n}"), [pair(n, "7"), pair(n, "8")])
        for n in range(20)
    )
    write_edit_dataset(tmp_path / "pairs", prompts)
    return tmp_path / "pairs"


def test_a_dataset_reads_as_it_was_written(dataset: Path) -> None:
    read = EditDataset(dataset)
    assert len(read) == 40
    assert read.prompt(2) == Prompt("make the left lamp 1", "a lamp 1", "another lamp 1")
    before, after = (np.asarray(one) for one in read.pictures(2))
    assert np.abs(before.astype(int) - 5).max() <= 2
    assert np.abs(after.astype(int) - 105).max() <= 2
    assert (dataset / "0000001/metadata.jsonl").read_text().startswith('{"seed": "7", "clip_sim_dir": 0.2}')
    assert read.metadata(3) == {"seed": "8", "clip_sim_dir": 0.2}
    assert [len(EditDataset(dataset, part)) for part in ("train", "validation", "test")] == [36, 2, 2]


def test_colour_is_kept_at_full_resolution(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    write_edit_dataset(tmp_path, [(Prompt("a", "b", "c"), [ImagePair("1", noise, noise)])])
    before, _ = EditDataset(tmp_path).pictures(0)
    assert np.abs(np.asarray(before).astype(int) - noise).max() <= 4


def test_metadata_is_optional_and_seeds_may_be_numbers(dataset: Path) -> None:
    (dataset / "0000000/metadata.jsonl").unlink()
    (dataset / "0000001/metadata.jsonl").write_text('{"seed": 8, "cfg_scale": 7.5}\n')
    seeds = json.loads((dataset / "seeds.json").read_text())
    seeds[1][1] = [8]
    (dataset / "seeds.json").write_text(json.dumps(seeds))
    read = EditDataset(dataset)
    assert read.metadata(0) == {}
    assert read.metadata(2)["cfg_scale"] == 7.5


@pytest.mark.parametrize(
    "name", ["seeds.json", "0000000/prompt.json", "0000000/7_1.jpg", "0000000/metadata.jsonl"]
)
@pytest.mark.parametrize("damage", [b"{", b"[1]"])
def test_a_damaged_dataset_names_the_file(dataset: Path, name: str, damage: bytes) -> None:
    (dataset / name).write_bytes(damage)

    def read() -> None:
        damaged = EditDataset(dataset)
        damaged.prompt(0)
        damaged.pictures(0)
        damaged.metadata(0)

    with pytest.raises(LayoutError, match=name.rpartition("/")[2]):
        read()
