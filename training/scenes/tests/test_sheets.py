import json
import shutil

import numpy as np
import pytest
from langdesign_scenes import DatasetError, SceneSet
from langdesign_scenes.__main__ import app
from langdesign_scenes.sheets import sheet
from langdesign_scenes.writing import start_set
from PIL import Image
from typer.testing import CliRunner

PAPER = (250, 249, 246)


@pytest.mark.parametrize(("what", "size"), [("rooms", 256), ("singles", 256), ("edits", 3 * 256)])
def test_a_contact_sheet_is_drawn_with_a_margin_that_nothing_crosses(folder, tmp_path, what, size):
    out = tmp_path / "sheet.png"
    arguments = ["sheet", str(folder), str(out), "--rows", "2", "--columns", "2", "--what", what]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    page = np.asarray(Image.open(out))
    assert page.shape[1] > 2 * size
    assert page.std() > 10
    for edge in (page[:12], page[-8:], page[:, :12], page[:, -12:]):
        assert (edge == PAPER).all()


def test_a_row_is_as_high_as_its_longest_caption(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    plain = sheet(SceneSet(tmp_path), "rooms", 1, 1)
    path = tmp_path / "families" / "000000" / "family.json"
    family = json.loads(path.read_text())
    family["states"][0]["caption"] = " ".join(f"word{place}" for place in range(60))
    path.write_text(json.dumps(family))
    tall = sheet(SceneSet(tmp_path), "rooms", 1, 1)
    last_lines = np.asarray(tall)[-60:-12]
    assert tall.height > plain.height + 100
    assert (last_lines != PAPER).any()


def test_an_edit_is_shown_before_with_its_region_and_after(folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "families" / "000000" / "family.json"
    family = json.loads(path.read_text())
    family["edits"] = [one for one in family["edits"] if one["operation"] == "recolour"][:1]
    path.write_text(json.dumps(family))
    shown = SceneSet(tmp_path)[0]
    page = np.asarray(sheet(SceneSet(tmp_path), "edits", 1, 1)).astype(int)
    pictures = [page[12 : 12 + 256, left : left + 256] for left in (12, 12 + 259, 12 + 518)]
    region = np.kron(shown.region(shown.edits[0]), np.ones((8, 8), bool))
    changed = [np.abs(one - pictures[0]).sum(axis=-1) for one in pictures[1:]]
    assert all(one[region].mean() > 5 * one[~region].mean() for one in changed)


def test_a_sheet_of_nothing_names_the_hint(recipe, tmp_path):
    start_set(tmp_path, 1, recipe)
    with pytest.raises(DatasetError, match="render more"):
        sheet(SceneSet(tmp_path), "rooms", 1, 1)


def test_a_sheet_named_like_no_picture_is_refused(tmp_path):
    told = CliRunner().invoke(app, ["sheet", str(tmp_path), str(tmp_path / "rooms.xyz")])
    assert told.exit_code == 2
    assert "end it with .png" in told.output
