import torch
from langdesign_rela.random_weights import interior_vocabulary, main, random_official_state
from safetensors.torch import load_file


def test_the_command_writes_the_same_folder_every_time(tmp_path, tiny_folder):
    main(["--size", "tiny", str(tmp_path / "again")])
    names = sorted(file.name for file in (tmp_path / "again").iterdir())
    assert names == ["config.json", "model.safetensors", "vocab.txt"]
    ours, theirs = (load_file(folder / "model.safetensors") for folder in (tmp_path / "again", tiny_folder))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_weights_depend_on_their_name_alone_and_norms_are_around_one():
    state = random_official_state({"a.weight": (1000,), "b.bias": (1000,), "c.running_var": (1000,)})
    assert abs(float(state["a.weight"].mean()) - 1) < 0.01
    assert abs(float(state["b.bias"].std()) - 0.05) < 0.01
    assert float(state["c.running_var"].min()) >= 0.5
    assert torch.equal(state["b.bias"], random_official_state({"b.bias": (1000,)})["b.bias"])


def test_the_vocabulary_has_no_piece_twice_and_names_the_things_of_rooms():
    pieces = interior_vocabulary()
    assert len(pieces) == len(set(pieces))
    assert {"[CLS]", "[SEP]", "[PAD]", "[UNK]", "chair", "couch", "##s", "left"} <= set(pieces)


def test_what_holds_no_learned_value_gets_none():
    constant = "backbone.layers.0.blocks.0.attn.relative_position_index"
    assert set(random_official_state({constant: (9, 9), "a.bias": (1,)})) == {"a.bias"}
