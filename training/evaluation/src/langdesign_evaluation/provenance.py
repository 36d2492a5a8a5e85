"""What was judged, with what, and where."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from pathlib import Path

import torch

_CARDS = {".md"}  # a card may be rewritten; the model stays what it is


def identity(folder: Path) -> str:
    """Return `name@sha256:...`: the folder's name and a digest over all its files but model cards.

    The digest is the SHA-256 of a line per file, `path NUL hexadecimal SHA-256`, sorted by path.

    It says what a result depends on, for models of every kind: of an editor the advice on its sampling too,
    which `langdesign_diffusion.fingerprint` leaves out, as that names the networks alone. A version, which
    holds several models, has a third digest, that of its manifest (`langdesign_registry.artifact`).
    """
    listing = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in _CARDS):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        listing.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return f"{folder.resolve().name}@sha256:{listing.hexdigest()}"


def machine(device: torch.device) -> Mapping[str, str]:
    """Return what the bench ran on: processor, cores, accelerator and versions."""
    accelerator = torch.cuda.get_device_name(device) if device.type == "cuda" else "none"
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "threads": str(torch.get_num_threads()),
        "accelerator": accelerator,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
