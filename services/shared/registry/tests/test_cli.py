"""The command line, as people and `langdesign up` use it."""

import json
import shutil
import sys

import pytest
from langdesign_registry import InvalidArtifact, cli, read_manifest
from langdesign_registry.overlay import component, write_component
from langdesign_registry.testing import KeptImages

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


def test_the_last_column_of_versions_is_told_to_its_end(command, registry, pack, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    version = registry.register(pack(judged=evaluation()), "interior")
    heading, *lines = command("versions", "interior")[1].splitlines()
    at = heading.index("registered")
    told = "".join(line[at:].strip() for line in lines)
    assert told == version.create_time.isoformat(" ", "seconds").replace(" ", "")


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


def test_a_version_goes_to_a_cluster_as_an_image_and_its_component_is_written_anew(
    command, registry, pack, keys, tmp_path, monkeypatch
):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    for number in (1, 2):
        registry.register(pack(f"a{number}", weights=bytes([number])), "interior")
    with KeptImages().serving() as images:
        repository = f"{images.address}/langdesign/models"
        folder = tmp_path / "overlay/weights"
        code, out, _ = command("push", "models/interior@1", repository, "--plain-http")
        first, _, printed = out.partition("\n")
        assert (code, first[:2], "value: interior@1" in printed) == (0, "# ", True)
        first = first.removeprefix("# ")
        for number, same in ((1, True), (2, False)):
            arguments = (f"models/interior@{number}", repository, "--plain-http", "--component", folder)
            code, out, _ = command("push", *arguments)
            assert (code, out.strip() == first) == (0, same)
            assert ((folder / "kustomization.yaml").read_text() == printed) is same
        code, out, _ = command(
            "pull", first, tmp_path / "served", "--public-key", keys.public, "--plain-http"
        )
        assert code == 0
        assert out.startswith(f"interior@1 {registry.get('models/interior@1').digest}: ")
        assert command("pull", repository, tmp_path / "other")[0] == 1
    code, out, _ = command("image", "models/interior@1", tmp_path / "layout")
    assert (code, out.strip()) == (0, first.partition("@")[2])


def test_an_unsigned_version_and_a_component_of_somebody_else_are_refused(command, registry, pack, tmp_path):
    registry.register(pack(signed=False), "interior")
    shutil.rmtree(tmp_path / "data" / "keys")  # no key is known that fetching would ask for
    assert "not signed" in command("image", "models/interior@1", tmp_path / "layout")[2]
    assert not (tmp_path / "layout").exists()
    (tmp_path / "kustomization.yaml").write_text("resources: [mine]\n")
    with pytest.raises(InvalidArtifact, match="a folder of its own"):
        write_component(tmp_path, component("a.example/models", "sha256:1", "interior@1", "sha256:2"))
    assert (tmp_path / "kustomization.yaml").read_text() == "resources: [mine]\n"
