"""The CompVis layout, made here from diffusers modules by an inverse map of its own."""

import pickle

import numpy as np
import pytest
import torch
from langdesign_diffusion import EditParameters, IncompatibleCheckpoint, UnsafeCheckpoint
from langdesign_diffusion.convert import main, read_weights
from langdesign_diffusion.editor import Editor
from langdesign_diffusion.random_weights import random_checkpoint
from safetensors.torch import save_file

LAYERS, LEVELS = 1, 2  # of the tiny UNet
COMMAND = ["--heads", "2", "--text-heads", "2", "--groups", "8"]


def unet_key(key: str) -> str:
    """diffusers -> CompVis, by counting blocks as CompVis' constructor does."""
    numbers = [int(part) for part in key.split(".") if part.isdigit()]
    leaf = key
    for ours, theirs in {
        "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
        "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
    }.items():  # fmt: skip
        if ".resnets." in key:
            leaf = leaf.replace(f".{ours}.", f".{theirs}.")
    if key.startswith("time_embedding."):
        return key.replace("time_embedding.linear_1", "time_embed.0").replace(
            "time_embedding.linear_2", "time_embed.2"
        )
    for ours, theirs in {
        "conv_in": "input_blocks.0.0",
        "conv_norm_out": "out.0",
        "conv_out": "out.2",
    }.items():
        if key.startswith(f"{ours}."):
            return key.replace(ours, theirs)
    if key.startswith("mid_block."):
        place = 1 if ".attentions." in key else 2 * numbers[0]
        return f"middle_block.{place}." + leaf.split(".", 3)[3]
    block = numbers[0] * (LAYERS + 1)
    if ".downsamplers." in key:
        return f"input_blocks.{block + LAYERS + 1}.0.op." + key.rsplit(".", 1)[1]
    if ".upsamplers." in key:
        return f"output_blocks.{block + LAYERS}.2." + leaf.split(".", 4)[4]
    side, first = ("input_blocks", 1) if key.startswith("down_blocks.") else ("output_blocks", 0)
    place = 1 if ".attentions." in key else 0
    return f"{side}.{block + first + numbers[1]}.{place}." + leaf.split(".", 4)[4]


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
    weights = {f"model.diffusion_model.{unet_key(k)}": v for k, v in checkpoint.unet.state_dict().items()}
    for key, value in checkpoint.vae.state_dict().items():
        linear = ".attentions." in key and value.ndim == 2
        weights[f"first_stage_model.{vae_key(key)}"] = value[..., None, None] if linear else value
    prefix = "cond_stage_model.transformer.text_model."
    weights |= {prefix + key: value for key, value in checkpoint.text_encoder.state_dict().items()}
    weights[f"{prefix}embeddings.position_ids"] = torch.arange(77)[None]
    weights["betas"] = torch.zeros(1000)
    return {key: value.contiguous() for key, value in weights.items()}


@pytest.fixture(scope="module")
def checkpoint():
    return random_checkpoint("tiny")


@pytest.fixture
def tokenizer(checkpoint, tmp_path):
    checkpoint.tokenizer.save_pretrained(tmp_path / "tokenizer")
    return ["--tokenizer", str(tmp_path / "tokenizer")]


@pytest.mark.parametrize("name", ["model.ckpt", "model.safetensors"])
def test_a_converted_checkpoint_edits_as_the_one_that_it_was_made_from(
    editor, image, checkpoint, tokenizer, tmp_path, name
):
    weights = compvis(checkpoint)
    if name.endswith(".ckpt"):
        torch.save({"state_dict": weights, "global_step": 3, "epoch": 1}, tmp_path / name)
    else:
        save_file(weights, tmp_path / name)
    main([str(tmp_path / name), str(tmp_path / "out"), *tokenizer, *COMMAND])
    parameters = EditParameters("make the chair red", steps=2)
    converted = Editor.load(tmp_path / "out").edit(image, None, parameters).image
    assert np.array_equal(converted, editor.edit(image, None, parameters).image)


@pytest.mark.parametrize("average", [True, False])
def test_the_moving_average_is_taken_unless_told_otherwise(checkpoint, tokenizer, tmp_path, average):
    weights = compvis(checkpoint)
    key = "model.diffusion_model.input_blocks.0.0.weight"
    weights["model_ema.diffusion_modelinput_blocks00weight"] = weights[key] + 1.0
    save_file(weights, tmp_path / "model.safetensors")
    flags = [] if average else ["--no-average"]
    main([str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND, *flags])
    first = Editor.load(tmp_path / "out").checkpoint.unet.conv_in.weight
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
    with pytest.raises(SystemExit) as stopped:
        main([str(bad), str(tmp_path / "out"), *tokenizer])
    assert stopped.value.code == 1
    assert "carries code" in capsys.readouterr().err
    assert not ran.exists()
    assert not (tmp_path / "out").exists()
    pickle.loads(pickle.dumps(Malicious(str(ran)))).close()  # the control: it would have run
    assert ran.exists()


def test_the_class_that_lightning_names_in_its_checkpoints_is_no_code(tmp_path):
    name = b"cpytorch_lightning.callbacks.model_checkpoint\nModelCheckpoint\n"
    path = tmp_path / "lightning.ckpt"
    torch.save({"state_dict": {"weight": torch.ones(2)}, "callbacks": "PLACE"}, path, pickle_protocol=2)
    spliced = splice(path, name)
    assert read_weights(spliced)["weight"].tolist() == [1.0, 1.0]


def splice(path, opcode: bytes):
    """Put a GLOBAL opcode in the place of the string PLACE in a torch file's pickle."""
    import zipfile

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
    with pytest.raises(IncompatibleCheckpoint, match="fetch it again"):
        read_weights(tmp_path / "absent.ckpt")
    weights = compvis(checkpoint)
    del weights["model.diffusion_model.out.0.bias"]
    save_file(weights, tmp_path / "model.safetensors")
    with pytest.raises(SystemExit):
        main([str(tmp_path / "model.safetensors"), str(tmp_path / "out"), *tokenizer, *COMMAND])
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(SystemExit):
        main([str(tmp_path / "other.safetensors"), str(tmp_path / "out"), *tokenizer])
