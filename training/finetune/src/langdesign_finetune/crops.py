"""Crops of rendered edits, as serving shows small regions: enlarged, encoded once, kept beside the set.

CACHE/crops-<digest>.f16     posteriors of crops and of their mirror images, as `latents` keeps pictures'
CACHE/crops-<digest>.jsonl   which crop each of them is, a line a crop

The digest is of the autoencoder. A crop is named by its family, state and box, so that a set that grew, or
other settings, add to the files what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from diffusers import AutoencoderKL
from langdesign_edits.focus import Focus, Window, crop
from langdesign_scenes.dataset import Edit
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from .batches import draws
from .cropping import Cropping, draw_focus
from .disk import writing
from .latents import Latents, weights_digest
from .pictures import Pictures, locked
from .vae import encode

_CHUNK = 64  # crops encoded between two writes


class CropKey(NamedTuple):
    """Which part of which picture a crop shows, at the pictures' side."""

    family: str  # name of its folder
    state: int
    box: Window


def focus_of(
    pictures: Pictures, place: int, edit: Edit, region: NDArray[np.bool_], cropping: Cropping
) -> Focus | None:
    """Return the crop of an edit of the family at a place, the same as that of the way back.

    An edit that must change nothing is cropped around one of the things that its picture shows: where a
    region was found for it, it was found wrongly.
    """
    family = pictures.families[place]
    states = sorted((edit.before, edit.after))
    draw = draws(family.index, 1 + states[0] * len(family.states) + states[1])
    if region.any():
        return draw_focus(draw, region, cropping)
    things = draw.permutation([one.id for one in family.states[edit.before].instances])
    masks = (pictures.mask(place, edit.before, [str(thing)]) for thing in things)
    found = (draw_focus(draw, mask, cropping) for mask in masks)
    return next((focus for focus in found if focus is not None), None)


def load_crops(
    vae: AutoencoderKL, folder: Path, pictures: Pictures, wanted: Sequence[tuple[int, CropKey]]
) -> tuple[Latents, NDArray[np.int64]]:
    """Encode the crops that are not yet encoded, and return all that are, and the rows of those wanted.

    Args:
        vae: the autoencoder, on the device that encodes.
        folder: of the autoencoder; one with other weights has other files.
        pictures: the set; the files lie in its cache.
        wanted: crops, each with its row in the set.

    Raises:
        StorageError: they cannot be written; what is encoded is kept.

    """
    small = pictures.side // 2 ** (len(vae.config.block_out_channels) - 1)
    shape = (2, 2, int(vae.config.latent_channels), small, small)
    path = pictures.cache / f"crops-{weights_digest(folder)}.f16"
    with writing(str(path)), locked(path.with_suffix(".lock")):
        rows = _Rows(path, shape)
        missing = {key: row for row, key in wanted if key not in rows.known}
        rows.append(vae, pictures, missing)
    moments = np.memmap(path, np.float16, "r", shape=(len(rows.known), *shape))
    found = np.array([rows.known[key] for _, key in wanted], np.int64)
    return Latents(moments, float(vae.config.scaling_factor)), found


class _Rows:
    """The two files: what is written of one and not of the other, by a run that was killed, is dropped."""

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        self._path, self._names = path, path.with_suffix(".jsonl")
        self._size = int(np.prod(shape)) * np.dtype(np.float16).itemsize
        lines = self._names.read_text("utf-8").split("\n")[:-1] if self._names.is_file() else []
        encoded = path.stat().st_size // self._size if path.is_file() else 0
        keys = [_key(line) for line in lines[:encoded]]
        self.known = {key: row for row, key in enumerate(keys)}

    def append(self, vae: AutoencoderKL, pictures: Pictures, missing: dict[CropKey, int]) -> None:
        """Encode crops of rows of the set, a chunk at a time."""
        keys = list(missing)
        if not keys:
            return
        with self._path.open("r+b" if self._path.is_file() else "w+b") as file:
            file.seek(len(self.known) * self._size)
            file.truncate()
            self._names.write_text("".join(f"{json.dumps(key)}\n" for key in self.known), "utf-8")
            with self._names.open("a", encoding="utf-8") as names:
                starts = range(0, len(keys), _CHUNK)
                for start in track(starts, "encoding crops", console=Console(stderr=True)):
                    chunk = keys[start : start + _CHUNK]
                    shown = np.stack([_shown(pictures, missing[key], key) for key in chunk])
                    both = [torch.stack(encode(vae, one), dim=1) for one in (shown, shown[:, :, ::-1])]
                    file.write(torch.stack(both, dim=1).half().numpy().tobytes())
                    file.flush()
                    names.writelines(f"{json.dumps(key)}\n" for key in chunk)
                    names.flush()
                    self.known.update({key: len(self.known) + place for place, key in enumerate(chunk)})


def _shown(pictures: Pictures, row: int, key: CropKey) -> NDArray[np.uint8]:
    return crop(pictures.pixels[row], Focus(key.box, (pictures.side, pictures.side), native=False))


def _key(line: str) -> CropKey:
    family, state, box = json.loads(line)
    return CropKey(family, state, Window(*box))
