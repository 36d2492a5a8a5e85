import json
import math
import shutil
from importlib.metadata import entry_points
from unittest.mock import patch

import pytest
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_evaluation import AnswerError, EvaluationError
from langdesign_evaluation.comparing import Comparison, compare, main
from langdesign_instruct_pix2pix.editor import Editor
from rich.console import Console

PAPER = ("clip_im", "clip_dir", "clip_out", "dino")


@pytest.fixture(scope="module")
def editors(models, tmp_path_factory):
    """Two editors of random weights, each with its own advice."""
    folder = tmp_path_factory.mktemp("editors")
    for seed, name in enumerate(("base", "tuned")):
        random_checkpoint("tiny", seed=seed).save(folder / name)
        advice = {"steps": 2 + seed, "guidance_scale": 2.0, "image_guidance_scale": 1.0}
        (folder / name / "sampling.json").write_text(json.dumps(advice))
    return folder


def run(editors, set_folder, models, out, **more):
    return compare(
        editors / "base",
        editors / "tuned",
        set_folder,
        clip=models / "clip",
        dino=models / "dino",
        out=out,
        limit=8,
        **more,
    )


@pytest.fixture(scope="module")
def found(editors, set_folder, models, tmp_path_factory):
    return run(editors, set_folder, models, tmp_path_factory.mktemp("out"))


def test_the_papers_table_has_baseline_models_truth_and_paired_difference(found):
    for key in PAPER:
        row = found.metrics[key]
        assert set(row) == {"identity", "base", "tuned", "truth", "difference"}
        assert row["difference"].mean == pytest.approx(row["tuned"].mean - row["base"].mean)
        for one in row.values():
            assert one.low <= one.mean <= one.high
    assert found.metrics["clip_im"]["identity"].mean == pytest.approx(1.0, abs=1e-5)
    assert found.metrics["clip_dir"]["identity"].mean == pytest.approx(0.0, abs=1e-5)


def test_copy_and_truth_are_the_ends_of_the_gain(found):
    for key in ("gain", "plain_gain"):
        assert found.metrics[key]["identity"].mean == 0.0
        assert found.metrics[key]["truth"].mean == 1.0


def test_the_outside_is_measured_before_compositing_hides_it(found):
    outside = found.metrics["outside_psnr"]
    assert outside["base"].mean < 40  # random weights shake all that they decode
    assert "identity" not in outside  # of a copy it is infinite
    assert found.metrics["outside_visible"]["base"].mean > 0
    assert found.metrics["outside_dino"]["identity"].mean == pytest.approx(1.0, abs=1e-5)
    assert found.metrics["outside_dino"]["base"].mean < 1.0
    assert found.metrics["seam"]["identity"].mean == 0.0


def test_no_ops_are_apart_and_a_copy_edits_none_of_them(found):
    assert found.cases["no_ops"] == 4
    for key in ("false_edit_rate", "plain_false_edit_rate", "any_change_rate", "plain_any_change_rate"):
        assert found.metrics[key]["identity"].mean == 0.0
    assert found.metrics["plain_any_change_rate"]["base"].mean == 1.0


def test_each_model_is_sampled_as_its_folder_advises(found):
    assert [found.sampling[name]["steps"] for name in ("base", "tuned")] == [2, 3]
    assert found.models["tuned"].startswith("tuned@sha256:")


def test_the_json_is_finite_and_comes_back(found, tmp_path):
    path = tmp_path / "evaluation.json"
    found.write(path)
    data = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert data["format"] == "langdesign-evaluation/1"
    assert data["set"]["digest"].startswith("sha256:")
    assert data["metrics"]["clip_dir"]["better"] == "higher"
    assert data["metrics"]["false_edit_rate"]["better"] == "lower"
    assert set(data["metrics"]["clip_dir"]["difference"]) == {"mean", "low", "high"}
    assert Comparison.read(path) == found
    assert all(math.isfinite(value) for value in found.means("tuned").values())


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other/1"}'])
def test_a_damaged_comparison_names_the_hint(text, tmp_path):
    (tmp_path / "evaluation.json").write_text(text)
    with pytest.raises(AnswerError, match="run the comparison again"):
        Comparison.read(tmp_path / "evaluation.json")


def test_a_comparison_that_was_killed_goes_on_and_finds_the_same(
    editors, set_folder, models, found, tmp_path
):
    def killed(share):
        if share > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(editors, set_folder, models, tmp_path, progress=killed)
    pictures = sorted(tmp_path.glob("outcomes/*/*.png"))
    pictures[0].write_bytes(pictures[0].read_bytes()[:100])  # and one was damaged
    with patch.object(Editor, "finish", autospec=True, side_effect=Editor.finish) as finish:
        again = run(editors, set_folder, models, tmp_path)
    assert again == found
    assert 0 < finish.call_count < len(list(tmp_path.glob("outcomes/*/*[0-9a-f].png")))
    with patch.object(Editor, "finish", side_effect=AssertionError):
        assert run(editors, set_folder, models, tmp_path) == found


def test_as_many_no_ops_are_judged_as_are_asked_for(editors, set_folder, models, found, tmp_path):
    fewer = run(editors, set_folder, models, tmp_path, no_ops=1)
    assert (fewer.cases["cases"], fewer.cases["no_ops"]) == (found.cases["cases"], 1)
    assert fewer.metrics.keys() == found.metrics.keys()
    assert fewer.cases["choice_digest"] != found.cases["choice_digest"]


def test_a_set_without_no_ops_leaves_their_figures_out(editors, set_folder, models, tmp_path):
    folder = shutil.copytree(set_folder, tmp_path / "set")
    for path in folder.glob("families/*/family.json"):
        family = json.loads(path.read_text())
        family["edits"] = [one for one in family["edits"] if one["operation"] != "none"]
        path.write_text(json.dumps(family))
    found = run(editors, folder, models, tmp_path / "out")
    assert found.cases["no_ops"] == 0
    assert "clip_dir" in found.metrics
    assert "false_edit_rate" not in found.metrics
    assert "No-ops:" not in found.markdown()


def test_progress_ends_at_one(editors, set_folder, models, tmp_path):
    shares = []
    run(editors, set_folder, models, tmp_path, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_tables_fit_eighty_columns_and_the_markdown_has_every_figure(found):
    console = Console(width=80, record=True)
    for table in found.tables():
        console.print(table)
    printed = console.export_text()
    assert "…" not in printed
    assert max(map(len, printed.splitlines())) <= 80
    for words in ("CLIP_dir", "tuned - base", "Seam", "False edits"):
        assert words in printed
        assert words in found.markdown()
    assert f"{found.metrics['dino']['base'].mean:.3f} " in found.markdown()


def test_the_command_writes_json_and_markdown(editors, set_folder, models, tmp_path, capsys):
    (found,) = (one for one in entry_points(group="langdesign.bench") if one.name == "compare")
    assert found.load() is main
    arguments = ["--data", str(set_folder), "--models", str(models), "--out", str(tmp_path), "--limit", "2"]
    assert main([str(editors / "base"), str(editors / "tuned"), *arguments]) == 0
    assert "CLIP_dir" in capsys.readouterr().out
    assert (tmp_path / "evaluation.md").read_text() == Comparison.read(
        tmp_path / "evaluation.json"
    ).markdown() + "\n"


def test_a_model_that_is_none_ends_in_one_line(editors, set_folder, models, tmp_path, capsys):
    arguments = ["--data", str(set_folder), "--models", str(models), "--out", str(tmp_path)]
    assert main([str(tmp_path / "none"), str(editors / "tuned"), *arguments]) == 2
    told = capsys.readouterr().err
    assert "error: " in told
    assert str(tmp_path / "none") in told


def test_json_is_all_that_is_printed(editors, set_folder, models, tmp_path, capsys):
    arguments = ["--data", str(set_folder), "--models", str(models), "--out", str(tmp_path), "--limit", "2"]
    assert main([str(editors / "base"), str(editors / "tuned"), *arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "langdesign-evaluation/1"


def test_a_damaged_set_ends_in_one_line(editors, models, tmp_path, capsys):
    (tmp_path / "manifest.json").write_text("[]")
    arguments = ["--data", str(tmp_path), "--models", str(models), "--out", str(tmp_path / "out")]
    assert main([str(editors / "base"), str(editors / "tuned"), *arguments]) == 2
    assert str(tmp_path / "manifest.json") in capsys.readouterr().err


def test_a_text_encoder_that_tells_no_texts_apart_is_refused(editors, set_folder, models, tmp_path):
    folder = shutil.copytree(models / "clip", tmp_path / "clip")
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["eos_token_id"] = 0
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(EvaluationError, match="one feature"):
        compare(
            editors / "base",
            editors / "tuned",
            set_folder,
            clip=folder,
            dino=models / "dino",
            out=tmp_path,
        )
