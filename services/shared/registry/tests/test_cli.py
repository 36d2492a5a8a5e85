"""The command line, as people and `langdesign up` use it."""

import json
import shutil
import sys

import pytest
from langdesign_registry import cli, read_manifest

from .conftest import changed, evaluation


@pytest.fixture
def command(registry, keys, tmp_path, monkeypatch, capsys):
    """Return a function that runs the command and returns exit code, output and error line."""
    shutil.copytree(keys.public.parent, tmp_path / "data" / "keys")
    monkeypatch.setenv("LANGDESIGN_REGISTRY", registry.uri)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["registry", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return end.value.code or 0, told.out, told.err

    return run


def test_a_model_goes_from_its_folders_to_the_registry_and_out_again(command, parts, keys, tmp_path):
    (parts / "evaluation.json").write_text(json.dumps(evaluation()))
    made = tmp_path / "made"
    code, out, _ = command(
        "package", parts / "edit", made, "--model", "interior", "--segment", parts / "segment",
        "--evaluation", parts / "evaluation.json", "--private-key", keys.private, "--register",
    )  # fmt: skip
    digest = read_manifest(made).digest
    assert (code, out.split()) == (0, [digest, "models/interior@1"])
    code, out, _ = command("verify", made, "--public-key", keys.public, "--digest", digest)
    assert code == 0
    assert "signed by sha256:" in out
    assert command("promote", "models/interior@1")[0] == 0

    code, out, _ = command("fetch", "models:/interior@champion", tmp_path / "served", "--json")
    told = json.loads(out)
    assert (code, told["name"], told["digest"]) == (0, "models/interior@1", digest)
    assert told["folder"] == str(tmp_path / "served" / "interior@1")
    assert told["public_key"] == str(tmp_path / "data" / "keys" / "public.pem")
    shown = json.loads(command("show", "models/interior@1", "--json")[1])
    assert shown["aliases"] == ["champion"]
    assert shown["metrics"]["clip_dir"] == 0.2
    assert "models/interior" in command("list")[1]
    assert "champion" in command("versions", "interior")[1]


def test_a_refused_promotion_says_why_and_a_roll_back_is_one_command(command, registry, pack):
    for number, direction in enumerate((0.2, 0.3, 0.1)):
        folder = pack(f"a{number}", weights=bytes([number]), judged=evaluation(direction, tuned=str(number)))
        registry.register(folder, "interior")
    assert command("promote", "models/interior@1")[0] == command("promote", "models/interior@2")[0] == 0
    code, out, _ = command("promote", "models/interior@3", "--json")
    told = json.loads(out)
    assert (code, told["promoted"], told["before"]) == (1, False, "models/interior@2")
    assert told["why_not"][0].startswith("clip_dir: the whole interval")
    assert "is not promoted" in command("promote", "models/interior@3")[1]
    code, out, _ = command("rollback", "models/interior@champion", "--json")
    assert (code, json.loads(out)[0]["name"]) == (0, "models/interior@1")


def test_what_goes_wrong_is_told_in_a_line_without_paths(command, pack, tmp_path):
    folder = pack()
    changed(folder / "README.md")
    for arguments in (
        ("verify", folder),
        ("show", "models/nowhere@1"),
        ("rollback", "models/interior@champion"),
        ("list", "--registry", f"sqlite:///{folder / 'README.md' / 'below' / 'mlflow.db'}"),
    ):
        code, out, error = command(*arguments)
        assert (code, out) == (1, "")
        assert error.startswith("error: ")
        assert len(error.strip().splitlines()) == 1
        assert str(tmp_path) not in error


def test_keys_are_made_where_there_are_none(command, tmp_path):
    assert "public.pem: sha256:" in command("keys", tmp_path / "new")[1].replace("\n", "")
    assert (tmp_path / "new" / "private.pem").is_file()
