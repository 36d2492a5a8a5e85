"""Builds of other revisions, and what `langdesign bench memory` says of two."""

import json
import subprocess

import pytest
from langdesign_client.errors import InvalidInputError
from langdesign_command import memory
from langdesign_command.local.builds import earlier_build
from langdesign_command.memory import Usage, compare

WHERE = """
import grpc, langdesign_chassis, langdesign_edits
from langdesign.editing.v1 import editing_pb2
for module in (langdesign_chassis, langdesign_edits, editing_pb2, grpc):
    print(module.__file__)
"""
BEFORE = [
    Usage("editing", 90, 50, 1, 10, 10),
    Usage("reference", 100, 40, 0, 0, 0),
    Usage("other", 1, 1, 0, 0, 0),
]
NOW = [
    Usage("editing", 60, 45, 0, 0, 0),
    Usage("reference", 50, 30, 0, 0, 0),
    Usage("other", 900, 900, 0, 0, 0),
]


def test_a_build_of_a_revision_has_its_own_sources_and_the_packages_of_this_one(tmp_path):
    build = earlier_build("HEAD", tmp_path)

    command = [str(build.python), "-c", WHERE]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=build.root).stdout

    *ours, package = said.split()
    assert [where for where in ours if not where.startswith(f"{build.root}/")] == []
    assert not package.startswith(str(tmp_path))
    assert (build.root / "services/model_server/model_repository").is_dir()


def test_a_revision_that_is_not_there_is_told_with_a_hint(tmp_path):
    with pytest.raises(InvalidInputError, match="no-such-revision"):
        earlier_build("no-such-revision", tmp_path)


def test_two_builds_are_compared_with_helpers_and_without_what_no_edit_passes(capsys):
    share = compare(BEFORE, NOW, ("reference", "editing"), as_json=True)

    told = json.loads(capsys.readouterr().out)["compared"]
    assert share == pytest.approx(110 / 200)
    assert told["editing"]["rss"] == {"before": 100, "now": 60, "share": 0.6}
    assert told["reference + editing"]["pss"] == {"before": 100, "now": 75, "share": 0.75}


def test_a_share_needs_another_build(capsys):
    with pytest.raises(SystemExit):
        memory.main(["--at-most", "0.6"])
    assert "--against" in capsys.readouterr().err
