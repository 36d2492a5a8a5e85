"""All pictures of a set in the autoencoder's space, mirrored too: encoded once and kept in a flat file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from torch import Tensor

from .disk import writing
from .pictures import Pictures, locked
from .vae import encode

_CHUNK = 64  # pictures encoded between two writes


@dataclass(frozen=True, eq=False)
class Latents:
    """Posteriors of N pictures and of their mirror images."""

    moments: NDArray[np.float16]  # [N, (plain, mirrored), (mean, log variance), C, h, w], memory-mapped
    scaling_factor: float  # of the autoencoder

    def mode(self, rows: NDArray[np.int64], flipped: NDArray[np.bool_]) -> Tensor:
        """Return the posteriors' modes [B, C, h, w], unscaled: what conditions an editor.

        Args:
            rows: int64 [B].
            flipped: whether the mirror image is meant, bool [B].

        """
        return torch.from_numpy(self.moments[rows, flipped.astype(np.int64), 0].astype(np.float32))

    def sampled(self, rows: NDArray[np.int64], flipped: NDArray[np.bool_], noise: Tensor) -> Tensor:
        """Return samples of the posteriors, scaled [B, C, h, w]: what a UNet learns to denoise to.

        Args:
            rows: int64 [B].
            flipped: whether the mirror image is meant, bool [B].
            noise: unit normal [B, C, h, w].

        """
        moments = torch.from_numpy(self.moments[rows, flipped.astype(np.int64)].astype(np.float32))
        mean, deviation = moments[:, 0], (0.5 * moments[:, 1]).exp()
        return (mean + deviation * noise) * self.scaling_factor


def load_latents(vae: AutoencoderKL, folder: Path, pictures: Pictures, cache: Path) -> Latents:
    """Encode what is not yet encoded, and return all.

    Args:
        vae: the autoencoder, on the device that encodes.
        folder: of the autoencoder; one with other weights has another file.
        pictures: the set.
        cache: folder of the files; a set that grew is encoded from where the file ends.

    Raises:
        StorageError: they cannot be written; what is encoded is kept.

    """
    cache.mkdir(parents=True, exist_ok=True)
    side = pictures.side // 2 ** (len(vae.config.block_out_channels) - 1)
    shape = (2, 2, int(vae.config.latent_channels), side, side)
    path = cache / f"latents-{weights_digest(folder)}.f16"
    # Under a lock of its own: other trainings may load pictures meanwhile.
    with writing(str(path)), locked(path.with_suffix(".lock")):
        _encode_missing(vae, pictures, path, shape)
    moments = np.memmap(path, np.float16, "r", shape=(len(pictures.pixels), *shape))
    return Latents(moments, float(vae.config.scaling_factor))


def _encode_missing(vae: AutoencoderKL, pictures: Pictures, path: Path, shape: tuple[int, ...]) -> None:
    size = int(np.prod(shape)) * np.dtype(np.float16).itemsize
    known = path.stat().st_size // size if path.is_file() else 0
    with path.open("ab") as file:
        file.truncate(known * size)  # a run that was killed may have left the half of a picture
        starts = range(known, len(pictures.pixels), _CHUNK)
        for start in track(starts, "encoding pictures", console=Console(stderr=True), disable=not starts):
            rows = pictures.pixels[start : start + _CHUNK]
            both = [torch.stack(encode(vae, one), dim=1) for one in (rows, rows[:, :, ::-1])]
            file.write(torch.stack(both, dim=1).half().numpy().tobytes())


def weights_digest(folder: Path) -> str:
    """Return sixteen hexadecimal digits over an autoencoder's weights and configuration."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
