"""Sine position embedding of an image plane (Carion et al., DETR, ECCV 2020)."""

import math

import torch
from torch import Tensor


def sine_positions(height: int, width: int, channels: int, device: torch.device) -> Tensor:
    """Return fp32 [1, channels, height, width]: rows in the first half, columns in the second."""
    half = channels // 2
    frequency = 10000 ** (2 * (torch.arange(half, dtype=torch.float32, device=device) // 2) / half)

    def embed(size: int) -> Tensor:  # [size, half], sine and cosine interleaved
        place = torch.arange(1, size + 1, dtype=torch.float32, device=device) / (size + 1e-6) * (2 * math.pi)
        angle = place[:, None] / frequency
        return torch.stack((angle[:, 0::2].sin(), angle[:, 1::2].cos()), dim=2).flatten(1)

    rows = embed(height)[:, None].expand(height, width, half)
    columns = embed(width)[None].expand(height, width, half)
    return torch.cat((rows, columns), dim=2).permute(2, 0, 1)[None]
