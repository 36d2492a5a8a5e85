"""Which checkpoints a local run serves: given, registered (by `registered`), embedded, or random."""

import asyncio
import importlib.util
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langdesign_command.errors import StartError
from langdesign_command.local.guard import start_guarded

RANDOM_NOTICE = "random weights: the pictures will be noise"
"""What is said wherever random weights serve."""

EMBEDDED = Path("deploy/models/mini")
"""Folder of the embedded weights, below the checkout's root."""

WRITERS: Mapping[str, str] = {
    "edit": "langdesign_diffusion.random_weights",
    "segment": "langdesign_rela.random_weights",
}
"""Module that writes random weights, by the name of Triton's model."""

_ADVICE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "segmentation": (
        "segment",
        {"SEGMENTATION_THRESHOLDS": "thresholds.json", "SEGMENTATION_CONFIG": "config.json"},
    ),
    "editing": ("edit", {"EDITING_SAMPLING": "sampling.json"}),
}
"""By service: Triton's model, and by the service's variable the file of the checkpoint that it names."""


@dataclass(frozen=True)
class Weights:
    """The checkpoints that a local run serves."""

    # Folder by the name of Triton's model (`edit`, `segment`).
    folders: Mapping[str, Path]
    # Whether their weights are random.
    random: bool
    # `MODEL@VERSION` where they are a registered version.
    version: str = ""
    # Variables by which the model server checks what it loads.
    demands: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point Triton's models at their folders, and what they are to be checked for."""
        folders = {f"{name.upper()}_MODEL_DIR": str(folder) for name, folder in self.folders.items()}
        return {**folders, **self.demands}

    def advice(self, service: str) -> dict[str, str]:
        """Return a service's variables for what its checkpoint tells, where it tells anything."""
        model, files = _ADVICE.get(service, ("", {}))
        folder = self.folders.get(model)
        if folder is None:
            return {}
        paths = {variable: folder / name for variable, name in files.items()}
        told = {variable: str(path) for variable, path in paths.items() if path.is_file()}
        if service == "editing" and (working := working_size(folder)):
            told["EDITING_WORKING_SIZE"] = str(working)
        return told


def working_size(folder: Path) -> int | None:
    """Return the side, in pixels, that a diffusers checkpoint was trained on, by its own configuration.

    None where `sampling.json` advises one, which is better informed, or the configuration does not tell.
    """
    if _json(folder / "sampling.json").get("working_size"):
        return None
    latents = _json(folder / "unet/config.json").get("sample_size")
    levels = _json(folder / "vae/config.json").get("block_out_channels")
    if not isinstance(latents, int) or not isinstance(levels, list):
        return None
    return int(latents * 2 ** (len(levels) - 1))


def _json(path: Path) -> dict[str, Any]:
    """Return a file's JSON object; an empty one where there is none, whose reader tells what is wrong."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def find_weights(models: list[str], given: Path | None, root: Path) -> Weights | None:
    """Return the checkpoints for Triton's `models`; None where they have to be made.

    Raises:
        StartError: the given folder lacks one.

    """
    if given is None:
        folder = root / EMBEDDED
        return _in_folder(models, folder) if _missing(models, folder) == [] else None
    if missing := _missing(models, given):
        raise StartError(
            f"No {' and no '.join(missing)} checkpoint in {given}",
            hint=f"put it in {given / missing[0]}, or leave --models out",
        )
    return _in_folder(models, given)


async def make_random_weights(models: list[str], data: Path, tell: Callable[[str], None]) -> Weights:
    """Write random tiny checkpoints below `data`, once, and return them.

    Raises:
        StartError: the package that writes them is not installed, or fails.

    """
    folder = data / "models" / "random-tiny"
    for name in _missing(models, folder):
        tell(f"writing random tiny weights for {name} to {folder / name}")
        await _write(WRITERS[name], folder / name)
    return Weights({name: (folder / name).resolve() for name in models}, random=True)


async def _write(module: str, out: Path) -> None:
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        raise StartError(f"{module} is not installed", hint="run `make setup`, or give --models DIR")
    out.parent.mkdir(parents=True, exist_ok=True)
    # Renamed when whole, so that an interrupted run leaves nothing that looks finished.
    unfinished = out.with_name(f"{out.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    process = await start_guarded([sys.executable, "-m", module, "--size", "tiny", str(unfinished)])
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        last = (said.decode(errors="replace").strip().splitlines() or ["no output"])[-1]
        raise StartError(f"{module} failed: {last}", hint="run `make setup`, or give --models DIR")
    unfinished.rename(out)


def _missing(models: list[str], folder: Path) -> list[str]:
    return [name for name in models if not (folder / name).is_dir()]


def _in_folder(models: list[str], folder: Path) -> Weights:
    return Weights({name: (folder / name).resolve() for name in models}, random=False)
