"""A family that was laid out for use, laid out again as trainings, so that others can start from it.

What a training may go on from gets another name, under which no training writes: `segment-before`,
`generate-before` and `edit-before`. Links between the models become files.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from .cards import ADOPTED
from .disk import writing
from .drafts import drafted
from .errors import RecipeError

PLACES: Mapping[str, str] = {
    "vae": "edit/vae",
    "clip": "clip",
    "dino": "dino",
    "segment-before": "segment",
    "generate-before": "generate",
    "edit-before": "edit",
}
"""Training -> its model's folder in an exported family."""


def adopt(models: Path, family: Path) -> dict[str, str]:
    """Copy an exported family's models to where trainings look for them.

    Args:
        models: exported family, such as deploy/models/mini; models that it lacks are left out.
        family: where the family's trainings are; a model that was adopted before is replaced.

    Returns:
        What each training now stands for, "name@sha256:...".

    Raises:
        RecipeError: the folder holds none of the models, or a training that took place here is in the way.
        StorageError: a model cannot be written; what was there before is kept.

    """
    found = {name: models / place for name, place in PLACES.items() if (models / place).is_dir()}
    if not found:
        raise RecipeError(f"{models} holds none of {', '.join(PLACES.values())}; give an exported family")
    for name in found:
        _check_free(family / name)
    return {name: _adopt_model(source, family / name) for name, source in found.items()}


def _check_free(training: Path) -> None:
    if training.exists() and not (training / ADOPTED).is_file():
        raise RecipeError(f"{training} is a training of its own; adopt into another folder, or move it away")


def _adopt_model(source: Path, training: Path) -> str:
    with writing(str(training)), drafted(training) as draft:
        shutil.copytree(source, draft / "model", symlinks=False)
        identity = f"{source.name}@sha256:{_digest(draft / 'model')}"
        (draft / ADOPTED).write_text(json.dumps({"from": identity}) + "\n", "utf-8")
    return identity


def _digest(folder: Path) -> str:
    """Return the SHA-256 over paths and contents, hexadecimal."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
