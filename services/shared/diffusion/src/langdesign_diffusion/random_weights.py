"""Models with random weights of true shapes, for tests, benchmarks and the start of a training.

`python -m langdesign_diffusion.random_weights --size tiny|mini|sd15 OUT` writes a diffusers folder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, get_args

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from tokenizers import pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from langdesign_diffusion.checkpoint import EDITOR_CHANNELS, PIPELINES, Checkpoint
from langdesign_diffusion.samplers import NoiseSchedule

Size = Literal["tiny", "mini", "sd15"]

_START, _END = "<|startoftext|>", "<|endoftext|>"
_CONTEXT = 77


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The shapes of one size."""

    unet_channels: tuple[int, ...]
    unet_attention: tuple[bool, ...]  # per level: with cross-attention
    unet_layers: int  # residual layers per block
    heads: int
    vae_channels: tuple[int, ...]
    vae_layers: int
    groups: int  # of the group norms
    text_width: int
    text_layers: int
    text_heads: int
    vocabulary: int | None  # None: the tokenizer's own


_SHAPES: dict[Size, _Shapes] = {
    "tiny": _Shapes((16, 32), (True, True), 1, 2, (8, 8, 16, 16), 1, 8, 32, 1, 2, None),
    "mini": _Shapes((48, 96, 128), (True, True, True), 1, 4, (24, 48, 64, 88), 1, 8, 192, 4, 4, None),
    # InstructPix2Pix's own: Stable Diffusion 1.5 with CLIP ViT-L/14's text encoder.
    "sd15": _Shapes(
        (320, 640, 1280, 1280),
        (True, True, True, False),
        2,
        8,
        (128, 256, 512, 512),
        2,
        32,
        768,
        12,
        12,
        49408,
    ),
}


def random_checkpoint(size: Size, *, seed: int = 0, in_channels: int = EDITOR_CHANNELS) -> Checkpoint:
    """Make a model in memory, float32 on the CPU; `in_channels` as in `PIPELINES`."""
    shapes = _SHAPES[size]
    tokenizer = make_tokenizer(_corpus())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        checkpoint = Checkpoint(
            unet=_unet(shapes, in_channels),
            vae=_vae(shapes),
            text_encoder=_text_encoder(shapes, tokenizer),
            tokenizer=tokenizer,
            noise=NoiseSchedule(),
        )
    return checkpoint.placed("cpu", torch.float32)


def make_tokenizer(corpus: Iterable[str], *, vocabulary: int = 2048) -> CLIPTokenizer:
    """Train a byte-level BPE tokenizer in CLIP's format on lines of text.

    Every byte is in the vocabulary, so that no text is unknown.
    """
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    singles = letters + [f"{letter}</w>" for letter in letters]
    learner = _clip_tokenizer([*singles, _START, _END], []).backend_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(letters),
        min_frequency=2,
        initial_alphabet=letters,
        end_of_word_suffix="</w>",
        special_tokens=[_START, _END],
        show_progress=False,
    )
    learner.train_from_iterator(corpus, trainer)
    merges = [(left, right) for left, right in json.loads(learner.to_str())["model"]["merges"]]
    merged = dict.fromkeys(left + right for left, right in merges)
    return _clip_tokenizer([*singles, *merged, _START, _END], merges)


def _clip_tokenizer(tokens: list[str], merges: list[tuple[str, str]]) -> CLIPTokenizer:
    vocabulary = {token: index for index, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=_CONTEXT)


def _corpus() -> list[str]:
    data = resources.files("langdesign_diffusion").joinpath("data/tokenizer_corpus.txt")
    return data.read_text("utf-8").splitlines()


def _unet(shapes: _Shapes, in_channels: int) -> UNet2DConditionModel:
    with_attention = shapes.unet_attention
    return UNet2DConditionModel(
        in_channels=in_channels,
        out_channels=4,
        sample_size=64,  # diffusers' inpainting pipeline wants one; no layer's shape hangs on it
        block_out_channels=shapes.unet_channels,
        layers_per_block=shapes.unet_layers,
        down_block_types=["CrossAttnDownBlock2D" if level else "DownBlock2D" for level in with_attention],
        up_block_types=["CrossAttnUpBlock2D" if level else "UpBlock2D" for level in with_attention[::-1]],
        cross_attention_dim=shapes.text_width,
        attention_head_dim=shapes.heads,  # diffusers' name; for SD 1.x it counts heads
        norm_num_groups=shapes.groups,
    )


def _vae(shapes: _Shapes) -> AutoencoderKL:
    levels = len(shapes.vae_channels)
    return AutoencoderKL(
        block_out_channels=shapes.vae_channels,
        layers_per_block=shapes.vae_layers,
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        latent_channels=4,
        norm_num_groups=shapes.groups,
        scaling_factor=0.18215,
    )


def _text_encoder(shapes: _Shapes, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=shapes.vocabulary or len(tokenizer),
            hidden_size=shapes.text_width,
            intermediate_size=4 * shapes.text_width,
            num_hidden_layers=shapes.text_layers,
            num_attention_heads=shapes.text_heads,
            max_position_embeddings=_CONTEXT,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a diffusers folder with random weights."""
    parser = argparse.ArgumentParser(prog="langdesign_diffusion.random_weights", description=main.__doc__)
    parser.add_argument("--size", choices=get_args(Size), required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--channels", type=int, choices=tuple(PIPELINES), default=EDITOR_CHANNELS)
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args(arguments)
    random_checkpoint(chosen.size, seed=chosen.seed, in_channels=chosen.channels).save(chosen.out)


if __name__ == "__main__":
    main()
