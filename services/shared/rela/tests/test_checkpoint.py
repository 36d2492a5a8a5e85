import json
import pickle
import shutil

import pytest
import torch
from langdesign_rela import PRESETS, CheckpointError, Predictor, RelaConfig, load_checkpoint
from safetensors.torch import load_file, save_file


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "copy")


@pytest.mark.parametrize("size", sorted(PRESETS))
def test_a_configuration_survives_json(size):
    config = PRESETS[size]
    assert RelaConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_an_unknown_field_of_a_configuration_is_refused():
    data = {**PRESETS["tiny"].to_dict(), "colour": "red"}
    with pytest.raises(CheckpointError, match="colour"):
        RelaConfig.from_dict(data)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "vocab.txt"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=name):
        Predictor.from_folder(folder)


def test_a_torn_weights_file_is_refused(folder):
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        load_checkpoint(folder)


def test_weights_that_lack_a_tensor_are_refused_by_name(folder):
    state = load_file(folder / "model.safetensors")
    del state["backbone.embed.bias"]
    save_file(state, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"backbone\.embed\.bias is missing"):
        load_checkpoint(folder)


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_a_weight_that_is_no_number_is_refused_by_its_name(folder, value):
    state = load_file(folder / "model.safetensors")
    state["backbone.embed.bias"][0] = value
    save_file(state, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"backbone\.embed\.bias of model\.safetensors is not finite"):
        load_checkpoint(folder)


def test_a_pickle_in_the_place_of_safetensors_is_refused(folder):
    (folder / "model.safetensors").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(CheckpointError):
        load_checkpoint(folder)


def test_a_configuration_of_another_format_is_refused(folder):
    (folder / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(CheckpointError, match="this library reads"):
        load_checkpoint(folder)


def test_a_vocabulary_of_another_size_is_refused(folder):
    with (folder / "vocab.txt").open("a") as file:
        file.write("onemore\n")
    with pytest.raises(CheckpointError, match="put the vocabulary that it was trained with"):
        Predictor.from_folder(folder)


def test_loading_draws_nothing_from_the_file_but_tensors_of_its_own_shapes(folder):
    torch.testing.assert_close(
        load_checkpoint(folder).state_dict(), load_file(folder / "model.safetensors"), rtol=0, atol=0
    )
