"""Instructions that a tagger learns within seconds."""

import pytest
import torch
from langdesign_tagger.examples import Example, example_of

ROWS = [
    ("Paint the wall blue", "recolour", "the wall", "blue"),
    ("Paint the door red", "recolour", "the door", "red"),
    ("Paint the shelf green", "recolour", "the shelf", "green"),
    ("Remove the lamp", "remove", "the lamp", "lamp"),
    ("Remove the rug.", "remove", "the rug", "rug"),
    ("Remove the stool", "remove", "the stool", "stool"),
]


def row(instruction: str, operation: str, target: str, said: str) -> dict:
    references = [{"expression": target, "role": "target"}]
    edit = {"operation": operation, "scope": "region", "references": references, "says": [said], "silent": []}
    return {"instruction": instruction, "language": "en", "edits": [edit]}


@pytest.fixture
def examples() -> list[Example]:
    return [example_of(row(*one), hinted=True) for one in ROWS]


@pytest.fixture(autouse=True)
def _one_core():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
