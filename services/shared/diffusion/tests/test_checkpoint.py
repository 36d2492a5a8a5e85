import json
import pickle
from typing import get_args

import pytest
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from langdesign_diffusion import IncompatibleCheckpoint, UnsafeCheckpoint, random_weights
from langdesign_diffusion.checkpoint import load_checkpoint, read_noise_schedule, scheduler_config, write_json
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule, Prediction
from safetensors.torch import load_file, save_file


@pytest.fixture
def folder(tmp_path):
    random_checkpoint("tiny").save(tmp_path / "editor")
    return tmp_path / "editor"


def weights(checkpoint):
    networks = (checkpoint.unet, checkpoint.vae, checkpoint.text_encoder)
    return [tensor for network in networks for tensor in network.state_dict().values()]


def same_weights(one, other):
    return all(torch.equal(*pair) for pair in zip(weights(one), weights(other), strict=True))


def test_a_saved_checkpoint_is_what_it_was_in_memory(folder):
    loaded, made = load_checkpoint(folder), random_checkpoint("tiny")
    assert same_weights(loaded, made)
    assert loaded.noise == made.noise
    assert loaded.tokenizer("make it red")["input_ids"] == made.tokenizer("make it red")["input_ids"]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_diffusers_own_pipeline_reads_a_saved_checkpoint(folder):
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(folder)
    assert pipeline.unet.config.in_channels == 8


def test_the_command_writes_a_folder_that_loads(tmp_path):
    random_weights.main(["--size", "tiny", str(tmp_path / "out")])
    assert load_checkpoint(tmp_path / "out").size_multiple == 16


def test_weights_under_the_names_of_older_transformers_load(folder):
    path = folder / "text_encoder" / "model.safetensors"
    older = {f"text_model.{key}": value for key, value in load_file(path).items()}
    save_file(older, path, {"format": "pt"})
    assert same_weights(load_checkpoint(folder), random_checkpoint("tiny"))


def test_half_precision_files_load_too(folder):
    for part in ("unet", "vae", "text_encoder"):
        for path in (folder / part).glob("*.safetensors"):
            halved = {key: value.half() for key, value in load_file(path).items()}
            path.unlink()
            save_file(halved, path.with_name(f"{path.stem}.fp16.safetensors"), {"format": "pt"})
    assert load_checkpoint(folder).dtype == torch.float32


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_a_pickle_is_refused_unread(folder, part):
    for path in (folder / part).glob("*.safetensors"):
        path.with_suffix(".bin").write_bytes(pickle.dumps({"weights": 1}))
        path.unlink()
    with pytest.raises(UnsafeCheckpoint, match=f"{part} is a pickle.*save it as safetensors"):
        load_checkpoint(folder)


def test_a_missing_part_or_weight_is_named(folder):
    path = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights = load_file(path)
    del weights["decoder.conv_in.weight"]
    save_file(weights, path, {"format": "pt"})
    with pytest.raises(IncompatibleCheckpoint, match=r"vae lacks 1 .*decoder\.conv_in\.weight"):
        load_checkpoint(folder)
    path.unlink()
    with pytest.raises(IncompatibleCheckpoint, match=r"vae has no .*\.safetensors; add it"):
        load_checkpoint(folder)


@pytest.mark.parametrize("prediction", get_args(Prediction))
def test_a_diffusion_process_reads_as_it_was_written(tmp_path, prediction):
    noise = NoiseSchedule(500, 0.0001, 0.02, "linear", steps_offset=0, prediction=prediction)
    written = scheduler_config(noise)
    assert written["prediction_type"] == prediction
    write_json(tmp_path / "scheduler_config.json", written)
    assert read_noise_schedule(tmp_path / "scheduler_config.json") == noise


def test_a_model_that_does_not_say_what_it_predicts_predicts_noise(folder):
    path = folder / "scheduler" / "scheduler_config.json"
    config = json.loads(path.read_text())
    del config["prediction_type"]
    write_json(path, config)
    assert load_checkpoint(folder).noise.prediction == "epsilon"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"prediction_type": "sample"}, "is sample; use a model of epsilon or v_prediction"),
        ({"rescale_betas_zero_snr": True}, "trained without it"),
        ({"beta_schedule": "cosine"}, "use scaled_linear"),
    ],
)
def test_another_diffusion_process_is_refused(folder, change, wrong):
    path = folder / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(IncompatibleCheckpoint, match=wrong):
        load_checkpoint(folder)
