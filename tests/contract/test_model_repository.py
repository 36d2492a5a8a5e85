"""Triton's models are thin adapters over the model libraries."""

import ast
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2] / "services/model_server/model_repository"
MODELS = sorted(path.name for path in REPOSITORY.iterdir() if (path / "config.pbtxt").is_file())
LIBRARIES = {
    "langdesign_engine",
    "langdesign_rela",
    "langdesign_registry",
    "triton_python_backend_utils",
    "numpy",
    "torch",
}


def test_it_holds_the_two_models():
    assert MODELS == ["edit", "segment"]


@pytest.mark.parametrize("model", MODELS)
def test_an_adapter_imports_its_model_library_and_no_service(model):
    tree = ast.parse((REPOSITORY / model / "1/model.py").read_text())
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert imported - sys.stdlib_module_names <= LIBRARIES


@pytest.mark.parametrize("model", MODELS)
def test_an_adapter_is_short(model):
    assert len((REPOSITORY / model / "1/model.py").read_text().splitlines()) <= 65


@pytest.mark.parametrize("model", MODELS)
def test_the_gpu_configuration_changes_no_tensor(model):
    def tensors(text):
        return [line.strip() for line in text.splitlines() if "data_type:" in line]

    default = tensors((REPOSITORY / model / "config.pbtxt").read_text())
    assert default
    assert tensors((REPOSITORY / model / "configs/gpu.pbtxt").read_text()) == default
