"""Checkpoints and weights that several tests share."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from langdesign_rela import Predictor
from langdesign_rela.random_weights import write_random_checkpoint

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def one_thread():
    """Tests run side by side; each stays on one core, and on the same sums."""
    torch.set_num_threads(1)


@pytest.fixture
def official_keys():
    """Names and shapes of a published state dict."""

    def read(size):
        shapes = json.loads((DATA / f"{size}.keys.json").read_text())
        return {name: tuple(shape) for name, shape in shapes.items()}

    return read


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A checkpoint folder of the smallest size, with random weights."""
    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    write_random_checkpoint("tiny", folder)
    return folder


@pytest.fixture(scope="session")
def predictor(tiny_folder):
    return Predictor.from_folder(tiny_folder)


@pytest.fixture
def image():
    """A picture of 70x50 noise."""
    return np.random.default_rng(0).integers(0, 256, (70, 50, 3), dtype=np.uint8)


def rectangle(left, top, right, bottom):
    return [[left, top, right, top, right, bottom, left, bottom]]


@pytest.fixture
def grefcoco(tmp_path):
    """A made set in the public format: one image of 20x30 pixels with two things of 50 pixels each."""
    red = {"id": 7, "image_id": 1, "iscrowd": 0, "category_id": 1, "segmentation": rectangle(0, 0, 10, 5)}
    # The same as run lengths down the columns: columns 20..24, rows 10..19.
    counts = [20 * 20 + 10] + [10, 10] * 4 + [10, 100]
    run_length = {"size": [20, 30], "counts": counts}
    blue = {"id": 8, "image_id": 1, "iscrowd": 0, "category_id": 1, "segmentation": run_length}
    image = {"id": 1, "file_name": "room.jpg", "height": 20, "width": 30}
    instances = {"images": [image], "annotations": [red, blue], "categories": [{"id": 1, "name": "chair"}]}

    def reference(number, meant, *sentences, split="val"):
        texts = [{"raw": text, "sent": text.lower(), "sent_id": number} for text in sentences]
        return {"ref_id": number, "image_id": 1, "ann_id": meant, "split": split, "sentences": texts}

    references = [
        reference(1, [7], "The red chair", "Left chair"),
        reference(2, [7, 8], "Both chairs"),
        reference(3, [-1], "The elephant"),
        reference(4, [8], "The blue chair", split="testA"),
    ]
    paths = tmp_path / "grefs(unc).json", tmp_path / "instances.json"
    for path, data in zip(paths, (references, instances), strict=True):
        path.write_text(json.dumps(data))
    return paths
