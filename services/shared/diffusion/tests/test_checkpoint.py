import json
import pickle
from dataclasses import replace
from typing import get_args

import pytest
import torch
from diffusers import AutoencoderKL, StableDiffusionInstructPix2PixPipeline
from langdesign_diffusion import IncompatibleCheckpoint, UnsafeCheckpoint, random_weights
from langdesign_diffusion.checkpoint import load_checkpoint, read_noise_schedule, scheduler_config, write_json
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.random_weights import random_checkpoint
from langdesign_diffusion.samplers import NoiseSchedule
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel


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


@pytest.mark.parametrize(("variant", "shards"), [("fp16", "200KB"), ("bf16", "10GB"), (None, "200KB")])
def test_files_are_found_under_every_name_that_diffusers_gives_them(folder, variant, shards):
    unet = random_checkpoint("tiny").unet
    for path in (folder / "unet").glob("*.safetensors"):
        path.unlink()
    unet.save_pretrained(folder / "unet", variant=variant, max_shard_size=shards)
    assert (len(list((folder / "unet").glob("*.safetensors"))) > 1) == (shards == "200KB")
    assert same_weights(load_checkpoint(folder), random_checkpoint("tiny"))


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_a_pointer_in_the_place_of_weights_is_named(folder, part):
    (path,) = (folder / part).glob("*.safetensors")
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n")
    with pytest.raises(
        IncompatibleCheckpoint, match=f"{part}/{path.name} is a Git LFS pointer.*git lfs pull"
    ):
        load_checkpoint(folder)


def with_text_encoder(checkpoint, **changed):
    config = CLIPTextConfig(**{**checkpoint.text_encoder.config.to_dict(), **changed})
    return replace(checkpoint, text_encoder=CLIPTextModel(config))


def with_latents(checkpoint, channels):
    config = {**checkpoint.vae.config, "latent_channels": channels}
    return replace(checkpoint, vae=AutoencoderKL.from_config(config))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            lambda one: with_text_encoder(one, hidden_size=48),
            r"unet\.cross_attention_dim is 32 and text_encoder\.hidden_size is 48",
        ),
        (
            lambda one: with_text_encoder(one, vocab_size=8),
            r"tokenizer has \d+ tokens and text_encoder\.vocab_size is 8",
        ),
        (lambda one: with_latents(one, 8), r"unet\.out_channels is 4 and vae\.latent_channels is 8"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused_naming_both_numbers(tmp_path, changed, told):
    changed(random_checkpoint("tiny")).save(tmp_path / "mixed")
    with pytest.raises(IncompatibleCheckpoint, match=told):
        load_checkpoint(tmp_path / "mixed")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_weight_that_is_no_number_is_refused_by_its_name(tmp_path, value):
    checkpoint = random_checkpoint("tiny")
    with torch.no_grad():
        checkpoint.unet.conv_out.bias[0] = value
    checkpoint.save(tmp_path / "broken")
    with pytest.raises(
        IncompatibleCheckpoint, match=r"conv_out\.bias of unet is not finite; fetch unet again"
    ):
        load_checkpoint(tmp_path / "broken")


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("unet/config.json", "{", r"unet/config\.json cannot be read; fetch it again"),
        ("unet/config.json", POINTER, r"unet/config\.json is a Git LFS pointer"),
        ("unet/config.json", "[]", r"unet/config\.json is not a JSON object"),
        ("tokenizer/tokenizer.json", POINTER, r"tokenizer/tokenizer\.json is a Git LFS pointer"),
        ("tokenizer/tokenizer.json", "{}", r"tokenizer cannot be read .*; fetch it again"),
        ("scheduler/scheduler_config.json", "{}", r"scheduler_config\.json has no beta_start"),
        (
            "scheduler/scheduler_config.json",
            '{"beta_start": 0.1, "beta_end": 0.2, "trained_betas": [0.1]}',
            "trained_betas are given",
        ),
    ],
)
def test_a_broken_part_is_refused_by_its_name(folder, path, content, told):
    assert (folder / path).is_file()
    (folder / path).write_text(content)
    with pytest.raises(IncompatibleCheckpoint, match=told):
        load_checkpoint(folder)


def test_a_tokenizer_without_words_is_refused(folder):
    for path in (folder / "tokenizer").iterdir():
        path.unlink()
    with pytest.raises(IncompatibleCheckpoint, match=r"tokenizer has none of tokenizer\.json, vocab\.json"):
        load_checkpoint(folder)
