"""The autoencoder: AutoencoderKL trained for sharp edges, without a discriminator or a perceptual network."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from .batches import draws, images, mirror, noise, pixels, spread
from .family import Context
from .norms import quicken
from .pictures import Pixels, contact_sheet
from .recipes import VaeRecipe

_SCALES = 3  # at which edges are compared
_SHOWN = 12  # pictures of a contact sheet
_MEASURED = 128  # pictures that a validation or the latents' statistics look at
_CHUNK = 16  # pictures encoded at once outside training


class VaeBatch(NamedTuple):
    """Pictures or crops, and what their posterior is sampled with."""

    images: Tensor  # [B, 3, S, S], -1..1
    noise: Tensor  # [B, C, S/8, S/8]


class VaeTask:
    """Reconstruct pictures through a Gaussian bottleneck.

    The first part of the training sees crops: the network is convolutional but for the attention in its
    middle, and pixels of many pictures teach more than as many of few. `batch_size` counts whole pictures.
    """

    def __init__(self, recipe: VaeRecipe, context: Context) -> None:
        self._recipe, self._pictures, self._folder = recipe, context.pictures, context.folder
        self._device = context.device
        self._train = context.pictures.rows("train")
        self._validation = spread(context.pictures.rows("validation"), _MEASURED)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.trained = make_vae(recipe).to(context.device)
        quicken(self.trained)
        self._mixed = int(recipe.loop.steps * recipe.crop_share)

    @property
    def batch_size(self) -> int:
        """Pictures in a batch, or as many pictures' worth of crops."""
        return self._recipe.batch

    def batch(self, step: int) -> VaeBatch:
        """Draw pictures, or four times as many crops of half their side, each mirrored or not."""
        draw = draws(self._recipe.seed, step)
        chosen = self._cropped(draw) if step < self._mixed else self._whole(draw, self._recipe.batch)
        chosen = mirror(chosen, draw.random(len(chosen)) < 0.5)
        side = chosen.shape[1] // 2 ** (len(self._recipe.channels) - 1)
        shape = (len(chosen), self._recipe.latent_channels, side, side)
        return VaeBatch(images(chosen, self._device), noise(draw, shape).to(self._device))

    def _whole(self, draw: np.random.Generator, count: int) -> Pixels:
        rows = np.sort(draw.choice(self._train, count))
        return cast(Pixels, self._pictures.pixels[rows])

    def _cropped(self, draw: np.random.Generator) -> Pixels:
        side, crop = self._pictures.side, min(self._recipe.crop, self._pictures.side)
        count = self._recipe.batch * (side // crop) ** 2
        rows = draw.choice(self._train, count)
        tops, lefts = draw.integers(side - crop + 1, size=(2, count))
        crops = (
            self._pictures.pixels[row, top : top + crop, left : left + crop]
            for row, top, left in zip(rows, tops, lefts, strict=True)
        )
        return np.stack(list(crops))

    def losses(self, batch: VaeBatch) -> Mapping[str, Tensor]:
        """Return L1, the edges' L1, the colours' square error and the divergence, averaged."""
        posterior = self.trained.encode(batch.images).latent_dist
        latents = posterior.mean + posterior.std * batch.noise
        decoded = self.trained.decode(latents).sample.float()
        pixel = functional.l1_loss(decoded, batch.images)
        edges = edge_loss(decoded, batch.images)
        divergence = 0.5 * (posterior.mean.square() + posterior.var - 1 - posterior.logvar).float().mean()
        colour = colour_loss(decoded, batch.images)
        recipe = self._recipe
        total = pixel + recipe.edges * edges + recipe.colour * colour + recipe.kl * divergence
        return {"total": total, "l1": pixel, "edges": edges, "colour": colour, "kl": divergence}

    def validate(self) -> Mapping[str, float]:
        """Measure whole validation pictures, and write a sheet of them over their reconstructions."""
        rows = self._validation if len(self._validation) else spread(self._train, _MEASURED)
        truth = self._pictures.pixels[rows]
        latents = encode(self.trained, truth)[0]
        decoded = np.concatenate(
            [
                pixels(self.trained.decode(part.to(self._device)).sample)
                for part in torch.split(latents, _CHUNK)
            ]
        )
        shown = spread(np.arange(len(rows)), _SHOWN)
        contact_sheet([truth[shown], decoded[shown]], self._folder / "reconstructions.png")
        channels = {f"latent_std_{place}": float(one) for place, one in enumerate(latents.std((0, 2, 3)))}
        return {"psnr": psnr(decoded, truth), "latent_mean": float(latents.mean()), **channels}

    def save(self, folder: Path, ema: bool) -> None:
        """Write the autoencoder with standardised latents, as diffusers reads it."""
        statistics = encode(self.trained, self._pictures.pixels[spread(self._train, _MEASURED)])[0]
        model = standardised(self.trained, statistics.mean((0, 2, 3)), statistics.std((0, 2, 3)))
        # Over all channels, as the original measures it; here it is 1 by construction, up to rounding.
        measured = (statistics - statistics.mean((0, 2, 3), keepdim=True)) / statistics.std(
            (0, 2, 3), keepdim=True
        )
        model.register_to_config(scaling_factor=round(1 / float(measured.std()), 5))
        model.save_pretrained(folder, safe_serialization=True)


def make_vae(recipe: VaeRecipe) -> AutoencoderKL:
    """Make the network with random weights from torch's generator."""
    levels = len(recipe.channels)
    return AutoencoderKL(
        block_out_channels=recipe.channels,
        layers_per_block=recipe.layers,
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        latent_channels=recipe.latent_channels,
        norm_num_groups=recipe.groups,
    )


def edge_loss(decoded: Tensor, truth: Tensor) -> Tensor:
    """Return the L1 between the gradients of two batches [B, 3, H, W], over scales 1, 1/2 and 1/4."""
    terms = []
    for scale in range(_SCALES):
        if scale:
            decoded, truth = functional.avg_pool2d(decoded, 2), functional.avg_pool2d(truth, 2)
        difference = decoded - truth  # the gradient is linear
        terms += [difference.diff(dim=2).abs().mean(), difference.diff(dim=3).abs().mean()]
    return torch.stack(terms).sum() / _SCALES


def colour_loss(decoded: Tensor, truth: Tensor) -> Tensor:
    """Return the mean square error of two batches [B, 3, H, W] averaged over squares of 8 x 8 pixels.

    An L1 settles on the median: with few latent channels it gives up the rarer axis of colour first, so that
    green floors come out grey. Squares do not.
    """
    return functional.mse_loss(functional.avg_pool2d(decoded, 8), functional.avg_pool2d(truth, 8))


def psnr(decoded: Pixels, truth: Pixels) -> float:
    """Return the mean over pictures of the peak signal-to-noise ratio of uint8 pictures, in dB."""
    error = np.square(decoded.astype(np.float32) - truth).mean((1, 2, 3))
    return float(np.mean(20 * math.log10(255) - 10 * np.log10(np.maximum(error, 1e-3))))


@torch.no_grad()
def encode(vae: AutoencoderKL, pictures: Pixels) -> tuple[Tensor, Tensor]:
    """Return mean and log variance of pictures' posterior [N, C, H/8, W/8], on the CPU, of [N, H, W, 3]."""
    device = next(vae.parameters()).device
    parts: NDArray[Any] | list[Any] = [
        pictures[place : place + _CHUNK] for place in range(0, len(pictures), _CHUNK)
    ]
    posteriors = [vae.encode(images(part, device)).latent_dist for part in parts]
    return (
        torch.cat([one.mean.float().cpu() for one in posteriors]),
        torch.cat([one.logvar.float().cpu() for one in posteriors]),
    )


@torch.no_grad()
def standardised(vae: AutoencoderKL, mean: Tensor, deviation: Tensor) -> AutoencoderKL:
    """Return a copy that decodes what it encodes to the very same, through latents of mean 0 and deviation 1.

    The 1x1 convolutions beside the latents take up the change of scale. InstructPix2Pix reads the mode of the
    posterior unscaled, so latents of an arbitrary scale would be an input of that scale.

    Args:
        vae: the autoencoder, with its 1x1 convolutions.
        mean: of the latents, by channel [C].
        deviation: of the latents, by channel [C].

    """
    model = copy.deepcopy(vae)
    into, out = cast(nn.Conv2d, model.quant_conv), cast(nn.Conv2d, model.post_quant_conv)
    mean, deviation = mean.to(into.weight), deviation.to(into.weight)
    into_bias, out_bias = cast(Tensor, into.bias), cast(Tensor, out.bias)
    channels = len(mean)
    into.weight[:channels] /= deviation[:, None, None, None]
    into_bias[:channels] = (into_bias[:channels] - mean) / deviation
    into_bias[channels:] -= 2 * deviation.log()
    out_bias += torch.einsum("oihw,i->o", out.weight, mean)
    out.weight *= deviation[None, :, None, None]
    return cast(AutoencoderKL, model)
