"""The command line: what goes wrong on purpose is told in a line."""

import pytest
from langdesign_dataset.__main__ import main


@pytest.fixture
def told(monkeypatch, capsys):
    """Return a function that runs a command that fails, and returns its line of error."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["langdesign_dataset", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        return capsys.readouterr().err.strip()

    return run


def test_thresholds_of_no_rendered_set_are_refused_in_a_line(told, tmp_path):
    error = told("thresholds", "--scenes", tmp_path / "nowhere")
    assert error.startswith(f"{tmp_path / 'nowhere'} holds no rendered set")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(("missing", "said"), [("clip", "clip"), ("segment", "config.json is missing")])
def test_thresholds_without_a_model_are_refused_in_a_line(told, scenes, models, tmp_path, missing, said):
    for role in {"clip", "segment"} - {missing}:
        (tmp_path / role).symlink_to(getattr(models, role))
    error = told("thresholds", "--scenes", scenes, "--models", tmp_path)
    assert said in error.splitlines()[-1]  # bars of models that load come before


def test_what_an_error_of_build_quotes_is_printed_as_it_is(told, models, tmp_path):
    triples = tmp_path / "[bold]none[/oops].jsonl"
    error = told("build", "--triples", triples, "--out", tmp_path / "out", "--models", models.clip.parent)
    assert f"{triples} holds no triples" in error
