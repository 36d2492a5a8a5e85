"""A rendered set of coloured boxes, triples, and models with random weights."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from langdesign_dataset.models import Models
from langdesign_dataset.recipes import Budget, DatasetRecipe, Gates, Sampling
from langdesign_diffusion.random_weights import make_tokenizer, random_checkpoint
from langdesign_rela.random_weights import write_random_checkpoint
from langdesign_scenes.dataset import FORMAT, Edit, Expression, Instance
from langdesign_triples import Change, SubjectKind, Triple, write_triples
from PIL import Image
from transformers import CLIPConfig, CLIPModel

SIDE = 32
LENIENT = Gates(
    clip_image=-1,
    clip_text=-1,
    clip_direction=-1,
    backward=-2,
    no_target=1.1,
    region=(0, 1),
    inside=0,
    seam=1,
    leak=1,
    duplicate=-1,
)


@pytest.fixture(autouse=True)
def one_thread():
    """Tests run side by side; each stays on one core, and on the same sums."""
    torch.set_num_threads(1)


def recipe(**changed):
    """A recipe that takes a second."""
    sampling = Sampling(object_candidates=2, room_candidates=3, no_op_candidates=1, steps=2, side=SIDE)
    settings = {
        "name": "test",
        "sampling": sampling,
        "gates": LENIENT,
        "budget": Budget(),
        "block": 2,
        "no_op_share": 1.0,
        "inverted_share": 1.0,
        "licence": "CC0-1.0",
    }
    return DatasetRecipe(**{**settings, **changed})


def triple(change=Change.ALTER, **fields):
    """A triple about a chair."""
    written = {
        "input": "a red chair on a plain background",
        "edit": "Make the chair blue",
        "output": "a blue chair on a plain background",
        "subject": "chair",
        "subject_kind": SubjectKind.OBJECT,
        "target_before": "the red chair",
        "target_after": "the blue chair",
    }
    return Triple(change=change, **{**written, **fields})


TRIPLES = (
    triple(),
    triple(
        Change.REMOVE,
        input="a room with a red sofa and a rug",
        edit="Remove the sofa",
        output="a room with a rug",
        subject="bedroom",
        subject_kind=SubjectKind.ROOM,
        target_before="the red sofa",
        target_after="",
    ),
    triple(
        Change.NONE,
        edit="Remove the lamp",
        output="a red chair on a plain background",
        target_before="the lamp",
        target_after="",
    ),
    triple(
        Change.ADD,
        input="a room with a rug",
        edit="Add a lamp",
        output="a room with a rug and a lamp",
        subject="lamp",
        target_before="",
        target_after="the lamp",
    ),
)


@pytest.fixture(scope="session")
def triples(tmp_path_factory):
    path = tmp_path_factory.mktemp("triples") / "triples.jsonl"
    write_triples(path, TRIPLES)
    return path


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    random_checkpoint("tiny", in_channels=4).save(folder / "generate")
    write_random_checkpoint("tiny", folder / "segment")
    tokenizer = make_tokenizer(["a room in state 0 1 2 3", "the red chair on the rug"] * 3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        CLIPModel(_clip_config(tokenizer)).save_pretrained(folder / "clip")
    tokenizer.save_pretrained(folder / "clip" / "tokenizer")
    return Models.of(folder)


def _clip_config(tokenizer):
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


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("boxes")
    for index in range(3):
        _write_family(folder / "families" / f"{index:06d}", index)
    (folder / "manifest.json").write_text(json.dumps({"format": FORMAT, "digest": "0123abcd", "families": 3}))
    return folder


def _write_family(folder, index):
    """Write a room with a chair that is red (0), blue (1) or gone (2)."""
    folder.mkdir(parents=True)
    states = []
    for state, colour in enumerate(((176, 36, 34), (48, 96, 178), None)):
        picture, shown = np.full((SIDE, SIDE, 3), 225, np.uint8), np.zeros((SIDE, SIDE), np.uint8)
        box = (slice(10, 22), slice(4 + 3 * index, 14 + 3 * index))
        if colour:
            picture[box], shown[box] = colour, 1
        Image.fromarray(picture).save(folder / f"{state}.png")
        Image.fromarray(shown).save(folder / f"{state}.index.png")
        chair = Instance("chair-1", "chair", "red", "fabric", "plain", 120, (4, 10, 10, 12), 2.0)
        one = [dataclasses.asdict(chair)] if colour else []
        states.append({"caption": f"a room in state {state}", "instances": one, "scene": ""})
    family = {
        "index": index,
        "room": "bedroom",
        "general": True,
        "states": states,
        "edits": [
            dataclasses.asdict(one)
            for one in (
                _edit(0, 1, "recolour", "make the chair blue", "the chair"),
                _edit(0, 2, "remove", "remove the chair", "the chair"),
                _edit(2, 0, "add", "add a red chair", ""),
                _edit(0, 0, "none", "remove the bathtub", "the bathtub"),
            )
        ],
        "expressions": [dataclasses.asdict(Expression(1, "the blue chair", ("chair-1",), "unique"))],
    }
    (folder / "family.json").write_text(json.dumps(family))


def _edit(before, after, operation, instruction, expression):
    targets = () if operation == "none" else ("chair-1",)
    captions = (f"a room in state {before}", f"a room in state {after}")
    return Edit(before, after, operation, instruction, expression, targets, targets, False, *captions)
