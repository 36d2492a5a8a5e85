"""Where things stand in services, and directions of imports beside those in ``.importlinter``."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

EDGE = {"convert", "event_messages", "peers", "plan_messages", "servicer", "wiring"}
"""Modules of the editing service that may know the contracts' messages: they convert, or end a call."""
SEARCHED = {
    "services/editing/src/langdesign_editing": EDGE,
    "services/shared/edits/src/langdesign_edits": set(),
}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def knows_messages(path: Path) -> bool:
    return any(name.startswith(("langdesign.", "google.protobuf")) for name in imported(path))


@pytest.mark.parametrize("folder", SEARCHED)
def test_only_the_edge_of_editing_knows_the_contracts_messages(root, folder):
    modules = list((root / folder).glob("**/*.py"))
    assert modules
    assert {path.stem for path in modules if knows_messages(path)} == SEARCHED[folder]


def test_a_service_is_wired_in_the_same_place_under_the_same_names(root, services):
    assert services
    for stem in services:
        folder = root / f"services/{stem}/src/langdesign_{stem}"
        assert {"__main__.py", "settings.py", "servicer.py"} <= {path.name for path in folder.iterdir()}, stem
        wiring = ast.parse((folder / "wiring.py").read_text())
        texts = [node.value for node in ast.walk(wiring) if isinstance(node, ast.Constant)]
        assert f"langdesign.{stem}.v1.{stem.capitalize()}Service" in texts
        names = {
            *(node.name for node in wiring.body if isinstance(node, ast.AsyncFunctionDef)),
            *(target.id for node in wiring.body if isinstance(node, ast.Assign) for target in node.targets),
        }
        assert "register" in names, stem
        assert names & {"SERVICE", "SERVICES"}, stem  # training serves two


def test_a_picture_is_one_class_wherever_it_is_decoded_or_edited(root):
    names = {"Picture", "Box", "Segment", "ImageFormat", "EditSpec", "ChangeReport"}
    found: dict[str, list[str]] = {name: [] for name in names}
    for path in (root / "services").glob("**/src/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and node.name in names:
                found[node.name].append(path.parent.name)
    assert found == {name: ["langdesign_edits"] for name in names}
