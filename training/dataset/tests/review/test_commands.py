import json
from pathlib import Path

import pytest
from langdesign_dataset.__main__ import main
from langdesign_dataset.review import Labels
from langdesign_dataset.review.cli import app as review
from langdesign_dataset.samples import SampleSet
from langdesign_dataset.samples.cli import app as samples_app
from typer.testing import CliRunner


def test_labels_filter_a_set_and_find_a_threshold(samples: SampleSet, labels: Labels, tmp_path: Path) -> None:
    told = {"format": "langdesign-labels/1", "digest": labels.digest, "labels": labels.labels}
    (tmp_path / "labels.json").write_text(json.dumps(told))
    arguments = [
        str(samples.folder),
        str(tmp_path / "labels.json"),
        "--out",
        str(tmp_path / "out"),
        "--gate",
        "leak",
    ]
    done = CliRunner().invoke(review, ["labels", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    assert "leak <= 0.3000 (5 kept, 5 dropped)" in done.output
    assert len(SampleSet(tmp_path / "out")) == 5


def test_card_and_page_are_written(samples: SampleSet, tmp_path: Path) -> None:
    for arguments in (["card", str(samples.folder)], ["review", str(samples.folder), str(tmp_path / "page")]):
        assert CliRunner().invoke(review, arguments, catch_exceptions=False).exit_code == 0
    assert (samples.folder / "README.md").exists()
    assert (tmp_path / "page/index.html").exists()


def test_a_set_is_checked_and_goes_to_the_other_layout_and_back(samples: SampleSet, tmp_path: Path) -> None:
    folder, layout, back = str(samples.folder), str(tmp_path / "layout"), str(tmp_path / "back")
    for arguments in (
        ["check", folder],
        ["export", folder, layout],
        ["import", layout, back],
        ["check", back],
    ):
        done = CliRunner().invoke(samples_app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    assert len(SampleSet(tmp_path / "back")) == 6


def test_the_command_line_tells_a_missing_set_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["langdesign_dataset", "check", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"{tmp_path} holds no data set; build one, or give its folder\n"
