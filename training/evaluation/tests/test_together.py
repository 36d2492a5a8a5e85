"""`langdesign bench together`: two edits in one pass, against the same one after the other."""

import json

import numpy as np
import pytest
from langdesign_evaluation.cases import open_set
from langdesign_evaluation.colours import compare, mean_ab, nearness
from langdesign_evaluation.errors import BenchSetError
from langdesign_evaluation.pairs import choose_pairs
from langdesign_evaluation.together import main
from langdesign_scenes.vocabulary import COLOURS
from PIL import Image

GREY, RED, DARK_RED = (128, 128, 128), (200, 30, 30), (170, 30, 30)


def flat(colour):
    return np.full((8, 8, 3), colour, np.uint8)


@pytest.fixture
def region():
    """The left half."""
    region = np.zeros((8, 8), bool)
    region[:, :4] = True
    return region


# a* and b* of sRGB's primaries under D50, as http://www.brucelindbloom.com computes them (Bradford).
@pytest.mark.parametrize(
    ("colour", "ab"),
    [
        ((255, 0, 0), (80.8, 69.9)),
        ((0, 0, 255), (68.3, -112.0)),
        ((0, 255, 0), (-79.3, 81.0)),
        (GREY, (0, 0)),
    ],
)
def test_the_mean_colour_is_that_of_cielab(region, colour, ab):
    picture = flat((10, 200, 90))
    picture[region] = colour
    assert mean_ab(picture, region) == pytest.approx(ab, abs=1.0)


def test_results_are_as_near_as_the_share_of_the_way_that_they_are_apart(region):
    one = compare(flat(GREY), flat(RED), flat(RED), region)
    assert (one.apart, one.share, one.levels) == (0, 0, 0)
    halfway = compare(flat(GREY), flat(RED), flat(GREY), region)
    assert halfway.share == pytest.approx(1)
    assert halfway.moved == pytest.approx(np.linalg.norm(mean_ab(flat(RED), region)), abs=1.5)
    near = compare(flat(GREY), flat(RED), flat(DARK_RED), region)
    assert 0 < near.share < 0.5
    assert near.levels == pytest.approx(30 / 255)


def test_regions_that_hardly_moved_say_nothing_of_colour(region):
    moved = compare(flat(GREY), flat(RED), flat(RED), region)
    far = compare(flat(GREY), flat(RED), flat(GREY), region)
    still = compare(flat(GREY), flat((130, 128, 128)), flat(RED), region)
    found = nearness([moved, far, still], least=5, seed=0)
    assert (found.regions, found.within.mean, found.median) == (2, 0.5, pytest.approx(0.5))
    assert found.worst == pytest.approx(1)
    assert found.levels.mean == pytest.approx(1 / 3)
    assert nearness([still], least=5, seed=0) is None


def test_pairs_are_of_things_that_their_name_tells_and_of_colours_that_neither_has(set_folder):
    pairs = choose_pairs(open_set(set_folder), 3, seed=0)
    assert len(pairs) == 2, "each of the two rooms has two things"
    for pair in pairs:
        words = [one.split() for one in pair.instructions]
        assert [" ".join(one[:3]) for one in words] == ["make the rug", "make the chair"]
        colours = {one[3] for one in words}
        assert colours <= COLOURS.keys() - {"grey", "red"}
        assert len(colours) == 2
        assert not (pair.regions[0] & pair.regions[1]).any()
        assert all(region.any() for region in pair.regions)
    again = choose_pairs(open_set(set_folder), 3, seed=0)
    assert [one.instructions for one in again] == [one.instructions for one in pairs]


def test_a_set_without_two_such_things_is_refused(set_folder, tmp_path):
    (tmp_path / "manifest.json").write_text((set_folder / "manifest.json").read_text("utf-8"))
    with pytest.raises(BenchSetError, match="render more"):
        choose_pairs(open_set(tmp_path), 3, seed=0)


def test_the_bench_prints_colours_and_paired_times_and_shows_its_pairs(set_folder, models, tmp_path, capsys):
    sheet = tmp_path / "sheet.png"
    told = ["--models", str(models), "--data", str(set_folder), "--steps", "2", "--per-room", "1"]
    assert main([*told, "--least", "0", "--sheet", str(sheet), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pairs"] == 2
    assert found["colour"]["in one pass"]["regions"] == 4
    assert [one["instruction"][:8] for one in found["regions"]] == ["make the"] * 4
    assert found["times"]["one edit"]["ratio"] == 1
    assert found["times"]["one after the other"]["ratio"] > 1
    with Image.open(sheet) as shown:
        assert shown.size == (5 * 64, 2 * 64)
    assert main(told) == 0
    assert "in the other order" in capsys.readouterr().out


def test_a_folder_without_a_set_is_told_of_and_how_to_get_one(tmp_path, capsys):
    assert main(["--data", str(tmp_path)]) == 2
    assert "make bench-set" in capsys.readouterr().err
