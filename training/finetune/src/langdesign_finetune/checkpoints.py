"""A training's state on disk: safetensors and JSON, written whole or not at all.

FOLDER/checkpoints/step-00001200/weights.safetensors     of the trained module
                                 average.safetensors     their moving average
                                 optimizer.safetensors   "<parameter's position>.<name>"
                                 random.safetensors      torch's generator on the CPU
                                 state.json              step, samples, seconds, recipe
                                 unlogged.json           losses of the steps since the log's last line
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .averaging import Average
from .disk import writing
from .drafts import clear_drafts, drafted
from .errors import ResumeError

_UNLOGGED = "unlogged.json"
_KEPT = 2  # checkpoints; an older one serves where the newest turns out damaged


@dataclass
class Progress:
    """How far a training is."""

    step: int = 0  # optimizer steps done
    samples: int = 0  # seen
    seconds: float = 0.0  # spent, over all runs
    skipped: int = 0  # steps whose gradient was not finite
    recipe: str = ""  # digest of what is being trained


@dataclass(frozen=True)
class Training:
    """What a checkpoint holds, live."""

    module: nn.Module
    average: Average
    optimizer: torch.optim.Optimizer
    progress: Progress
    unlogged: list[dict[str, float]] = field(default_factory=list)  # losses since the log's last line


def save(training: Training, folder: Path) -> Path:
    """Write a checkpoint below a training's folder and drop those older than the last two.

    Raises:
        StorageError: it cannot be written; those before are kept.

    """
    place = folder / "checkpoints" / f"step-{training.progress.step:08d}"
    with writing(f"The checkpoint {place}"), drafted(place) as draft:
        _write(draft / "weights.safetensors", training.module.state_dict())
        _write(draft / "average.safetensors", training.average.state())
        _write(draft / "optimizer.safetensors", dict(_optimizer_tensors(training.optimizer)))
        _write(draft / "random.safetensors", {"cpu": torch.get_rng_state()})
        (draft / "state.json").write_text(json.dumps(asdict(training.progress), indent=2) + "\n", "utf-8")
        (draft / _UNLOGGED).write_text(json.dumps(training.unlogged) + "\n", "utf-8")
    for old in saved(folder)[:-_KEPT]:
        shutil.rmtree(old)
    return place


def saved(folder: Path) -> list[Path]:
    """Return a training's checkpoints, the oldest first."""
    return sorted((folder / "checkpoints").glob("step-*"))


def resume(training: Training, folder: Path) -> bool:
    """Continue from the newest whole checkpoint, if there is one; return whether there was.

    Raises:
        ResumeError: the folder is of another recipe, or holds checkpoints of which none can be read.

    """
    places = saved(folder)[::-1]
    for place in places:
        try:
            files = {path.stem: load_file(path) for path in place.glob("*.safetensors")}
            state = Progress(**json.loads((place / "state.json").read_text("utf-8")))
            unlogged = _unlogged(place)
        except (OSError, ValueError, TypeError, SafetensorError):
            continue
        _check_recipe(state, training.progress, folder)
        _restore(training, files, state, place)
        training.unlogged[:] = unlogged
        return True
    if places:
        raise ResumeError(f"No checkpoint in {folder} can be read; remove its checkpoints folder")
    return False


def clear(folder: Path) -> None:
    """Remove what killed runs of a training left half written, its checkpoints' and its model's."""
    clear_drafts(folder / "checkpoints", "step-*")
    clear_drafts(folder, "model")


def _check_recipe(state: Progress, wanted: Progress, folder: Path) -> None:
    if state.recipe != wanted.recipe:
        raise ResumeError(
            f"{folder} was trained by recipe {state.recipe or '(none)'}, which is not {wanted.recipe}; "
            "train into another folder, or with the recipe it was begun with"
        )


def _restore(
    training: Training, files: Mapping[str, dict[str, Tensor]], state: Progress, place: Path
) -> None:
    try:
        training.module.load_state_dict(files["weights"])
        training.average.load(files["average"])
        _load_optimizer(training.optimizer, files["optimizer"])
        torch.set_rng_state(files["random"]["cpu"])
    except (KeyError, RuntimeError, IndexError) as error:
        raise ResumeError(f"{place} does not fit the model: {error}; train into another folder") from error
    vars(training.progress).update(asdict(state))


def _unlogged(place: Path) -> list[dict[str, float]]:
    path = place / _UNLOGGED  # checkpoints of before it was kept have none
    return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []


def _write(path: Path, tensors: Mapping[str, Tensor]) -> None:
    # Tied weights share memory, which safetensors refuses; a copy of each keeps `load_state_dict` simple.
    whole = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    save_file(whole, path)


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Tensor]]:
    for place, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            yield f"{place}.{name}", value


def _load_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    parameters = [one for group in optimizer.param_groups for one in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        place, name = key.split(".")
        like = parameters[int(place)]
        # The fused optimizer walks memory, so moments must lie in it as their parameter does.
        shaped = (
            torch.empty_like(like, dtype=value.dtype).copy_(value) if value.shape == like.shape else value
        )
        state.setdefault(int(place), {})[name] = shaped
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
