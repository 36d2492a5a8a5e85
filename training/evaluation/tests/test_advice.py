import json

import pytest
from langdesign_edits.verdicts import Thresholds
from langdesign_evaluation.advice import read_advice
from langdesign_evaluation.bench import main
from langdesign_evaluation.errors import ModelError
from langdesign_evaluation.finders import RelaRegions
from langdesign_evaluation.options import read_options
from langdesign_rela import Predictor


def test_no_file_advises_nothing(tmp_path):
    assert read_advice(tmp_path / "thresholds.json") == {}


@pytest.mark.parametrize("text", ["{", "[0.3]", '{"steps": "12"}', '{"steps": true}'])
def test_what_is_no_advice_names_the_file_and_the_hint(tmp_path, text):
    path = tmp_path / "sampling.json"
    path.write_text(text)
    with pytest.raises(ModelError, match=r"sampling\.json .*export the family anew"):
        read_advice(path)


def test_the_bench_samples_as_the_checkpoint_advises(tmp_path):
    (tmp_path / "edit").mkdir()
    advice = {"steps": 7, "guidance_scale": 3.0, "image_guidance_scale": 1.2}
    (tmp_path / "edit" / "sampling.json").write_text(json.dumps(advice))
    sampling = read_options(["--models", str(tmp_path), "--text-guidance", "5", "--detail", "0"]).sampling
    assert (sampling.steps, sampling.text_guidance, sampling.image_guidance) == (7, 5.0, 1.2)
    assert sampling.detail == 0.0


def test_the_bench_enlarges_as_the_checkpoint_advises_unless_told_otherwise(tmp_path):
    (tmp_path / "edit").mkdir()
    (tmp_path / "edit" / "sampling.json").write_text('{"working_size": 128, "enlargement": 2.5}')
    assert read_options(["--models", str(tmp_path)]).working == (128, 64, 2.5)
    assert read_options(["--models", str(tmp_path), "--enlargement", "1"]).working == (128, 64, 1.0)
    assert read_options(["--models", str(tmp_path / "none")]).working == (512, 64, 1.0)


@pytest.mark.parametrize(
    ("given", "views"),
    [
        ([], ("crop",)),
        (["--enlargement", "1"], ("native",)),
        (["--views", "native,whole"], ("native", "whole")),
        (["--models", "none"], ("native",)),
    ],
)
def test_the_bench_shows_crops_where_services_would(tmp_path, given, views):
    (tmp_path / "edit").mkdir()
    (tmp_path / "edit" / "sampling.json").write_text('{"working_size": 128, "enlargement": 2}')
    assert read_options(["--models", str(tmp_path), *given]).views == views


def test_malformed_advice_ends_the_bench_with_one_line(tmp_path, capsys):
    (tmp_path / "edit").mkdir()
    (tmp_path / "edit" / "sampling.json").write_text("{")
    assert main(["--models", str(tmp_path)]) == 2
    assert "sampling.json cannot be read" in capsys.readouterr().err


def test_rela_judges_from_the_thresholds_of_its_validation(models, tmp_path):
    predictor = Predictor.from_folder(models / "segment")
    assert RelaRegions.advised(predictor, tmp_path) == RelaRegions(predictor)
    (tmp_path / "thresholds.json").write_text('{"mask_threshold": 0.3, "no_target_threshold": 0.45}')
    assert RelaRegions.advised(predictor, tmp_path) == RelaRegions(predictor, Thresholds(0.3, 0.45))


def test_thresholds_that_cross_name_the_file(models, tmp_path):
    (tmp_path / "thresholds.json").write_text('{"no_target_threshold": 0.3, "uncertain_threshold": 0.4}')
    with pytest.raises(ModelError, match=r"thresholds\.json: .*export the family anew"):
        RelaRegions.advised(Predictor.from_folder(models / "segment"), tmp_path)
