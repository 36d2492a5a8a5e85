"""From a checkpoint folder to an editor that is ready to serve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.cuda import accelerate
from langdesign_diffusion.parameters import RegionParameters
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
        accelerate(
            editor,
            warming(options.resolutions),
            options.row_buckets,
            compiled=options.compile,
            cache=options.compile_cache,
        )
    return editor


def warming(resolutions: Sequence[tuple[int, int]]) -> Iterator[InpaintRequest]:
    """Yield requests of one step for each resolution (height, width): of one instruction and of two."""
    one = InpaintParameters("warm up", steps=1)
    two = InpaintParameters("", steps=1, regions=(RegionParameters("warm"), RegionParameters("up")))
    for height, width in resolutions:
        image, whole = np.zeros((height, width, 3), np.uint8), np.full((2, height, width), 255, np.uint8)
        yield InpaintRequest(image, whole[:1], one)
        yield InpaintRequest(image, whole, two)
