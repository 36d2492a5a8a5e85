"""The pictures of a data set in an autoencoder's space, mirrored too: encoded once, kept beside a training.

FOLDER/latents-<digest>.f16    posteriors, float16
                               [N, (before, after), (plain, mirrored), (mean, log variance), C, h, w]
FOLDER/inside-<digest>.u8      how much of each position may change, 0..255 [N, h, w]

The digest is of the set, of the autoencoder and of the side. A file that is there is whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from diffusers import AutoencoderKL
from langdesign_dataset.samples import Sample, SampleSet
from langdesign_rela.resizing import nearest
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from .disk import writing
from .pictures import Pixels, locked
from .vae import encode

_CHUNK = 16  # samples encoded between two writes; with another number the last digits differ


@dataclass(frozen=True, eq=False)
class SampleLatents:
    """Posteriors of N samples' pictures and of their mirror images, memory-mapped."""

    moments: NDArray[np.float16]  # [N, (before, after), (plain, mirrored), (mean, log variance), C, h, w]
    inside: NDArray[np.uint8]  # [N, h, w]; 0 where no mask is known
    scaling_factor: float  # of the autoencoder


def encode_samples(
    samples: SampleSet, vae: AutoencoderKL, identity: str, side: int, cache: Path
) -> SampleLatents:
    """Encode what is not yet encoded, and return all.

    Args:
        samples: the set.
        vae: the autoencoder, on the device that encodes.
        identity: digest of its weights.
        side: of the squares that are encoded, in pixels.
        cache: folder of the files.

    Raises:
        SampleError, SampleSetError: a sample is damaged (of langdesign_dataset).
        StorageError: they cannot be written; what is encoded is kept.

    """
    cache.mkdir(parents=True, exist_ok=True)
    small = side // 2 ** (len(vae.config.block_out_channels) - 1)
    shape = (2, 2, 2, int(vae.config.latent_channels), small, small)
    name = hashlib.sha256(f"{samples.digest} {identity} {side} {_CHUNK}".encode()).hexdigest()[:16]
    paths = cache / f"latents-{name}.f16", cache / f"inside-{name}.u8"
    with locked(cache / "lock"):  # other processes of this training wait for the first
        if not all(path.is_file() for path in paths):
            with writing(str(paths[0])):
                _encode(samples, vae, side, small, paths, shape)
    count = len(samples)
    moments = np.memmap(paths[0], np.float16, "r", shape=(count, *shape))
    inside = np.memmap(paths[1], np.uint8, "r", shape=(count, small, small))
    return SampleLatents(moments, inside, float(vae.config.scaling_factor))


def _encode(
    samples: SampleSet,
    vae: AutoencoderKL,
    side: int,
    small: int,
    paths: tuple[Path, Path],
    shape: tuple[int, ...],
) -> None:
    drafts = [path.with_name(f".{path.name}") for path in paths]
    sizes = 2 * int(np.prod(shape)), small * small
    with _continued(drafts, sizes) as (known, moments, inside):
        starts = range(known, len(samples), _CHUNK)
        for start in track(starts, "encoding samples", console=Console(stderr=True), disable=not starts):
            chunk = [samples[place] for place in range(start, min(start + _CHUNK, len(samples)))]
            moments.write(_moments(vae, chunk, side).tobytes())
            inside.write(np.stack([_inside(one, side, small) for one in chunk]).tobytes())
    for draft, path in zip(drafts, paths, strict=True):
        draft.replace(path)


@contextmanager
def _continued(drafts: list[Path], sizes: tuple[int, int]) -> Iterator[tuple[int, BinaryIO, BinaryIO]]:
    """Open the drafts where a run that was killed left them, at whole chunks."""
    lengths = [path.stat().st_size if path.is_file() else 0 for path in drafts]
    whole = min(length // (size * _CHUNK) for length, size in zip(lengths, sizes, strict=True)) * _CHUNK
    with drafts[0].open("ab") as moments, drafts[1].open("ab") as inside:
        for file, size in zip((moments, inside), sizes, strict=True):
            file.truncate(whole * size)
        yield whole, moments, inside


def _moments(vae: AutoencoderKL, chunk: list[Sample], side: int) -> NDArray[np.float16]:
    """Encode samples: float16 [n, 2, 2, 2, C, h, w]."""
    pictures = np.stack([[squared(one, side) for one in sample.pictures()] for sample in chunk])
    encoded = [
        [
            np.stack([part.cpu().numpy() for part in encode(vae, pictures[:, state, :, ::step])], axis=1)
            for step in (1, -1)
        ]
        for state in (0, 1)
    ]
    # [before or after][plain or mirrored] of [n, (mean, log variance), C, h, w]
    return np.stack([np.stack(both, axis=1) for both in encoded], axis=1).astype(np.float16)


def _inside(sample: Sample, side: int, small: int) -> NDArray[np.uint8]:
    """Return how much of each latent position a sample's mask covers, 0..255 [h, w]; 0 without a mask."""
    region = sample.region()
    if region is None or sample.triple.input == sample.triple.output:
        return np.zeros((small, small), np.uint8)
    cell = side // small
    cells = squared_mask(region, side).reshape(small, cell, small, cell)
    shares: NDArray[np.uint8] = (cells.mean(axis=(1, 3)) * 255).round().astype(np.uint8)
    return shares


def squared(picture: Pixels, side: int) -> Pixels:
    """Scale a picture [H, W, 3] until its shorter side is `side`, and crop the longer around the middle."""
    height, width, top, left = _geometry(picture.shape[0], picture.shape[1], side)
    if picture.shape[:2] == (side, side):
        return picture
    scaled = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(scaled.crop((left, top, left + side, top + side)))


def squared_mask(region: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Do with a mask [H, W] as `squared` does with its picture."""
    height, width, top, left = _geometry(region.shape[0], region.shape[1], side)
    scaled = nearest(region, (height, width))
    return scaled[top : top + side, left : left + side]


def _geometry(height: int, width: int, side: int) -> tuple[int, int, int, int]:
    """Return height and width after scaling, and where the crop begins from the top and from the left."""
    shorter = min(height, width)
    scaled = [max(side, round(one * side / shorter)) for one in (height, width)]
    return scaled[0], scaled[1], (scaled[0] - side) // 2, (scaled[1] - side) // 2
