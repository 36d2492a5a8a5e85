import io
import json
import re
import shutil
from importlib.metadata import entry_points

import numpy as np
import pytest
from langdesign_evaluation.bench import main
from langdesign_evaluation.curve import curve_svg
from langdesign_evaluation.examples import marked
from langdesign_evaluation.page import page
from langdesign_evaluation.tables import markdown, print_tables
from PIL import Image
from rich.console import Console

FEW = 12  # cases of the run that most tests look at: one of each stratum, and two more

TRUTH = "round trip of the truth"


def run(set_folder, models, out, *more):
    return main(
        ["--data", str(set_folder), "--models", str(models), "--out", str(out), "--steps", "2", *more]
    )


def report_of(out):
    return json.loads((out / "report.json").read_text())


def without_seconds(value):
    if isinstance(value, dict):
        return {
            key: without_seconds(item) for key, item in value.items() if key not in {"seconds", "machine"}
        }
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def whole_run(set_folder, models, tmp_path_factory):
    """Without and with region, exact and found, and the curve."""
    out = tmp_path_factory.mktemp("bench")
    few = ("--limit", str(FEW), "--curve", "--curve-cases", "1")
    assert run(set_folder, models, out, "--regions", "truth,rela", "--editors", "plain,strict", *few) == 0
    return out


def named(report):
    return {one["name"]: one for one in report["editors"]}


def test_every_editor_is_in_the_report(whole_run):
    report = report_of(whole_run)
    strict = [f"strict, {source} region" for source in ("truth", "ReLA")]
    assert list(named(report)) == ["identity", "truth", "round trip", TRUTH, "plain", *strict]
    assert report["set"]["digest"] == "0123abcd"
    assert report["set"]["cases"] == FEW
    assert report["set"]["counts"]["no-op"] == {"none": 1}
    assert report["models"].keys() == {"clip", "dino", "segment"}


def test_real_edits_and_no_ops_are_kept_apart(whole_run):
    editors = named(report_of(whole_run))
    plain = editors["plain"]["figures"]
    assert plain["no-op"]["false_edit_rate"] == 1.0
    assert plain["no-op"]["gain"] is None
    assert plain["all edits"]["gain"] is not None
    assert "false_edit_rate" not in editors["strict, truth region"]["figures"]["no-op"]


def test_strict_keeps_its_contract_and_says_so(whole_run):
    report = report_of(whole_run)
    assert named(report)["strict, truth region"]["figures"]["all edits"]["outside_changed"] == 0.0
    kept = [one for one in report["promises"] if one["what"].startswith("changed beyond")]
    assert [one["met"] for one in kept] == [True, True]


def test_exact_pictures_are_told_from_nothing_to_measure(whole_run):
    editors = named(report_of(whole_run))
    assert editors["truth"]["figures"]["all edits"]["inside_psnr"] == "exact"
    assert editors["strict, truth region"]["figures"]["all edits"]["outside_psnr"] == "exact"
    assert isinstance(editors["plain"]["figures"]["all edits"]["outside_psnr"], float)
    assert editors["truth"]["figures"]["no-op"]["inside_psnr"] is None


def test_a_report_that_is_read_back_shows_what_is_exact(whole_run):
    report, console = report_of(whole_run), Console(file=io.StringIO(), width=220)
    print_tables(report, console)
    assert "exact" in console.file.getvalue()
    again = page(report, {one["name"]: {} for one in report["editors"] if not one["baseline"]})
    assert '<td class="best">exact</td>' in again  # strict leaves all outside as it was
    assert again.count("exact</td>") == (whole_run / "index.html").read_text().count("exact</td>")


def test_the_tables_are_markdown_too_with_every_editor_and_promise(whole_run):
    report, text = report_of(whole_run), (whole_run / "report.md").read_text()
    assert text == markdown(report)
    for editor in report["editors"]:
        assert f"\n| {editor['name']} | " in text
    for promise in report["promises"]:
        assert f"{'met' if promise['met'] else 'missed'}: {promise['what']}: " in text
    for table in text.split("### ")[1:-1]:
        assert len({line.count(" | ") for line in table.splitlines() if line.startswith("|")}) == 1


def test_the_json_says_how_sure_each_figure_is_and_the_tables_do_where_asked(whole_run):
    report = report_of(whole_run)
    plain = named(report)["plain"]
    low, high = plain["intervals"]["all edits"]["gain"]
    assert low <= plain["figures"]["all edits"]["gain"] <= high
    assert named(report)["strict, truth region"]["intervals"]["all edits"]["outside_psnr"] == ["exact"] * 2
    printed = []
    for intervals in (False, True):
        console = Console(file=io.StringIO(), width=80)
        print_tables(report, console, intervals=intervals)
        printed.append(console.file.getvalue())
    assert f"{high:.1%}" in printed[1]
    assert len(printed[1].splitlines()) > len(printed[0].splitlines())
    assert max(map(len, printed[1].splitlines())) <= 80


def test_the_outside_before_compositing_tells_what_strict_hides(whole_run):
    strict = named(report_of(whole_run))["strict, truth region"]["figures"]["all edits"]
    assert strict["outside_psnr"] == "exact"
    assert strict["bare_psnr"] < 40
    assert strict["bare_visible"] > 0
    assert "Bare PSNR" in (whole_run / "report.md").read_text()


def test_every_case_has_a_row_and_every_picture_is_kept(whole_run, cases):
    rows = [json.loads(line) for line in (whole_run / "cases.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == [case.id for case in cases][:FEW]
    assert rows[0]["measures"]["identity"]["changed"] == 0.0
    pictures = whole_run / "pictures" / "strict-truth-region"
    assert len(list(pictures.glob("????.png"))) == FEW
    assert (np.asarray(Image.open(pictures / "0000.mask.png")) == 255 * cases[0].region()).all()


def test_the_curve_has_a_point_for_every_scale(whole_run):
    curves = {one["editor"]: one["points"] for one in report_of(whole_run)["curve"]}
    assert "identity" not in curves
    assert [point["image_guidance"] for point in curves["plain"]] == [1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2]


def test_the_page_stands_alone(whole_run):
    page = (whole_run / "index.html").read_text()
    assert not re.findall(r"(?:src|href)=\"(?!data:)[^\"]*", page)
    assert page.count("<svg") == 1
    for words in ("plain", "strict, ReLA region", "make the chair blue", "0123abcd", "edit@sha256:"):
        assert words in page


def test_the_same_inputs_give_the_same_report(set_folder, models, tmp_path):
    few = ("--limit", "6", "--editors", "strict", "--batch", "4")
    for out in ("one", "two"):
        assert run(set_folder, models, tmp_path / out, *few) == 0
    one, two = (without_seconds(report_of(tmp_path / out)) for out in ("one", "two"))
    assert one == two


def test_json_is_all_that_is_printed(set_folder, models, tmp_path, capsys):
    assert run(set_folder, models, tmp_path, "--editors", "identity", "--json") == 0
    assert list(named(json.loads(capsys.readouterr().out))) == ["identity", "truth"]


def test_the_terminal_shows_editors_and_promises(set_folder, models, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    assert run(set_folder, models, tmp_path, "--limit", "10", "--editors", "strict") == 0
    printed = capsys.readouterr().out
    for words in (
        "identity",
        "round trip",
        TRUTH,
        "strict",
        "Gain inside by operation",
        "No-ops",
        "gain inside, recolour",
        "(best of the editors judged: strict)",
    ):
        assert words in printed


def test_others_answer_with_a_folder(set_folder, models, tmp_path, capsys):
    assert run(set_folder, models, tmp_path, "--export", str(tmp_path / "cases")) == 0
    printed = capsys.readouterr().out
    assert "24 cases" in printed
    assert "a copy of its digest.txt" in printed
    shutil.copy(tmp_path / "cases" / "digest.txt", tmp_path / "cases" / "before")
    answers = f"theirs={tmp_path}/cases/before"
    assert run(set_folder, models, tmp_path, "--editors", "identity", "--pictures", answers) == 0
    theirs = named(report_of(tmp_path))["theirs"]["figures"]
    assert theirs["all edits"]["gain"] == 0.0
    assert theirs["no-op"]["false_edit_rate"] == 0.0


def test_answers_to_other_cases_are_refused_before_anything_is_edited(set_folder, models, tmp_path, capsys):
    assert run(set_folder, models, tmp_path, "--export", str(tmp_path / "cases")) == 0
    shutil.copy(tmp_path / "cases" / "digest.txt", tmp_path / "cases" / "before")
    answers = f"theirs={tmp_path}/cases/before"
    assert run(set_folder, models, tmp_path / "out", "--seed", "1", "--pictures", answers) == 2
    assert "is of other cases" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/pictures/*"))


def test_a_damaged_manifest_ends_in_one_line(models, tmp_path, capsys):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "manifest.json").write_text("[]")
    assert run(tmp_path / "set", models, tmp_path / "out") == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.count("\n") == 1
    assert str(tmp_path / "set") in told


def test_checkpoints_are_told_apart_by_name(set_folder, models, tmp_path):
    edits = [f"--edit={name}={models / 'edit'}" for name in ("base", "tuned")]
    assert run(set_folder, models, tmp_path, "--limit", "2", "--editors", "plain", *edits) == 0
    assert [name for name in named(report_of(tmp_path)) if "plain" in name] == ["base: plain", "tuned: plain"]


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (["--data", "none"], "make bench-set"),
        (["--clip", "none"], "make mini"),
        (["--edit", "base=none"], "none cannot be loaded"),
        (["--regions", "rela", "--segment", "none"], "none cannot be loaded"),
        (["--regions", "pipeline", "--addresses", "editing=nowhere"], "write HOST:PORT"),
    ],
)
def test_what_is_wrong_ends_in_a_line_that_names_the_hint(set_folder, models, tmp_path, change, hint, capsys):
    assert run(set_folder, models, tmp_path, *change) == 2
    assert hint in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "wrong",
    [["--editors", "magic"], ["--regions", "guess"], ["--limit", "0"], ["--edit", "x"], ["--addresses", "x"]],
)
def test_wrong_arguments_are_told_before_anything_is_loaded(wrong, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(wrong)
    assert wrong[1] in capsys.readouterr().err


def test_the_command_is_registered():
    (found,) = (one for one in entry_points(group="langdesign.bench") if one.name == "edits")
    assert found.load() is main


def test_names_in_the_curve_are_escaped():
    points = [{"image_guidance": s, "clip_im": 0.9 - s / 10, "clip_dir": s / 10} for s in (1.0, 2.0)]
    svg = curve_svg([{"editor": "<b>", "points": points}])
    assert "&lt;b&gt;" in svg
    assert "<b>" not in svg


def test_one_point_makes_a_curve_too():
    point = {"image_guidance": 1.0, "clip_im": 0.9, "clip_dir": 0.0}
    assert "<polyline" in curve_svg([{"editor": "plain", "points": [point, point]}])


def test_the_exact_region_is_outlined_and_the_editors_is_tinted():
    picture, exact, own = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    exact[2:5, 2:5] = own[2:5, 5:7] = True
    shown = marked(picture, exact, own)
    assert (shown[1, 1] == (217, 38, 38)).all()  # the outline
    assert (shown[3, 3] == shown[7, 7]).all()  # inside and outside are paled alike
    assert shown[3, 6, 1] > shown[3, 6, 0]  # the tint is green
