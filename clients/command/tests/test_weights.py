"""What the services learn about the checkpoints of a local run."""

import json
import sys
from pathlib import Path

import pytest
from langdesign_command.errors import StartError
from langdesign_command.local import registered
from langdesign_command.local.run import plan
from langdesign_command.local.weights import find_weights

DIGEST = "sha256:" + "1" * 64


@pytest.mark.parametrize(
    ("service", "model", "name", "variable"),
    [
        ("segmentation", "segment", "thresholds.json", "SEGMENTATION_THRESHOLDS"),
        ("segmentation", "segment", "config.json", "SEGMENTATION_CONFIG"),
        ("editing", "edit", "sampling.json", "EDITING_SAMPLING"),
    ],
)
def test_what_a_checkpoint_advises_is_handed_on_where_it_advises_anything(
    tmp_path, service, model, name, variable
):
    (tmp_path / model).mkdir()
    assert find_weights([model], tmp_path, tmp_path).advice(service) == {}

    file = tmp_path / model / name
    file.write_text("{}")
    weights = find_weights([model], tmp_path, tmp_path)

    assert weights.advice(service) == {variable: str(file)}
    assert weights.advice("reference") == {}


@pytest.fixture
def registry_program(tmp_path, monkeypatch):
    """Return a function that puts a program in the registry's place, which keeps its orders."""

    def put(answer, code=0):
        (tmp_path / "registry_double").mkdir()
        (tmp_path / "registry_double" / "__main__.py").write_text(
            "import pathlib, sys\n"
            f"pathlib.Path({str(tmp_path / 'orders')!r}).write_text(' '.join(sys.argv[1:]))\n"
            f"print('a warning of a library', file=sys.stderr)\nprint({answer!r})\nsys.exit({code})\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(registered, "PROGRAM", "registry_double")
        return {"PYTHONPATH": str(tmp_path), "PATH": str(Path(sys.executable).parent)}

    return put


async def test_a_registered_version_is_served_with_what_the_model_server_is_to_check(
    tmp_path, registry_program
):
    artifact, key = tmp_path / "data" / "models" / "interior@3", str(tmp_path / "key.pem")
    (artifact / "edit").mkdir(parents=True)
    (artifact / "edit" / "sampling.json").write_text("{}")
    answer = {"model": "interior", "version": 3, "digest": DIGEST, "folder": str(artifact), "public_key": key}
    environment = registry_program(json.dumps(answer))
    said = []

    weights = await registered.fetch(
        "models:/interior@champion", ["edit"], tmp_path / "data", environment, said.append
    )

    assert weights.environment == {
        "EDIT_MODEL_DIR": str(artifact / "edit"),
        "MODEL_VERSION": "interior@3",
        "MODEL_DIGEST": DIGEST,
        "MODEL_PUBLIC_KEY": key,
    }
    assert weights.advice("editing") == {"EDITING_SAMPLING": str(artifact / "edit" / "sampling.json")}
    orders = (tmp_path / "orders").read_text()
    assert f"fetch models:/interior@champion {tmp_path / 'data' / 'models'}" in orders
    assert f"--registry sqlite:///{tmp_path / 'data'}/registry/mlflow.db" in orders
    assert registered.NO_KEY_NOTICE not in said
    with pytest.raises(StartError, match="interior@3 has no segment"):
        await registered.fetch(
            "models:/interior@champion", ["edit", "segment"], tmp_path / "data", environment, said.append
        )


@pytest.mark.parametrize(
    ("advised", "latents", "expected"),
    [({}, 96, {"EDITING_WORKING_SIZE": "768"}), ({"working_size": 512}, 96, {}), ({}, None, {})],
)
def test_an_editor_is_shown_the_size_that_its_checkpoint_was_trained_on(tmp_path, advised, latents, expected):
    for part, config in (("unet", {"sample_size": latents}), ("vae", {"block_out_channels": [128] * 4})):
        (tmp_path / "edit" / part).mkdir(parents=True)
        (tmp_path / "edit" / part / "config.json").write_text(json.dumps(config))
    sampling = tmp_path / "edit" / "sampling.json"
    sampling.write_text(json.dumps(advised))
    advice = find_weights(["edit"], tmp_path, tmp_path).advice("editing")
    assert advice == {"EDITING_SAMPLING": str(sampling), **expected}


async def test_why_a_version_cannot_be_served_is_told_in_the_registrys_words(tmp_path, registry_program):
    environment = registry_program("error: There is no models/interior@champion; list what there is", code=1)
    environment |= {"LANGDESIGN_REGISTRY": "http://registry:5000", "MODEL_PUBLIC_KEY": "key.pem"}
    with pytest.raises(StartError, match=r"^There is no models/interior@champion; list what there is$"):
        await registered.fetch("models:/interior@champion", ["edit"], tmp_path, environment, print)
    assert "--registry http://registry:5000 --public-key key.pem --json" in (tmp_path / "orders").read_text()


def test_a_name_of_a_version_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = Path(__file__).parents[3]
    monkeypatch.setattr("langdesign_command.local.checkout.find_root", lambda: root)
    given = {text: plan("", 0, text, tmp_path).models for text in ("models:/interior@3", "mine", "")}
    assert given == {"models:/interior@3": "models:/interior@3", "mine": tmp_path / "mine", "": None}
