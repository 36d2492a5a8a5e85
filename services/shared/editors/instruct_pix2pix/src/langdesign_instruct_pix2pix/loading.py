"""From a checkpoint folder to an editor that is ready to serve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.cuda import CapturedDenoiser, accelerated
from langdesign_diffusion.serving import to_serve
from langdesign_engine import EngineOptions

from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.parameters import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest


def load_editor(folder: Path, *, device: str, name: str, options: EngineOptions) -> Editor:
    """Load a diffusers folder to serve with; on CUDA it is compiled and captured for the options' shapes.

    Raises:
        CheckpointError: the folder cannot be used.
        UnsupportedDevice: the device lacks what the networks need.

    """
    editor = Editor(to_serve(load_checkpoint(folder, name=name), device, options.precision))
    if editor.checkpoint.device.type == "cuda":
        accelerate(editor, options)
    return editor


def accelerate(editor: Editor, options: EngineOptions) -> CapturedDenoiser:
    """Give an editor on CUDA a denoiser that is compiled and captured for every shape, before it serves.

    Args:
        editor: in bfloat16, on a CUDA device.
        options: the resolutions and row buckets to be ready for. The compile cache is trusted like code.

    Raises:
        UnsupportedDevice: this device lacks a memory-efficient attention kernel.

    """
    with accelerated(
        editor.checkpoint, editor.predict, compiled=options.compile, cache=options.compile_cache
    ) as denoiser:
        editor.denoiser = denoiser
        warm_up(editor, options.resolutions, options.row_buckets)
    return denoiser


def warm_up(editor: Editor, resolutions: Sequence[tuple[int, int]], row_buckets: Sequence[int]) -> None:
    """Run every phase once for each resolution, row bucket, and both with and without a region."""
    parameters = EditParameters("warm up", steps=1)
    for height, width in resolutions:
        image = np.zeros((height, width, 3), np.uint8)
        whole = np.full((1, height, width), 255, np.uint8)
        for masks in (None, whole):
            for rows in row_buckets:
                state = editor.prepare(Pix2PixRequest(image, masks, parameters))
                editor.denoise_step([state], pad_rows_to=rows)
                editor.finish(state)
