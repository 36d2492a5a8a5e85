"""A rendered set of coloured boxes, and models with random weights."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from langdesign_diffusion.random_weights import make_tokenizer, random_checkpoint
from langdesign_evaluation import Choice, Clip, Dino, open_set
from langdesign_rela.random_weights import write_random_checkpoint
from langdesign_scenes.dataset import FORMAT, Edit, Expression, Instance
from PIL import Image
from transformers import CLIPConfig, CLIPModel, Dinov2Config, Dinov2Model

SIDE = 64
COLOURS = {"red": (176, 36, 34), "blue": (48, 96, 178), "green": (64, 124, 62), "grey": (138, 138, 138)}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Tests run side by side; each stays on one core and on the same sums, and so do its fixtures."""
    torch.set_num_threads(1)


def instance(name, kind, colour, box):
    return Instance(name, kind, colour, "fabric", "plain", box[2] * box[3], box, 2.0)


def edit(before, after, operation, instruction, expression, located=("chair-1",), ambiguous=False):
    targets = () if operation == "none" else ("chair-1",)
    captions = (f"a room in state {before}", f"a room in state {after}")
    return Edit(before, after, operation, instruction, expression, targets, located, ambiguous, *captions)


EDITS = (
    edit(0, 1, "recolour", "make the chair blue", "the chair"),
    edit(0, 2, "remove", "remove the chair", "the chair"),
    edit(2, 0, "add", "add a red chair to the rug", "the rug", ("rug-1",)),
    edit(0, 3, "replace", "replace the chair with a plant", "the chair"),
    edit(1, 0, "recolour", "make it red", "the chair", ambiguous=True),
    edit(0, 0, "none", "remove the bathtub", "the bathtub", ()),
)


def paint(folder, state, things):
    """Write a state's picture and index map; returns its instances."""
    picture = np.full((SIDE, SIDE, 3), 225, np.uint8)
    index = np.zeros((SIDE, SIDE), np.uint8)
    for place, (_, _, colour, (left, top, width, height)) in enumerate(things, 1):
        picture[top : top + height, left : left + width] = COLOURS[colour]
        index[top : top + height, left : left + width] = place
    Image.fromarray(picture).save(folder / f"{state}.png")
    Image.fromarray(index).save(folder / f"{state}.index.png")
    return [dataclasses.asdict(instance(*thing)) for thing in things]


def write_family(folder, index):
    folder.mkdir(parents=True)
    left = 8 + 3 * index
    rug = ("rug-1", "rug", "grey", (4, 44, 52, 14))
    chair, plant = (left, 20, 16, 24), (left, 12, 12, 32)
    states = [
        [rug, ("chair-1", "chair", "red", chair)],
        [rug, ("chair-1", "chair", "blue", chair)],
        [rug],
        [rug, ("chair-1", "plant", "green", plant)],
    ]
    painted = [paint(folder, state, things) for state, things in enumerate(states)]
    family = {
        "index": index,
        "room": "bedroom" if index % 2 else "",
        "general": index % 3 > 0,
        "states": [{"caption": "", "instances": one, "scene": ""} for one in painted],
        "edits": [dataclasses.asdict(one) for one in EDITS],
        "expressions": [dataclasses.asdict(Expression(0, "the chair", ("chair-1",), "unique"))],
    }
    (folder / "family.json").write_text(json.dumps(family))


@pytest.fixture(scope="session")
def set_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("boxes")
    for index in range(4):
        write_family(folder / "families" / f"{index:06d}", index)
    (folder / "manifest.json").write_text(json.dumps({"format": FORMAT, "digest": "0123abcd", "families": 4}))
    return folder


@pytest.fixture(scope="session")
def cases(set_folder):
    return Choice().of(open_set(set_folder))


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder of the tiny family: edit, segment, clip and dino, with random weights."""
    folder = tmp_path_factory.mktemp("models")
    random_checkpoint("tiny").save(folder / "edit")
    write_random_checkpoint("tiny", folder / "segment")
    tokenizer = make_tokenizer(["a room in state 0 1 2 3", "the red chair on the rug"] * 3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        CLIPModel(clip_config(tokenizer)).save_pretrained(folder / "clip")
        Dinov2Model(dino_config()).save_pretrained(folder / "dino")
    tokenizer.save_pretrained(folder / "clip" / "tokenizer")
    return folder


def clip_config(tokenizer):
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {
        **sizes,
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {**sizes, "image_size": 32, "patch_size": 8}
    return CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)


def dino_config():
    return Dinov2Config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=8
    )


@pytest.fixture(scope="session")
def clip(models):
    return Clip(models / "clip")


@pytest.fixture(scope="session")
def dino(models):
    return Dino(models / "dino")
