"""The CompVis layout, made here from diffusers modules by an inverse map of its own."""

import pickle
import re
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from langdesign_diffusion import IncompatibleCheckpoint, UnsafeCheckpoint
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.compvis import build_unet
from langdesign_diffusion.compvis_checkpoint import read_weights
from langdesign_diffusion.convert import main
from langdesign_diffusion.hyperparameters import Hyperparameters
from langdesign_diffusion.random_weights import random_checkpoint
from safetensors.torch import save_file

COMMAND = ["--heads", "2", "--text-heads", "2", "--groups", "8"]  # of the tiny size

RESIDUAL = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
OUTER = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


def unet_key(key: str, config) -> str:
    """diffusers -> CompVis, by counting blocks as CompVis' constructor does."""
    for ours, theirs in OUTER.items():
        if key.startswith(f"{ours}."):
            return key.replace(ours, theirs)
    kind, *path = key.split(".")
    if kind == "mid_block":
        part, number, *leaf = path
        place = 1 if part == "attentions" else 2 * int(number)
        return f"middle_block.{place}." + ".".join([RESIDUAL.get(leaf[0], leaf[0]), *leaf[1:]])
    level, part, number, *leaf = path
    layers = config.layers_per_block + 1
    if part == "downsamplers":
        return f"input_blocks.{(int(level) + 1) * layers}.0.op.{leaf[-1]}"
    if part == "upsamplers":
        place = 2 if "CrossAttn" in config.up_block_types[int(level)] else 1
        return f"output_blocks.{int(level) * layers + layers - 1}.{place}." + ".".join(leaf)
    side, first = ("input_blocks", 1) if kind == "down_blocks" else ("output_blocks", 0)
    place = 1 if part == "attentions" else 0
    renamed = RESIDUAL.get(leaf[0], leaf[0]) if part == "resnets" else leaf[0]
    return f"{side}.{int(level) * layers + first + int(number)}.{place}." + ".".join([renamed, *leaf[1:]])


def vae_key(key: str) -> str:
    for ours, theirs in {
        "mid_block.resnets.0": "mid.block_1", "mid_block.resnets.1": "mid.block_2",
        "mid_block.attentions.0": "mid.attn_1", "conv_norm_out": "norm_out", "conv_shortcut": "nin_shortcut",
        "group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out",
        "downsamplers.0": "downsample", "upsamplers.0": "upsample", "resnets": "block", "down_blocks": "down",
    }.items():  # fmt: skip
        key = key.replace(ours, theirs)
    for level in range(4):
        key = key.replace(f"up_blocks.{level}.", f"up.{3 - level}.")
    return key


def compvis(checkpoint) -> dict[str, torch.Tensor]:
    unet = checkpoint.unet
    weights = {f"model.diffusion_model.{unet_key(k, unet.config)}": v for k, v in unet.state_dict().items()}
    for key, value in checkpoint.vae.state_dict().items():
        linear = ".attentions." in key and value.ndim == 2
        weights[f"first_stage_model.{vae_key(key)}"] = value[..., None, None] if linear else value
    prefix = "cond_stage_model.transformer.text_model."
    weights |= {prefix + key: value for key, value in checkpoint.text_encoder.state_dict().items()}
    weights[f"{prefix}embeddings.position_ids"] = torch.arange(77)[None]
    weights["betas"] = torch.zeros(1000)
    return {key: value.contiguous() for key, value in weights.items()}


def test_the_layout_made_here_is_the_one_that_diffusers_reads(checkpoint):
    weights = compvis(checkpoint)
    unet = convert_ldm_unet_checkpoint(dict(weights), dict(checkpoint.unet.config))
    vae = convert_ldm_vae_checkpoint(dict(weights), dict(checkpoint.vae.config))
    assert unet.keys() == checkpoint.unet.state_dict().keys()
    assert vae.keys() == checkpoint.vae.state_dict().keys()


def test_the_shapes_of_stable_diffusion_are_read_from_its_weights():
    """On the meta device: every name and shape, and no memory."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(in_channels=8, cross_attention_dim=768, attention_head_dim=8)
        weights = {unet_key(key, unet.config): value for key, value in unet.state_dict().items()}
        theirs = convert_ldm_unet_checkpoint(
            {f"model.diffusion_model.{key}": value for key, value in weights.items()}, dict(unet.config)
        )
        ours = build_unet(weights, Hyperparameters())
    shapes = {key: value.shape for key, value in unet.state_dict().items()}
    assert {key: value.shape for key, value in theirs.items()} == shapes
    assert {key: value.shape for key, value in ours.state_dict().items()} == shapes


@pytest.fixture(scope="module")
def checkpoint():
    return random_checkpoint("tiny")


@pytest.fixture
def tokenizer(checkpoint, tmp_path):
    checkpoint.tokenizer.save_pretrained(tmp_path / "tokenizer")
    return ["--tokenizer", str(tmp_path / "tokenizer")]


@pytest.mark.parametrize("name", ["model.ckpt", "model.safetensors"])
def test_a_converted_checkpoint_is_the_one_that_it_was_made_from(checkpoint, tokenizer, tmp_path, name):
    weights = compvis(checkpoint)
    if name.endswith(".ckpt"):
        torch.save({"state_dict": weights, "global_step": 3, "epoch": 1}, tmp_path / name)
    else:
        save_file(weights, tmp_path / name)
    main([str(tmp_path / name), str(tmp_path / "out"), *tokenizer, *COMMAND])
    converted = load_checkpoint(tmp_path / "out")
    for part in ("unet", "vae", "text_encoder"):
        ours, theirs = getattr(converted, part).state_dict(), getattr(checkpoint, part).state_dict()
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)


@pytest.mark.parametrize("average", [True, False])
def test_the_moving_average_is_taken_unless_told_otherwise(checkpoint, tokenizer, tmp_path, average):
    weights = compvis(checkpoint)
    key = "model.diffusion_model.input_blocks.0.0.weight"
    weights["model_ema.diffusion_modelinput_blocks00weight"] = weights[key] + 1.0
    save_file(weights, tmp_path / "model.safetensors")
    flags = [] if average else ["--no-average"]
    main([str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND, *flags])
    first = load_checkpoint(tmp_path / "out").unet.conv_in.weight
    assert torch.allclose(first, weights[key] + float(average))


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_that_carries_code_is_refused_and_never_run(tmp_path, tokenizer, capsys):
    ran, bad = tmp_path / "ran", tmp_path / "bad.ckpt"
    torch.save({"state_dict": {"weight": torch.zeros(1)}, "callbacks": Malicious(str(ran))}, bad)
    with pytest.raises(UnsafeCheckpoint, match=r"bad\.ckpt carries code.*take a safetensors file"):
        read_weights(bad)
    assert main([str(bad), str(tmp_path / "out"), *tokenizer]) == 1
    assert "carries code" in capsys.readouterr().err
    assert not ran.exists()
    assert not (tmp_path / "out").exists()
    pickle.loads(pickle.dumps(Malicious(str(ran)))).close()  # the control: it would have run
    assert ran.exists()


@pytest.mark.parametrize(
    "name",
    [
        b"cpytorch_lightning.callbacks.model_checkpoint\nModelCheckpoint\n",
        b"cpytorch_lightning.utilities.parsing\nAttributeDict\n",
        b"clightning.pytorch.callbacks.early_stopping\nEarlyStopping\n",
        b"comegaconf.dictconfig\nDictConfig\n",
        b"cnumpy._core.multiarray\nscalar\n",
    ],
)
def test_a_class_that_trainers_name_in_their_checkpoints_is_no_code(tmp_path, name):
    path = tmp_path / "lightning.ckpt"
    torch.save({"state_dict": {"weight": torch.ones(2)}, "callbacks": "PLACE"}, path, pickle_protocol=2)
    spliced = splice(path, name)
    assert read_weights(spliced)["weight"].tolist() == [1.0, 1.0]


def splice(path, opcode: bytes):
    """Put a GLOBAL opcode in the place of the string PLACE in a torch file's pickle."""
    target = path.with_name("spliced.ckpt")
    place = b"X\x05\x00\x00\x00PLACE"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as out:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("data.pkl"):
                assert place in content
                content = content.replace(place, opcode)
            out.writestr(entry.filename, content)
    return target


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, checkpoint, tokenizer):
    with pytest.raises(IncompatibleCheckpoint, match="cannot be read; give a file that can"):
        read_weights(tmp_path / "absent.ckpt")
    weights = compvis(checkpoint)
    del weights["model.diffusion_model.out.0.bias"]
    save_file(weights, tmp_path / "model.safetensors")
    assert main([str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND]) == 1
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    assert main([str(tmp_path / "other.safetensors"), str(tmp_path / "out"), *tokenizer]) == 1


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@pytest.mark.parametrize("name", ["model.ckpt", "model.safetensors"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty; fetch it again"),
        (POINTER, "is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`"),
        (b"<!doctype html><title>Sign in</title>", "is a web page"),
        (b"no weights at all, but some text", "is no (whole )?checkpoint; fetch it again"),
        (b"PK\x03\x04 torn", "is no whole checkpoint; fetch it again"),
        (b"\xff" * 64, "is no (whole )?checkpoint; fetch it again"),
    ],
)
def test_a_broken_file_is_told_in_one_line_as_what_it_is(tmp_path, tokenizer, capsys, name, content, told):
    (tmp_path / name).write_bytes(content)
    assert main([str(tmp_path / name), str(tmp_path / "out"), *tokenizer]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(f"{re.escape(name)} {told}.*", line), line


@pytest.mark.parametrize(
    ("name", "extra", "metadata", "flags", "prediction"),
    [
        ("model.ckpt", ["v_pred"], None, [], "v_prediction"),
        ("model.safetensors", ["v_pred"], None, [], "v_prediction"),
        ("model.safetensors", ["v_pred"], None, ["--prediction", "epsilon"], "epsilon"),
        ("model.safetensors", [], {"modelspec.prediction_type": "v"}, [], "v_prediction"),
        ("model.safetensors", [], {"modelspec.prediction_type": "epsilon"}, [], "epsilon"),
        ("model.ckpt", [], None, ["--prediction", "v_prediction"], "v_prediction"),
    ],
)
def test_what_the_file_says_that_it_predicts_is_taken_and_told(
    checkpoint, tokenizer, tmp_path, capsys, name, extra, metadata, flags, prediction
):
    weights = compvis(checkpoint) | {key: torch.tensor([]) for key in extra}
    if name.endswith(".ckpt"):
        torch.save({"state_dict": weights}, tmp_path / name)
    else:
        save_file(weights, tmp_path / name, metadata)
    assert main([str(tmp_path / name), str(tmp_path / "out"), *tokenizer, *COMMAND, *flags]) == 0
    assert load_checkpoint(tmp_path / "out").noise.prediction == prediction
    assert f"predicts {'v' if prediction == 'v_prediction' else 'the noise'}," in capsys.readouterr().out


def test_a_schedule_that_ends_in_noise_alone_is_refused(checkpoint, tokenizer, tmp_path, capsys):
    save_file(compvis(checkpoint) | {"ztsnr": torch.tensor([])}, tmp_path / "model.safetensors")
    assert main([str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND]) == 1
    assert "use a model trained without it" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_text_encoder_of_older_transformers_converts(checkpoint, tokenizer, tmp_path):
    older = {key.replace(".text_model.", "."): value for key, value in compvis(checkpoint).items()}
    save_file(older, tmp_path / "model.safetensors")
    assert main([str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND]) == 0
    converted = load_checkpoint(tmp_path / "out").text_encoder.state_dict()
    theirs = checkpoint.text_encoder.state_dict()
    assert all(torch.equal(value, converted[key]) for key, value in theirs.items())


@pytest.mark.parametrize(
    ("prefix", "layout"),
    [
        ("cond_stage_model.model.", "Stable Diffusion 2, whose text encoder is OpenCLIP"),
        ("conditioner.embedders.0.transformer.", "Stable Diffusion XL"),
        ("anything.else.", "this is not a whole CompVis checkpoint"),
    ],
)
def test_another_layout_is_named(checkpoint, tokenizer, tmp_path, capsys, prefix, layout):
    start = "cond_stage_model.transformer.text_model."
    other = {key.replace(start, prefix): value for key, value in compvis(checkpoint).items()}
    save_file(other, tmp_path / "model.safetensors")
    assert main([str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND]) == 1
    assert layout in capsys.readouterr().err


def test_a_folder_that_is_there_is_not_written_into(tmp_path, tokenizer, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    assert main([str(tmp_path / "model.ckpt"), str(tmp_path / "out"), *tokenizer]) == 1
    assert "out is there already; name a new folder" in capsys.readouterr().err


def test_help_needs_neither_torch_nor_diffusers():
    code = (
        "import sys; from langdesign_diffusion.convert import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(sorted({'torch', 'diffusers'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--tokenizer" in said.stdout
    assert said.stdout.splitlines()[-1] == "[]"


def test_both_converters_are_registered():
    assert {entry.name for entry in entry_points(group="langdesign.convert")} >= {"rela", "compvis"}


@pytest.mark.parametrize(
    ("change", "flags", "told"),
    [
        ({"model.diffusion_model.strange": torch.zeros(1)}, [], "has unknown weights: 1, the first strange"),
        ({}, ["--groups", "7"], "check --heads, --text-heads and --groups"),
        ({}, ["--tokenizer", "absent"], "there is no folder absent"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(checkpoint, tokenizer, tmp_path, capsys, change, flags, told):
    save_file(compvis(checkpoint) | change, tmp_path / "model.safetensors")
    given = [str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND, *flags]
    assert main(given) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_numbers_of_numpy_beside_the_weights_are_no_code(tmp_path):
    content = {"state_dict": {"weight": torch.ones(2)}, "loss": np.float64(1.5), "best": np.array([1, 2])}
    torch.save(content, tmp_path / "model.ckpt")
    assert read_weights(tmp_path / "model.ckpt")["weight"].tolist() == [1.0, 1.0]


def test_a_program_of_torchscript_is_refused_as_one(tmp_path):
    torch.save({"state_dict": {"weight": torch.ones(2)}}, tmp_path / "model.ckpt")
    with zipfile.ZipFile(tmp_path / "model.ckpt", "a") as archive:
        archive.writestr("model/constants.pkl", b"")  # what torch knows its programs by
    with pytest.raises(UnsafeCheckpoint, match="is a TorchScript archive"):
        read_weights(tmp_path / "model.ckpt")
