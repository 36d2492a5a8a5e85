"""The task of a fine-tuning: an editor that says where it comes from, and is read again once written."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from langdesign_dataset.samples import SampleSet
from langdesign_diffusion.checkpoint import EDITOR_CHANNELS, GENERATOR_CHANNELS, load_checkpoint
from langdesign_diffusion.errors import DiffusionError
from langdesign_diffusion.fingerprint import fingerprint
from torch import Tensor

from .checkpoints import saved
from .denoising import Contexts
from .disk import writing
from .edit import EditTask
from .errors import ResumeError, TrainingError
from .sampling import Sampling
from .tune_card import tune_card
from .tune_recipes import TuneRecipe

Description = Mapping[str, Any]

_FILE = "tune.json"
_TOLERANCE = 0.02  # of a prediction's norm; half precision takes a tenth of it
_SAID = "make the chair red"


class TuneTask(EditTask):
    """See `EditTask`.

    Args:
        recipe: see there.
        described: what is tuned; see `describe`.
        parts: the arguments of `EditTask`.
        named: its named arguments.

    """

    def __init__(self, recipe: TuneRecipe, *parts: Any, described: Description, **named: Any) -> None:
        super().__init__(recipe, *parts, **named)
        self._side, self._described = recipe.side, described
        self._metrics: Mapping[str, float] = {}

    def validate(self) -> Mapping[str, float]:
        """Measure denoising, and do some held-out edits."""
        self._metrics = super().validate()
        return self._metrics

    def save(self, folder: Path, ema: bool) -> None:
        """Write the editor and its card, read it again and compare.

        Raises:
            TrainingError: what was written does not predict what the trained network predicts.

        """
        super().save(folder, ema)
        self._compare(folder)
        (folder / "README.md").write_text(
            tune_card(self._described, Sampling.read(folder), self._metrics), "utf-8"
        )

    @torch.no_grad()
    def _compare(self, folder: Path) -> None:
        around = self._around
        try:
            written = load_checkpoint(folder, device=self._device, dtype=torch.float32)
        except DiffusionError as error:
            raise TrainingError(f"{folder} was written and cannot be read: {error}") from error
        ours = self._prediction(self._unet, Contexts(around.text_encoder, around.tokenizer))
        theirs = self._prediction(written.unet, Contexts(written.text_encoder, written.tokenizer))
        off = float((ours - theirs).norm() / ours.norm())
        if not off <= _TOLERANCE:  # also where it is no number
            raise TrainingError(
                f"What was written to {folder} predicts something else than what was trained: {off:.1%} off; "
                "begin a new training (another --out) with a lower learning rate, or report this"
            )

    def _prediction(self, unet: torch.nn.Module, contexts: Contexts) -> Tensor:
        small = self._side // 2 ** (len(self._around.vae.config.block_out_channels) - 1)
        draw = torch.Generator().manual_seed(0)
        sample = torch.randn(1, EDITOR_CHANNELS, small, small, generator=draw).to(self._device)
        times = torch.full((1,), 400, device=self._device)
        predicted: Tensor = unet(sample, times, contexts([_SAID]), return_dict=False)[0]
        return predicted


def describe(recipe: TuneRecipe, sets: Sequence[SampleSet], base: Path) -> Description:
    """Return what is tuned: "recipe", "base" and "samples" with their digests, and one "digest" of all."""
    told: dict[str, Any] = {
        "recipe_digest": recipe.digest,
        "base": fingerprint(base),
        "samples": [one.digest for one in sets],
    }
    text = json.dumps({**told, "base": _content(told["base"])}, sort_keys=True)
    return {
        **told,
        "digest": hashlib.sha256(text.encode()).hexdigest()[:16],
        "counts": [len(one) for one in sets],
        "from_generator": _channels(base) == GENERATOR_CHANNELS,
        "recipe": dataclasses.asdict(recipe),
    }


def check_begun(out: Path, described: Description) -> None:
    """Look whether a folder was begun with the same recipe, base and samples; write what is tuned there.

    Raises:
        ResumeError: it was begun with others.
        StorageError: the folder cannot be written.

    """
    path = out / _FILE
    if path.is_file() and saved(out):
        begun = json.loads(path.read_text("utf-8"))
        for name in ("recipe_digest", "base", "samples"):
            if _content(begun.get(name)) != _content(described[name]):
                raise ResumeError(
                    f"{out} was begun with {name} {begun.get(name)}, which is not {described[name]}; "
                    "tune into another folder, or go on with what it was begun with"
                )
    with writing(str(path)):
        out.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{_FILE}")
        draft.write_text(json.dumps(described, indent=2) + "\n", "utf-8")
        draft.replace(path)


def _content(identity: Any) -> Any:
    """Return what stays where a model's folder is moved: "sha256:..." of "name@sha256:..."."""
    return identity.rpartition("@")[2] if isinstance(identity, str) else identity


def _channels(base: Path) -> int:
    return int(json.loads((base / "unet" / "config.json").read_text("utf-8"))["in_channels"])
