import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from langdesign_scenes import DatasetError, SceneSet
from langdesign_scenes.__main__ import main
from langdesign_scenes.writing import Recipe, start_set, write_family, write_set

FILES = ("0.png", "0.index.png", "5.png", "5.index.png", "family.json")


def same_family(one, other, index):
    folders = [root / "families" / f"{index:06d}" for root in (one, other)]
    return all(len({(folder / name).read_bytes() for folder in folders}) == 1 for name in FILES)


def test_a_set_goes_on_with_what_it_lacks(folder, recipe, tmp_path):
    copy = tmp_path / "set"
    shutil.copytree(folder, copy)
    shutil.rmtree(copy / "families" / "000001")
    half = copy / "partial" / "000001"
    half.mkdir(parents=True)
    (half / "9.png").write_bytes(b"half a picture")
    kept = (copy / "families" / "000000" / "0.png").stat().st_mtime_ns
    assert write_set(copy, 2, recipe, workers=1) == 1
    assert (copy / "families" / "000000" / "0.png").stat().st_mtime_ns == kept
    assert same_family(copy, folder, 1)
    assert not (copy / "families" / "000001" / "9.png").exists()


def test_a_family_does_not_depend_on_how_many_are_asked_for(folder, recipe, tmp_path):
    assert write_set(tmp_path, 1, recipe, workers=1) == 1
    assert len(SceneSet(tmp_path)) == 1
    assert same_family(tmp_path, folder, 0)


def test_a_set_can_begin_with_a_later_family(folder, recipe, tmp_path):
    assert write_set(tmp_path, 2, recipe, first=1, workers=1) == 1
    assert [family.index for family in SceneSet(tmp_path)] == [1]
    assert same_family(tmp_path, folder, 1)


def test_a_family_depends_on_the_seed():
    assert Recipe(seed=5).plan(1) == Recipe(seed=5).plan(1)
    assert Recipe(seed=6).plan(1) != Recipe(seed=5).plan(1)


def test_shares_are_kept():
    drawn = [Recipe(single_share=0.25, general_share=0.8).draw(index) for index in range(2000)]
    general, single = np.mean(drawn, axis=0)
    assert general == pytest.approx(0.8, abs=0.03)
    assert single == pytest.approx(0.25, abs=0.03)


def test_another_recipe_is_refused_in_the_same_folder(folder):
    with pytest.raises(DatasetError, match="another recipe"):
        write_set(folder, 2, Recipe(seed=4, single_share=0.5, samples=1, size=32))


def test_a_manifest_comes_first_and_is_only_ever_extended(recipe, tmp_path):
    start_set(tmp_path, 5, recipe)
    start_set(tmp_path, 3, recipe)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["families"] == 5
    assert manifest["recipe"]["seed"] == recipe.seed
    assert len(SceneSet(tmp_path)) == 0


@pytest.mark.parametrize("name", ["format", "digest", "recipe", "families"])
def test_a_manifest_that_lacks_a_name_is_not_gone_on_with(recipe, tmp_path, name):
    start_set(tmp_path, 5, recipe)
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest[name]
    path.write_text(json.dumps(manifest))
    with pytest.raises(DatasetError, match=rf"manifest.json is damaged \(.*: {name}\); remove it"):
        write_set(tmp_path, 5, recipe)
    assert json.loads(path.read_text()) == manifest


@pytest.mark.parametrize("text", ["{", "[]"])
def test_rendering_into_a_damaged_set_ends_with_one_line(tmp_path, monkeypatch, capsys, text):
    out = tmp_path / "[bold]set"  # no markup: it is a name
    out.mkdir()
    (out / "manifest.json").write_text(text)
    monkeypatch.setattr("sys.argv", ["langdesign_scenes", "render", str(out), "--families", "1"])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 1
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith(f"error: {out}/manifest.json is damaged")
    assert line.endswith("or render into another folder")


def test_failing_families_are_told_and_leave_nothing_behind(recipe, tmp_path):
    with pytest.raises(DatasetError, match=r"2 families failed \(0, 1\).*TypeError"):
        write_set(tmp_path, 2, recipe, workers=1, plan=len)
    assert len(SceneSet(tmp_path)) == 0


def test_a_picture_that_fails_leaves_no_family(recipe, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise DatasetError("the disk is full")

    monkeypatch.setattr("langdesign_scenes.writing.render", fail)
    with pytest.raises(DatasetError, match="disk is full"):
        write_family(tmp_path, recipe.plan(0), recipe)
    assert not (tmp_path / "families").exists()


def stopped(folder, number):
    """Render until a family is whole, send a signal, and return the exit status and what was told."""
    command = [sys.executable, "-m", "langdesign_scenes", "render", str(folder), "--families", "50"]
    command += ["--samples", "1", "--size", "16", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not list(folder.glob("families/*/family.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    return process.returncode, told


def assert_whole(folder):
    scenes = SceneSet(folder)
    assert 0 < len(scenes) < 50
    assert len(scenes) == len(list((folder / "families").iterdir()))
    for family in scenes:
        assert family.image(len(family.states) - 1).shape == (16, 16, 3)


@pytest.mark.long
def test_a_killed_run_leaves_whole_families_only(tmp_path):
    stopped(tmp_path, signal.SIGKILL)
    assert_whole(tmp_path)


@pytest.mark.long
def test_a_terminated_run_finishes_what_is_under_way_and_leaks_nothing(tmp_path):
    status, told = stopped(tmp_path, signal.SIGTERM)
    assert status == 128 + signal.SIGTERM
    assert "leaked" not in told
    assert "Traceback" not in told
    assert_whole(tmp_path)
    assert list((tmp_path / "partial").iterdir()) == []
