import pytest
import torch
from langdesign_rela import (
    PRESETS,
    CheckpointError,
    Rela,
    build,
    load_official_state_dict,
    official_shapes,
    official_state_dict,
)
from langdesign_rela.official import is_constant
from langdesign_rela.random_weights import random_official_state


def meta(size):
    with torch.device("meta"):
        return Rela(PRESETS[size])


@pytest.mark.parametrize("size", ["swin_tiny", "swin_base", "r50"])
def test_every_published_name_and_shape_is_ours_and_none_is_left_over(size, official_keys):
    learned = {name: shape for name, shape in official_keys(size).items() if not is_constant(name)}
    assert official_shapes(meta(size)) == learned


@pytest.mark.parametrize(("size", "blocks"), [("swin_tiny", 12), ("swin_base", 24), ("r50", 0)])
def test_the_only_names_without_a_learned_value_are_the_position_indices_of_the_blocks(
    size, blocks, official_keys
):
    constants = [name for name in official_keys(size) if is_constant(name)]
    assert len(constants) == blocks
    assert all(name.endswith(".attn.relative_position_index") for name in constants)


@pytest.fixture
def state():
    return random_official_state(official_shapes(build("tiny")))


def test_a_published_state_dict_comes_back_as_it_was(state):
    model = build("tiny")
    load_official_state_dict(model, state)
    back = official_state_dict(model)
    assert back.keys() == state.keys()
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_right_constants_are_accepted_beside_the_weights(state):
    state["text_encoder.embeddings.position_ids"] = torch.arange(512)[None]
    index = build("tiny").backbone.stages[0].blocks[0].attention.position_index
    state["backbone.layers.0.blocks.0.attn.relative_position_index"] = index
    load_official_state_dict(build("tiny"), state)


def test_a_wrong_constant_is_refused_by_name(state):
    name = "backbone.layers.0.blocks.0.attn.relative_position_index"
    state[name] = torch.zeros(9, 9, dtype=torch.int64)
    with pytest.raises(CheckpointError, match=f"{name} is not the constant"):
        load_official_state_dict(build("tiny"), state)


def test_missing_unexpected_and_reshaped_tensors_are_named(state):
    del state["backbone.norm0.weight"]
    state["criterion.empty_weight"] = torch.zeros(2)
    state["backbone.norm1.bias"] = torch.zeros(5)
    with pytest.raises(CheckpointError) as refusal:
        load_official_state_dict(build("tiny"), state)
    message = str(refusal.value)
    assert "backbone.norm0.weight is missing" in message
    assert "criterion.empty_weight is unexpected" in message
    assert "backbone.norm1.bias has shape [5], not [16]" in message


def test_nothing_is_loaded_when_something_does_not_fit(state):
    model = build("tiny")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    del state["backbone.norm0.weight"]
    with pytest.raises(CheckpointError):
        load_official_state_dict(model, state)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
