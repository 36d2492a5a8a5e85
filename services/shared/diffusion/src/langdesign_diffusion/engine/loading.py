"""From a checkpoint folder to a running engine."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from langdesign_diffusion.editor import Editor
from langdesign_diffusion.engine.cuda import accelerate
from langdesign_diffusion.engine.engine import Engine
from langdesign_diffusion.engine.options import EngineOptions


def start_engine(
    folder: str | Path,
    device: str = "cpu",
    options: EngineOptions | None = None,
    *,
    name: str = "",
    on_death: Callable[[], None] = lambda: None,
) -> Engine:
    """Load a diffusers folder and start an engine; it is warm when this returns.

    Results call the checkpoint `name`, or by its folder's name where that is empty. `on_death` is called if
    the engine's worker ends by an error, see `Engine`.

    Raises:
        CheckpointError: the folder cannot be used.
        EngineError: the device lacks what the engine needs.

    """
    return engine_over(Editor.load(folder, device=device, name=name), options, on_death=on_death)


def engine_over(
    editor: Editor, options: EngineOptions | None = None, *, on_death: Callable[[], None] = lambda: None
) -> Engine:
    """Start an engine over an editor, compiled and captured first where it is on CUDA."""
    options = options or EngineOptions()
    if editor.checkpoint.device.type == "cuda":
        accelerate(editor, options)
    return Engine(editor, options, synchronize=synchronizer(editor), on_death=on_death)


def synchronizer(editor: Editor) -> Callable[[], None]:
    """Return what waits for the editor's device; on a CPU there is nothing to wait for."""
    device = editor.checkpoint.device
    return partial(torch.cuda.synchronize, device) if device.type == "cuda" else lambda: None
