"""From a checkpoint folder to a running engine."""

from pathlib import Path

import torch

from langdesign_diffusion.editor import Editor
from langdesign_diffusion.engine.cuda import accelerate
from langdesign_diffusion.engine.engine import Engine
from langdesign_diffusion.engine.options import EngineOptions


def start_engine(folder: str | Path, device: str = "cpu", options: EngineOptions | None = None) -> Engine:
    """Load a diffusers folder and start an engine; it is warm when this returns.

    Raises:
        CheckpointError: the folder cannot be used.
        EngineError: the device lacks what the engine needs.

    """
    return engine_over(Editor.load(folder, device=device), options)


def engine_over(editor: Editor, options: EngineOptions | None = None) -> Engine:
    """Start an engine over an editor, compiled and captured first where it is on CUDA."""
    options = options or EngineOptions()
    device = editor.checkpoint.device
    if device.type != "cuda":
        return Engine(editor, options)
    accelerate(editor, options.resolutions, options.row_buckets, options.compile_cache)
    return Engine(editor, options, synchronize=lambda: torch.cuda.synchronize(device))
