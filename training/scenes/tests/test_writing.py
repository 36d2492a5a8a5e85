import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from langdesign_scenes import DatasetError, Scene, SceneSet
from langdesign_scenes.__main__ import app
from langdesign_scenes.rendering import render
from langdesign_scenes.writing import Recipe, start_set, write_family, write_set
from PIL import Image
from typer.testing import CliRunner

RECIPE = Recipe(seed=3, single_share=0.5, samples=1, size=32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    told = []
    assert write_set(folder, 2, RECIPE, workers=1, progress=lambda *counts: told.append(counts)) == 2
    assert told == [(0, 2), (1, 2), (2, 2)]
    return folder


def test_a_written_set_reads_back_with_pictures_masks_and_words(folder):
    scenes = SceneSet(folder)
    assert [family.index for family in scenes] == [0, 1]
    for family in scenes:
        assert family.edits
        assert family.expressions
        for place, state in enumerate(family.states):
            assert family.image(place).shape == (32, 32, 3)
            assert state.caption
            index = family.index_map(place)
            counts = np.bincount(index.ravel(), minlength=len(state.instances) + 1)[1:]
            assert [one.pixels for one in state.instances] == counts.tolist()


def test_a_box_encloses_its_pixels_tightly(folder):
    for family in SceneSet(folder):
        for one in family.states[0].instances:
            rows, columns = np.nonzero(family.mask(0, [one.id]))
            left, top, width, height = one.box
            if one.pixels:
                assert (left, top) == (columns.min(), rows.min())
                assert (left + width - 1, top + height - 1) == (columns.max(), rows.max())
            else:
                assert one.box == (0, 0, 0, 0)


def test_a_recolouring_changes_the_picture_inside_its_region_most(folder):
    edits = [
        (family, edit)
        for family in SceneSet(folder)
        for edit in family.edits
        if edit.operation == "recolour" and family.region(edit).sum() > 20
    ]
    assert edits
    for family, edit in edits:
        change = np.abs(family.image(edit.before).astype(int) - family.image(edit.after)).mean(axis=-1)
        region = family.region(edit)
        assert change[region].mean() > 2 * change[~region].mean()


def test_a_scene_renders_again_from_its_description(folder):
    family = SceneSet(folder)[0]
    scene = Scene.from_json(family.states[0].scene)
    np.testing.assert_array_equal(render(scene, samples=1, size=32).image, family.image(0))


def test_a_set_goes_on_with_what_it_lacks(folder, tmp_path):
    copy = tmp_path / "set"
    shutil.copytree(folder, copy)
    shutil.rmtree(copy / "families" / "000000")
    half = copy / "partial" / "000000"
    half.mkdir(parents=True)
    (half / "9.png").write_bytes(b"half a picture")
    kept = (copy / "families" / "000001" / "0.png").stat().st_mtime_ns
    assert write_set(copy, 2, RECIPE, workers=1) == 1
    assert (copy / "families" / "000001" / "0.png").stat().st_mtime_ns == kept
    for name in ("0.png", "0.index.png", "family.json"):
        again, before = (root / "families" / "000000" / name for root in (copy, folder))
        assert again.read_bytes() == before.read_bytes()
    assert not (copy / "families" / "000000" / "9.png").exists()


def test_a_family_does_not_depend_on_how_many_are_asked_for():
    small, large = Recipe(seed=5), Recipe(seed=5)
    assert small.plan(1) == large.plan(1)
    assert Recipe(seed=6).plan(1) != small.plan(1)


def test_shares_are_kept():
    drawn = [Recipe(single_share=0.25, general_share=0.8).draw(index) for index in range(2000)]
    general, single = np.mean(drawn, axis=0)
    assert general == pytest.approx(0.8, abs=0.03)
    assert single == pytest.approx(0.25, abs=0.03)


def test_another_recipe_is_refused_in_the_same_folder(folder):
    with pytest.raises(DatasetError, match="another recipe"):
        write_set(folder, 2, Recipe(seed=4, single_share=0.5, samples=1, size=32))


def test_a_manifest_comes_first_and_is_only_ever_extended(tmp_path):
    start_set(tmp_path, 5, RECIPE)
    start_set(tmp_path, 3, RECIPE)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["families"] == 5
    assert manifest["recipe"]["seed"] == 3
    assert len(SceneSet(tmp_path)) == 0


def test_failing_families_are_told_and_leave_nothing_behind(tmp_path):
    with pytest.raises(DatasetError, match=r"2 families failed \(0, 1\).*TypeError"):
        write_set(tmp_path, 2, RECIPE, workers=1, plan=len)
    assert len(SceneSet(tmp_path)) == 0


def test_a_picture_that_fails_leaves_no_family(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise DatasetError("the disk is full")

    monkeypatch.setattr("langdesign_scenes.writing.render", fail)
    with pytest.raises(DatasetError, match="disk is full"):
        write_family(tmp_path, RECIPE.plan(0), RECIPE)
    assert not (tmp_path / "families").exists()


@pytest.mark.parametrize("what", ["rooms", "singles", "edits"])
def test_a_contact_sheet_is_drawn(folder, tmp_path, what):
    rooms = {bool(family.room) for family in SceneSet(folder)}
    if what != "edits" and (what == "rooms") not in rooms:
        pytest.skip("the small set holds none")
    out = tmp_path / "sheet.png"
    arguments = ["sheet", str(folder), str(out), "--rows", "2", "--columns", "2", "--what", what]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    page = np.asarray(Image.open(out))
    assert page.shape[1] > 500
    assert page.std() > 10


def test_a_sheet_of_nothing_names_the_mend(tmp_path):
    start_set(tmp_path, 1, RECIPE)
    result = CliRunner().invoke(app, ["sheet", str(tmp_path), str(tmp_path / "sheet.png")])
    assert isinstance(result.exception, DatasetError)
    assert "render more" in str(result.exception)


@pytest.mark.long
def test_a_killed_run_leaves_whole_families_only(tmp_path):
    command = [sys.executable, "-m", "langdesign_scenes", "render", str(tmp_path), "--families", "50"]
    command += ["--samples", "1", "--size", "16", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("families/*/family.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    scenes = SceneSet(tmp_path)
    assert 0 < len(scenes) < 50
    assert len(scenes) == len(list((tmp_path / "families").iterdir()))
    for family in scenes:
        assert family.image(len(family.states) - 1).shape == (16, 16, 3)
