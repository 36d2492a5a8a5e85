import json
import shutil

import numpy as np
import pytest
from langdesign_scenes import DatasetError, Scene, SceneSet
from langdesign_scenes.rendering import render

HINT = "remove it and render again .*, or render into another folder"


def test_a_written_set_reads_back_with_pictures_masks_and_words(folder):
    scenes = SceneSet(folder)
    assert [family.index for family in scenes] == [0, 1]
    assert [family.room for family in scenes] == ["kitchen", ""]
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
    for family in SceneSet(folder):
        recolourings = [
            edit for edit in family.edits if edit.operation == "recolour" and family.region(edit).sum() > 20
        ]
        assert recolourings, family.room
        for edit in recolourings:
            change = np.abs(family.image(edit.before).astype(int) - family.image(edit.after)).mean(axis=-1)
            region = family.region(edit)
            assert change[region].mean() > 2 * change[~region].mean()


def test_a_scene_renders_again_from_its_description(folder):
    for family in SceneSet(folder):
        scene = Scene.from_json(family.states[0].scene)
        np.testing.assert_array_equal(render(scene, samples=1, size=32).image, family.image(0))


def test_a_missing_set_names_the_hint(tmp_path):
    with pytest.raises(DatasetError, match="holds no rendered set; make one with `make scenes`"):
        SceneSet(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1}', "\xff"])
def test_a_damaged_manifest_is_named_with_the_hint(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, "latin-1")
    with pytest.raises(DatasetError, match=f"manifest.json is damaged .*; {HINT}"):
        SceneSet(tmp_path)


def test_a_set_of_another_format_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": "other/1"}')
    with pytest.raises(DatasetError, match="is of format other/1; this library reads langdesign-scenes/1"):
        SceneSet(tmp_path)


@pytest.mark.parametrize("damage", [{"edits": ["paint it"]}, {"states": None}, {"states": [[]]}])
def test_a_damaged_family_is_named_with_the_hint(folder, tmp_path, damage):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "families" / "000001" / "family.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **damage}))
    with pytest.raises(DatasetError, match=r"000001 holds no whole family .*; render it again"):
        SceneSet(tmp_path)[1]
