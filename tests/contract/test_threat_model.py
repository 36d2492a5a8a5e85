"""Every threat of the threat model has a control that a test holds, and every test that is named exists."""

import ast
import re

import pytest

STRIDE = {"S", "T", "R", "I", "D", "E"}


@pytest.fixture(scope="module")
def threats(root):
    """Rows of the table: kind, threat, control, tests."""
    text = (root / "docs/security/threat-model.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return [row for row in rows if len(row) == 4 and row[0] in STRIDE]


def _functions(path):
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_kind_of_threat_is_thought_of(threats):
    assert {kind for kind, *_ in threats} == STRIDE


def test_every_threat_is_held_by_tests_that_exist(threats, root):
    for _, threat, control, held in threats:
        named = re.findall(r"`([^`]+)`", held)
        assert control, threat
        assert named, threat
        for one in named:
            path, _, name = one.partition("::")
            assert (root / path).is_file(), one
            assert name in _functions(root / path), one


def test_what_the_policy_names_exists(root):
    policy = (root / "SECURITY.md").read_text("utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)", policy):
        assert (root / link).is_file(), link
    makefile = (root / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make ([a-z-]+)`", policy):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"`pytest (\S+)`", policy):
        assert (root / path).is_file(), path
