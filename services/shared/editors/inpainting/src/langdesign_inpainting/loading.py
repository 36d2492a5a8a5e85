"""From a checkpoint folder to an editor that is ready to serve."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.cuda import accelerated
from langdesign_diffusion.serving import to_serve
from langdesign_engine import EngineOptions

from langdesign_inpainting.editor import Editor
from langdesign_inpainting.parameters import InpaintParameters
from langdesign_inpainting.state import InpaintRequest


def load_editor(folder: Path, *, device: str, name: str, options: EngineOptions) -> Editor:
    """Load a diffusers folder to serve with; on CUDA it is compiled and captured for the options' shapes.

    Raises:
        CheckpointError: the folder cannot be used.
        UnsupportedDevice: the device lacks what the networks need.

    """
    editor = Editor(to_serve(load_checkpoint(folder, name=name), device, options.precision))
    if editor.checkpoint.device.type == "cuda":
        with accelerated(
            editor.checkpoint, editor.predict, compiled=options.compile, cache=options.compile_cache
        ) as editor.denoiser:
            warm_up(editor, options.resolutions, options.row_buckets)
    return editor


def warm_up(editor: Editor, resolutions: Sequence[tuple[int, int]], row_buckets: Sequence[int]) -> None:
    """Run every phase once for each resolution and row bucket."""
    parameters = InpaintParameters("warm up", steps=1)
    for height, width in resolutions:
        image, whole = np.zeros((height, width, 3), np.uint8), np.full((1, height, width), 255, np.uint8)
        for rows in row_buckets:
            state = editor.prepare(InpaintRequest(image, whole, parameters))
            editor.denoise_step([state], pad_rows_to=rows)
            editor.finish(state)
