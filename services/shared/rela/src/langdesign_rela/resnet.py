"""Bottleneck ResNet as detectron2 lays it out: stride in the 3x3, batch norm frozen (He et al., 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import ResNetConfig


class FrozenBatchNorm(nn.Module):
    """Batch norm whose statistics and affine are constants, even in training."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((channels,), value))

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C, H, W] to the same shape."""
        return functional.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=1e-5)


class NormedConv(nn.Module):
    """A convolution without bias, and the norm after it."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
        self.norm = FrozenBatchNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C_in, H, W] to [B, C_out, H/stride, W/stride]."""
        return self.norm(self.conv(x))  # type: ignore[no-any-return]


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions with a residual."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = NormedConv(inputs, outputs // 4, 1)
        self.conv2 = NormedConv(outputs // 4, outputs // 4, 3, stride)
        self.conv3 = NormedConv(outputs // 4, outputs, 1)
        self.shortcut = NormedConv(inputs, outputs, 1, stride) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C_in, H, W] to [B, C_out, H/stride, W/stride]."""
        out = functional.relu(self.conv2(functional.relu(self.conv1(x))))
        return functional.relu(self.conv3(out) + self.shortcut(x))


class ResNet(nn.Module):
    """ResNet that returns the features of its four stages; it does not read the expression."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.stem = NormedConv(3, config.stem, 7, stride=2)
        inputs = (config.stem, *config.channels[:-1])
        self.stages = nn.ModuleList(
            nn.Sequential(
                Bottleneck(inputs[i], outputs, 1 if i == 0 else 2),
                *(Bottleneck(outputs, outputs, 1) for _ in range(depth - 1)),
            )
            for i, (depth, outputs) in enumerate(zip(config.depths, config.channels, strict=True))
        )

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """Map normalised images [B, 3, H, W] to res2..res5 [B, C_i, H/s, W/s] at strides 4, 8, 16, 32."""
        x = functional.max_pool2d(functional.relu(self.stem(pixels)), kernel_size=3, stride=2, padding=1)
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features
