"""Images and texts into the model's spaces and back, with bounded caches by content."""

from __future__ import annotations

from collections.abc import Hashable, MutableMapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import cast

import torch
from cachetools import LRUCache
from einops import rearrange
from langdesign_edits import Pixels

from langdesign_diffusion.checkpoint import Checkpoint
from langdesign_diffusion.errors import NotFinite
from langdesign_diffusion.imaging import (
    content_hash,
    from_model_range,
    pad_to_multiple,
    to_model_range,
)
from langdesign_diffusion.region_prompts import RegionPrompts, encode_regions
from langdesign_diffusion.tokens import encode_prompt

_CACHED_TEXTS = 256
_CACHED_ROUND_TRIPS = 128 * 2**20  # bytes; a picture of 512 px takes 0.8 MB, one of 4096 px 50 MB


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image in latent space."""

    key: bytes  # of its content
    latents: torch.Tensor  # [1, 4, h, w] float32, mode of the posterior, unscaled: what conditions the UNet
    scaled: torch.Tensor  # [1, 4, h, w] float32, the same as the UNet's x0
    sketch: torch.Tensor  # [5, 3], affine map from a scaled latent (and 1) to colours in -1..1


class Encoder:
    """Encodes with one checkpoint; safe to call from several threads."""

    def __init__(self, checkpoint: Checkpoint, *, cached_images: int) -> None:
        """Keep the latents of up to `cached_images` images."""
        self._checkpoint = checkpoint
        self._images: MutableMapping[bytes, EncodedImage] = LRUCache(cached_images)
        self._texts: MutableMapping[Hashable, torch.Tensor] = LRUCache(_CACHED_TEXTS)
        self._round_trips: MutableMapping[bytes, Pixels] = LRUCache(
            _CACHED_ROUND_TRIPS, getsizeof=lambda colours: colours.nbytes
        )
        self._lock = Lock()

    def encode_image(self, image: Pixels) -> EncodedImage:
        """Encode `[H, W, 3 or 4]`, mirrored up to the model's size multiple; alpha is not looked at."""
        colours = image[..., :3]
        key = content_hash(colours)
        with self._lock:
            cached = self._images.get(key)
        if cached is None:
            cached = self._encode_image(colours, key)
            with self._lock:
                self._images[key] = cached
        return cached

    def encode_text(
        self, instruction: str, regions: Sequence[str | None] = ()
    ) -> tuple[RegionPrompts, torch.Tensor]:
        """Return the instructions (see `encode_regions`) and their contexts, one after the other.

        The contexts are `[2, 77 K, D]` of K distinct instructions; beside each lies the empty text's.
        """
        tokenizer = self._checkpoint.tokenizer
        prompts = encode_regions(tokenizer, instruction, regions)
        texts = torch.cat([self._embed(prompt.ids) for prompt in prompts.prompts], dim=1)
        empty = self._embed(encode_prompt(tokenizer, "").ids)
        return prompts, torch.cat([texts, empty.repeat(1, len(prompts.prompts), 1)])

    def decode(self, latents: torch.Tensor) -> Pixels:
        """Decode scaled latents `[1, 4, h, w]` to colours `[8h, 8w, 3]`."""
        vae = self._checkpoint.vae
        unscaled = (latents / vae.config.scaling_factor).to(self._checkpoint.dtype)
        return _picture(vae.decode(unscaled, return_dict=False)[0])

    def round_trip(self, encoded: EncodedImage) -> Pixels:
        """Decode an encoded image again, padded as it was: what of it the autoencoder keeps."""
        with self._lock:
            cached = self._round_trips.get(encoded.key)
        if cached is None:
            cached = self.decode(encoded.scaled)
            with self._lock:
                self._round_trips[encoded.key] = cached
        return cached

    def sketch(self, latents: torch.Tensor, encoded: EncodedImage) -> Pixels:
        """Map scaled latents `[1, 4, h, w]` to colours `[h, w, 3]` by the encoded image's affine map."""
        colours = _with_ones(latents) @ encoded.sketch
        return _picture(rearrange(colours, "(h w) c -> 1 c h w", h=latents.shape[-2]))

    def _encode_image(self, colours: Pixels, key: bytes) -> EncodedImage:
        checkpoint = self._checkpoint
        padded = pad_to_multiple(colours, checkpoint.size_multiple)
        tensor = to_model_range(padded, checkpoint.device, checkpoint.dtype)
        latents = checkpoint.vae.encode(tensor, return_dict=False)[0].mode().float()
        scaled = latents * checkpoint.vae.config.scaling_factor
        small = torch.nn.functional.adaptive_avg_pool2d(tensor.float(), latents.shape[-2:])
        return EncodedImage(key=key, latents=latents, scaled=scaled, sketch=_fit_sketch(scaled, small))

    def _embed(self, ids: torch.Tensor) -> torch.Tensor:
        key = tuple(ids[0].tolist())
        with self._lock:
            cached = self._texts.get(key)
        if cached is None:
            encoder = self._checkpoint.text_encoder
            cached = encoder(ids.to(self._checkpoint.device)).last_hidden_state
            with self._lock:
                self._texts[key] = cached
        return cast(torch.Tensor, cached)


def _picture(colours: torch.Tensor) -> Pixels:
    """Return `[1, 3, H, W]` in -1..1 as an image; raise `NotFinite` where that would be a black one."""
    if not torch.isfinite(colours).all():
        raise NotFinite(
            "the model gave no finite numbers for this edit; try another seed, fewer steps or a lower "
            "guidance, and tell who runs the model if that does not help"
        )
    return from_model_range(colours)


def _fit_sketch(latents: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """Fit the affine map from latents to colours on the image itself, by ridge regression.

    So previews need no constants of a particular autoencoder. On the CPU: CUDA's solver would
    wait for the device, and there are 5 unknowns.
    """
    inputs = _with_ones(latents).cpu()
    targets = rearrange(colours, "1 c h w -> (h w) c").cpu()
    ridge = 1e-3 * len(inputs) * torch.eye(inputs.shape[1])
    solution: torch.Tensor = torch.linalg.solve(inputs.T @ inputs + ridge, inputs.T @ targets)
    return solution.to(latents.device)


def _with_ones(latents: torch.Tensor) -> torch.Tensor:
    rows = rearrange(latents.float(), "1 c h w -> (h w) c")
    return torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)
