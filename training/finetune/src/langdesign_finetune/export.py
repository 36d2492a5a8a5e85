"""A family laid out for use: half precision, one folder a model, a card in each.

FOLDER/edit/  FOLDER/generate/   diffusers folders: unet, vae, text_encoder, tokenizer, scheduler
FOLDER/segment/                  config.json, model.safetensors, vocab.txt, thresholds.json
FOLDER/clip/  FOLDER/dino/       transformers folders

What the generator shares with the editor, its autoencoder and text encoder, lies there: it links to them.
"""

from __future__ import annotations

import filecmp
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .cards import model_card
from .disk import writing
from .drafts import drafted
from .errors import RecipeError

MODELS = ("edit", "generate", "segment", "clip", "dino")

_FILE_LIMIT = 16 * 2**20  # bytes: what a repository of source should hold in one file
_FAMILY_LIMIT = 45_000_000


def export(family: Path, folder: Path, models: Sequence[str] = MODELS) -> dict[str, int]:
    """Write models of a family, each replaced whole, and return their sizes in bytes.

    Args:
        family: where the trainings are.
        folder: where the models go; other models there stay as they are.
        models: which; their trainings must have been begun. The generator links to the editor, so that
            this one goes without it only where it keeps what is linked to.

    Raises:
        RecipeError: one of the two is left out, a model has not been trained, or files are larger than a
            source repository should hold.
        StorageError: a model cannot be written; what was there before is kept.

    """
    folder.mkdir(parents=True, exist_ok=True)
    generator = folder / "generate"
    if "edit" in models and "generate" not in models and not _keeps_linked(generator, family / "edit/model"):
        raise RecipeError(
            f"{folder}/generate links to the editor's autoencoder and text encoder, and would be left with "
            "other ones; export both: `--model edit --model generate`"
        )
    for name in models:
        _export_model(name, family / name, folder / name)
    sizes = {name: sum(path.lstat().st_size for path in _files(folder / name)) for name in MODELS}
    _check(folder, sum(sizes.values()))
    return sizes


def _export_model(name: str, training: Path, place: Path) -> None:
    model = training / "model"
    if not model.is_dir():
        raise RecipeError(f"{model} is missing; run `python -m langdesign_finetune train {name}` first")
    with writing(f"The model {place}"), drafted(place) as draft:
        for path in _files(model):
            relative = path.relative_to(model)
            copy = draft / relative
            copy.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, copy)
            if name == "generate":
                _share(copy, place.with_name("edit") / relative)
        (draft / "README.md").write_text(model_card(name, training), "utf-8")
        _card_of_part(training.parent, draft)


def _card_of_part(family: Path, draft: Path) -> None:
    """Put the autoencoder's card beside its weights, which lie in the folder of a diffusion model."""
    part = draft / "vae"
    if part.is_dir() and not any(path.is_symlink() for path in part.iterdir()) and (family / "vae").is_dir():
        (part / "README.md").write_text(model_card("vae", family / "vae"), "utf-8")


def _copy(path: Path, copy: Path) -> None:
    """Copy a file; weights in half precision, configurations without the folder that they were read from."""
    if path.name == "config.json":
        config = json.loads(path.read_text("utf-8"))
        config.pop("_name_or_path", None)
        copy.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
        return
    if path.suffix != ".safetensors":
        copy.write_bytes(path.read_bytes())
        return
    weights = {key: _half(value) for key, value in load_file(path).items()}
    save_file(weights, copy, metadata={"format": "pt"})


def _share(copy: Path, other: Path) -> None:
    """Turn a copied file of weights into a relative link to an equal file of another model."""
    if copy.suffix == ".safetensors" and other.is_file() and filecmp.cmp(copy, other, shallow=False):
        copy.unlink()
        copy.symlink_to(os.path.relpath(other, copy.parent))


def _keeps_linked(generator: Path, model: Path) -> bool:
    """Tell whether an editor's model has the very weights that an exported generator's links lead to."""
    links = [path for path in sorted(generator.rglob("*.safetensors")) if path.is_symlink()]
    return all(_same_weights(link, model / link.relative_to(generator)) for link in links)


def _same_weights(one: Path, other: Path) -> bool:
    if not (one.is_file() and other.is_file()):
        return False
    ours, theirs = load_file(one), load_file(other)
    same = (torch.equal(_half(ours[key]), _half(theirs[key])) for key in ours if key in theirs)
    return ours.keys() == theirs.keys() and all(same)


def _half(value: torch.Tensor) -> torch.Tensor:
    return value.half() if value.is_floating_point() else value


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _check(folder: Path, total: int) -> None:
    large = [path for path in _files(folder) if path.stat().st_size > _FILE_LIMIT]
    if large:
        raise RecipeError(f"{large[0]} is larger than 16 MiB; train a smaller model, or do not commit it")
    if total > _FAMILY_LIMIT:
        raise RecipeError(
            f"The family takes {total:,} bytes, more than {_FAMILY_LIMIT:,}; train smaller models"
        )
