"""From a folder to an editor that is ready to serve, by what the folder says that it is."""

import json

import numpy as np
import pytest
from langdesign_diffusion import IncompatibleCheckpoint
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_engine import EngineOptions, UnknownEditor, find_loader, start_engine
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest

PARAMETERS = EditParameters("make the chair red", steps=2)


@pytest.fixture
def folder(tmp_path):
    random_checkpoint("tiny").save(tmp_path / "editor")
    return tmp_path / "editor"


def test_a_folder_is_served_by_the_editor_that_its_index_names(editor, image, folder):
    with start_engine(folder, options=EngineOptions(slots=1), name="mine") as engine:
        output = engine.submit(Pix2PixRequest(image, None, PARAMETERS)).result(60)
    assert np.array_equal(output.image, editor.edit(image, None, PARAMETERS).image)
    assert output.checkpoint.startswith("mine@sha256:")


def test_a_class_that_no_editor_takes_is_refused_with_those_that_are_known(folder):
    index = folder / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"_class_name": "FluxPipeline"}))
    with pytest.raises(UnknownEditor, match=r"FluxPipeline.*StableDiffusionInstructPix2PixPipeline"):
        find_loader(folder)


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_a_folder_without_an_index_is_refused(folder, text):
    index = folder / "model_index.json"
    index.unlink() if text is None else index.write_text(text)
    with pytest.raises(UnknownEditor, match=r"model_index.json names no pipeline class"):
        find_loader(folder)


def test_a_text_to_image_checkpoint_is_no_editor():
    with pytest.raises(IncompatibleCheckpoint, match="load an InstructPix2Pix checkpoint"):
        Editor(random_checkpoint("tiny", in_channels=4))
