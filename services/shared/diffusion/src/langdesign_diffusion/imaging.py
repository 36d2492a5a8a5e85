"""Images in and out: any size, alpha kept.

An image is a uint8 array `[H, W, 3 or 4]`, RGB or RGBA, sRGB, 0..255.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

import numpy as np
import torch
from einops import rearrange
from langdesign_edits import Pixels
from numpy.typing import NDArray
from PIL import Image

from langdesign_diffusion.errors import InvalidArrays

Scalar = TypeVar("Scalar", bound=np.generic)

MIN_SIDE, MAX_SIDE = 8, 4096


def to_pillow(image: Pixels) -> Image.Image:
    """Return the image as a Pillow image, RGB or RGBA."""
    return Image.fromarray(image)


def check_image(image: Pixels) -> None:
    """Raise `InvalidArrays` unless the image is uint8 `[H, W, 3 or 4]` with sides of 8..4096 px."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in {3, 4}:
        raise InvalidArrays("image", f"is {image.dtype} {list(image.shape)}; send uint8 [H, W, 3 or 4]")
    if min(image.shape[:2]) < MIN_SIDE or max(image.shape[:2]) > MAX_SIDE:
        size = f"{image.shape[1]}x{image.shape[0]}"
        raise InvalidArrays("image", f"is {size} px; send sides of {MIN_SIDE} to {MAX_SIDE} px")


def check_masks(masks: Pixels, size: tuple[int, int], regions: int) -> NDArray[np.bool_]:
    """Return the masks `[R, H, W]` as booleans (half of 255 and above is inside).

    Raises:
        InvalidArrays: unless there is one non-empty mask of the image's size (H, W) per region.

    """
    if masks.dtype != np.uint8 or masks.ndim != 3 or masks.shape[1:] != size:
        wanted = f"uint8 [R, {size[0]}, {size[1]}], the image's size"
        raise InvalidArrays("masks", f"is {masks.dtype} {list(masks.shape)}; send {wanted}")
    if masks.shape[0] == 0 or (regions and masks.shape[0] != regions):
        raise InvalidArrays("masks", f"has {masks.shape[0]}, regions {regions}; send one mask per region")
    inside = masks >= 128
    for index in np.flatnonzero(~inside.any(axis=(1, 2))):
        raise InvalidArrays(f"masks[{index}]", "is empty; mark the region, or leave it out")
    return inside


def pad_to_multiple(array: NDArray[Scalar], multiple: int) -> NDArray[Scalar]:
    """Mirror `[H, W, ...]` past its lower and right edges up to the next multiple of `multiple`."""
    rows, columns = (-side % multiple for side in array.shape[:2])
    if not rows and not columns:
        return array
    return np.pad(array, ((0, rows), (0, columns), *[(0, 0)] * (array.ndim - 2)), mode="symmetric")


def to_model_range(image: Pixels, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """Return the colours of `[H, W, 3 or 4]` as `[1, 3, H, W]` in -1..1."""
    # A copy: torch warns of memory that it may not write, such as that of a Pillow image.
    colours = torch.from_numpy(np.array(image[..., :3], order="C")).to(device)
    return rearrange(colours, "h w c -> 1 c h w").to(dtype) / 127.5 - 1.0


def from_model_range(tensor: torch.Tensor) -> Pixels:
    """Return `[1, 3, H, W]` in -1..1 as an image `[H, W, 3]`."""
    scaled = ((tensor.float() + 1.0) * 127.5).round().clamp(0, 255).to(torch.uint8)
    pixels: Pixels = np.ascontiguousarray(rearrange(scaled, "1 c h w -> h w c").cpu().numpy())
    return pixels


def content_hash(image: Pixels) -> bytes:
    """Return a SHA-256 over the shape and the bytes of an image."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.digest()
