import json
import pickle
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import torch
from langdesign_rela import PRESETS, CheckpointError, UnsafeCheckpoint, load_checkpoint, official_state_dict
from langdesign_rela.convert import closest_preset, convert, main, read_official
from langdesign_rela.official import relative_position_index

KEYS = Path(__file__).parent / "data" / "r50.keys.json"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A file of the published R50's names and shapes, as detectron2 writes it."""
    shapes = json.loads(KEYS.read_text())
    generator = torch.Generator().manual_seed(0)
    # One number per tensor keeps this quick; the file is as large as the published one's BERT.
    state = {
        name: torch.full(shape, float(torch.rand((), generator=generator))) for name, shape in shapes.items()
    }
    path = tmp_path_factory.mktemp("published") / "gres_r50.pth"
    torch.save(
        {"model": state, "optimizer": {"state": {}, "param_groups": [{"lr": 1e-5}]}, "iteration": 9}, path
    )
    return path, state


def test_a_published_file_becomes_a_folder_of_safetensors(published, tmp_path, capsys):
    path, state = published
    assert main([str(path), str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "Wrote r50" in printed
    assert "vocab.txt of bert-base-uncased" in printed
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["config.json", "model.safetensors"]
    model = load_checkpoint(tmp_path / "out")
    assert model.config == PRESETS["r50"]
    back = official_state_dict(model)
    assert back.keys() == state.keys()
    assert all(torch.equal(back[name], state[name]) for name in state)


def test_the_command_is_registered():
    (found,) = (one for one in entry_points(group="langdesign.convert") if one.name == "rela")
    assert found.load() is main


@pytest.mark.parametrize("size", ["swin_tiny", "swin_base", "r50"])
def test_the_configuration_is_told_from_names_and_shapes(size, official_keys):
    state = {name: torch.empty(shape, device="meta") for name, shape in official_keys(size).items()}
    assert closest_preset(state) == size


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("harm"),))


def test_a_file_that_carries_code_is_refused_and_not_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    torch.save({"model": {"a": Evil()}}, tmp_path / "evil.pth")
    assert main([str(tmp_path / "evil.pth"), str(tmp_path / "out")]) == 1
    assert "evil.pth carries code and was refused" in capsys.readouterr().err
    assert not (tmp_path / "harm").exists()
    assert not (tmp_path / "out").exists()


def test_a_bare_pickle_is_refused(tmp_path):
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"model": Evil()}, protocol=2))
    with pytest.raises(UnsafeCheckpoint):
        read_official(tmp_path / "model.pkl")


def test_missing_and_unexpected_names_are_reported(published, tmp_path, capsys):
    _, state = published
    other = {name: value for name, value in state.items() if name != "backbone.stem.conv1.weight"}
    torch.save({**other, "strange": torch.zeros(1)}, tmp_path / "broken.pth")
    assert main([str(tmp_path / "broken.pth"), str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert "backbone.stem.conv1.weight is missing" in error
    assert "strange is unexpected" in error


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.mark.parametrize("name", ["broken.pth", "broken.safetensors"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"not a checkpoint", "is no(t a whole)? checkpoint"),
        (b"PK\x03\x04 torn", "is not a whole checkpoint"),
        (POINTER, "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
    ],
)
def test_a_broken_file_is_refused_as_what_it_is(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=told) as refused:
        read_official(tmp_path / name)
    assert not isinstance(refused.value, UnsafeCheckpoint)


def test_a_folder_that_is_there_is_not_written_into(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "config.json").touch()
    with pytest.raises(CheckpointError, match="out is there already; name a new folder"):
        convert(tmp_path / "model.pth", tmp_path / "out")


def test_a_file_without_a_state_dict_is_refused(tmp_path):
    torch.save([1, 2, 3], tmp_path / "list.pth")
    with pytest.raises(CheckpointError, match="holds no state dict"):
        convert(tmp_path / "list.pth", tmp_path / "out")


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="There is no file"):
        read_official(tmp_path / "absent.pth")


def test_position_indices_are_row_major_from_the_window(official_keys):
    assert (
        relative_position_index(7).shape
        == official_keys("swin_tiny")["backbone.layers.0.blocks.0.attn.relative_position_index"]
    )
