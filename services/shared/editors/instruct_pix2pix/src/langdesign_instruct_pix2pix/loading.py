"""From a checkpoint folder to an editor that is ready to serve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from langdesign_diffusion.checkpoint import load_checkpoint
from langdesign_diffusion.cuda import accelerate
from langdesign_diffusion.serving import to_serve
from langdesign_engine import EngineOptions

from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.parameters import EditParameters, RegionParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest


def load_editor(folder: Path, *, device: str, name: str, options: EngineOptions) -> Editor:
    """Load a diffusers folder to serve with; on CUDA it is compiled and captured for the options' shapes.

    Raises:
        CheckpointError: the folder cannot be used.
        UnsupportedDevice: the device lacks what the networks need.

    """
    editor = Editor(to_serve(load_checkpoint(folder, name=name), device, options.precision))
    if editor.checkpoint.device.type == "cuda":
        make_ready(editor, options)
    return editor


def make_ready(editor: Editor, options: EngineOptions) -> None:
    """Accelerate an editor on CUDA for the resolutions and row buckets of the options.

    Raises:
        UnsupportedDevice: this device lacks a memory-efficient attention kernel.

    """
    accelerate(
        editor,
        warming(options.resolutions),
        options.row_buckets,
        compiled=options.compile,
        cache=options.compile_cache,
    )


def warming(resolutions: Sequence[tuple[int, int]]) -> Iterator[Pix2PixRequest]:
    """Yield requests of one step for each resolution (height, width): of no region, of one, of two.

    The two have instructions of their own; edits of more run as they are.
    """
    parameters = EditParameters("warm up", steps=1)
    two = EditParameters("", steps=1, regions=(RegionParameters("warm"), RegionParameters("up")))
    for height, width in resolutions:
        image, whole = np.zeros((height, width, 3), np.uint8), np.full((2, height, width), 255, np.uint8)
        for masks in (None, whole[:1]):
            yield Pix2PixRequest(image, masks, parameters)
        yield Pix2PixRequest(image, whole, two)
