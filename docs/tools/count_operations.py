"""Counts what Stable Diffusion 1.5's networks compute, on shapes alone: no weight is made.

`python docs/tools/count_operations.py` prints the lines of `docs/sizing.toml` that it is the source of.
"""

from __future__ import annotations

import torch
from langdesign_diffusion import random_weights
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

_WIDTH = 768  # of CLIP ViT-L/14's text features


def count(call: torch.nn.Module, *tensors: torch.Tensor) -> float:
    """Return the floating-point operations of a call, in TFLOP."""
    # The counter knows the products of the math kernel on every device.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        call(*tensors)
    return float(counter.get_total_flops()) / 1e12


def main() -> None:
    """Print the counts of pictures of 512 and of 256 pixels a side."""
    shapes = random_weights._SHAPES["sd15"]
    with torch.device("meta"), torch.inference_mode():
        unet, vae = random_weights._unet(shapes, 8), random_weights._vae(shapes)
        for side in (512, 256):
            latent, context = torch.empty(1, 8, side // 8, side // 8), torch.empty(1, 77, _WIDTH)
            print(f"unet_row_{side} = {count(unet, latent, torch.empty(1), context):.4f}")  # noqa: T201 - its output
            pixels, encoded = torch.empty(1, 3, side, side), torch.empty(1, 4, side // 8, side // 8)
            print(f"encode_{side} = {count(vae.encoder, pixels):.4f}")  # noqa: T201 - its output
            print(f"decode_{side} = {count(vae.decoder, encoded):.4f}")  # noqa: T201 - its output
        weights = sum(p.numel() for module in (unet, vae) for p in module.parameters())
        print(f"parameters = {weights}")  # noqa: T201 - its output


if __name__ == "__main__":
    main()
