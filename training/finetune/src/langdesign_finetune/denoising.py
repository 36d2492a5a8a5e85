"""What every diffusion training shares: noise, its weights, dropped conditions, texts as contexts.

The UNet predicts the noise or the velocity of the process that `langdesign_diffusion` samples.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from langdesign_diffusion.hyperparameters import Prediction
from langdesign_diffusion.samplers import NoiseSchedule
from langdesign_diffusion.tokens import pad_ids, tokenise
from numpy.typing import NDArray
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from .batches import draws

_FIXED = 2**31 - 1  # seed of what validations draw
_CACHED_CONTEXTS = 12_000  # 30 kB each at the mini size, in half precision


@dataclass(frozen=True)
class Dropout:
    """Shares of the samples whose conditions are dropped, for classifier-free guidance."""

    text: float = 0.05  # the text alone
    image: float = 0.05  # the input image alone
    both: float = 0.05


@dataclass(frozen=True)
class Objective:
    """What is predicted, how noise is drawn and what an error weighs."""

    min_snr: float | None = 5.0  # gamma of Hang et al., arXiv:2303.09556; None: every timestep weighs 1
    prediction: Prediction = "epsilon"  # of a UNet from random weights; a checkpoint keeps its own
    shift: float = 1.0  # above 1, more of the batch is noisy: t becomes s t / (1 + (s - 1) t)


class DenoisingBatch(NamedTuple):
    """B samples at their timesteps."""

    sample: Tensor  # what the UNet sees [B, C, h, w]; from the fifth channel on, what conditions it
    timesteps: Tensor  # int64 [B]
    texts: tuple[str, ...]  # of B
    target: Tensor  # what it should predict [B, 4, h, w]
    weights: Tensor  # of each position's error [B, 1, h, w]
    inside: Tensor  # how much of each position is to change, 0..1 [B, 1, h, w]
    biases: Mapping[int, Tensor] = MappingProxyType({})  # on the cross-attention, [B, 1, L, 77] by L
    names: tuple[str, ...] = ()  # of the samples, for errors


class Diffusion:
    """The forward process of a noise schedule (DDPM, arXiv:2006.11239).

    Args:
        schedule: of the checkpoint; its prediction counts, not the objective's.
        objective: see there.

    """

    def __init__(self, schedule: NoiseSchedule, objective: Objective) -> None:
        self._objective, self._timesteps = objective, schedule.train_timesteps
        self._prediction = schedule.prediction
        variance = torch.from_numpy(schedule.sigmas() ** 2).float()
        self._signal, self._noise = (1 / (1 + variance)).sqrt(), (variance / (1 + variance)).sqrt()
        snr = 1 / variance
        gamma = objective.min_snr
        # An error of v is one of x0 times snr + 1, an error of epsilon one times snr.
        unclipped = snr if schedule.prediction == "epsilon" else snr + 1
        self._weights = torch.ones_like(snr) if gamma is None else snr.clamp(max=gamma) / unclipped

    def draw_timesteps(self, draw: np.random.Generator, count: int) -> Tensor:
        """Draw int64 [count] in 0..T-1, one from each of as many equal parts, in a random order."""
        place = (draw.permutation(count) + draw.random(count)) / count
        shift = self._objective.shift
        place = shift * place / (1 + (shift - 1) * place)
        return torch.from_numpy((place * self._timesteps).astype(np.int64)).clamp(max=self._timesteps - 1)

    def noised(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return scaled latents [B, 4, h, w] with noise at their timesteps [B]."""
        signal, share = self._shares(timesteps)
        return signal * latents + share * noise

    def target(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return what the UNet should predict of latents [B, 4, h, w] with noise at their timesteps [B].

        The noise, or v = signal * noise - share * latents (Salimans & Ho, arXiv:2202.00512, appendix D).
        """
        if self._prediction == "epsilon":
            return noise
        signal, share = self._shares(timesteps)
        return signal * noise - share * latents

    def weights(self, timesteps: Tensor) -> Tensor:
        """Return what an error at each timestep weighs [B, 1, 1, 1]."""
        return self._weights[timesteps][:, None, None, None]

    def _shares(self, timesteps: Tensor) -> tuple[Tensor, Tensor]:
        """Return how much of a sample is signal and how much is noise, each [B, 1, 1, 1]."""
        return self._signal[timesteps][:, None, None, None], self._noise[timesteps][:, None, None, None]


def draw_dropped(
    draw: np.random.Generator, count: int, dropout: Dropout
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Draw for each of `count` samples whether its text, and whether its image, is dropped."""
    place = draw.random(count)
    text, both = dropout.text, dropout.text + dropout.both
    return place < both, (place >= text) & (place < both + dropout.image)


def denoising_error(unet: UNet2DConditionModel, contexts: Contexts, batch: DenoisingBatch) -> Tensor:
    """Return the squared error of the prediction at each position, averaged over channels.

    Args:
        unet: predicts the batch's target.
        contexts: reads the batch's texts.
        batch: see there.

    Returns:
        fp32 [B, 1, h, w].

    """
    told = {"biases": batch.biases} if batch.biases else None
    predicted: Tensor = unet(
        batch.sample,
        batch.timesteps,
        contexts(batch.texts),
        cross_attention_kwargs=told,
        return_dict=False,
    )[0]
    return (predicted.float() - batch.target).square().mean(dim=1, keepdim=True)


def on(batch: DenoisingBatch, device: torch.device | str) -> DenoisingBatch:
    """Return the batch on a device."""
    sample, timesteps, target, weights, inside = (
        one.to(device) for one in (batch.sample, batch.timesteps, batch.target, batch.weights, batch.inside)
    )
    biases = {length: one.to(device) for length, one in batch.biases.items()}
    return DenoisingBatch(sample, timesteps, batch.texts, target, weights, inside, biases, batch.names)


def part_of(batch: DenoisingBatch, index: int, count: int) -> DenoisingBatch:
    """Return one of `count` equal parts of a batch."""
    size = len(batch.texts) // count
    own = slice(index * size, (index + 1) * size)
    return DenoisingBatch(
        batch.sample[own],
        batch.timesteps[own],
        batch.texts[own],
        batch.target[own],
        batch.weights[own],
        batch.inside[own],
        {length: one[own] for length, one in batch.biases.items()},
        batch.names[own],
    )


def suspects(batch: DenoisingBatch) -> tuple[str, ...]:
    """Return the names of the samples that hold a number that is not finite; of all, if none does."""
    finite = [
        bool(torch.isfinite(sample).all() and torch.isfinite(target).all())
        for sample, target in zip(batch.sample, batch.target, strict=True)
    ]
    named = list(zip(batch.names, finite, strict=False))
    return tuple(name for name, fine in named if not fine) or batch.names


class Contexts:
    """Texts as a UNet reads them: the text encoder's last state after its final norm, of all 77 tokens.

    Args:
        text_encoder: CLIP's. Where its parameters require no gradient, contexts are kept and found again.
        tokenizer: CLIP's.

    """

    def __init__(self, text_encoder: CLIPTextModel, tokenizer: CLIPTokenizer) -> None:
        self._encoder, self._tokenizer = text_encoder, tokenizer
        self._ids: dict[str, Tensor] = {}
        self._kept: OrderedDict[str, Tensor] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Return [N, 77, D] of N texts, each distinct one encoded once; what is too long is cut."""
        distinct = list(dict.fromkeys(texts))
        place = {text: index for index, text in enumerate(distinct)}
        frozen = not any(one.requires_grad for one in self._encoder.parameters())
        features = self._known(distinct) if frozen else self._encode(distinct)
        return features[torch.tensor([place[text] for text in texts], device=features.device)]

    def _known(self, texts: Sequence[str]) -> Tensor:
        missing = [text for text in texts if text not in self._kept]
        if missing:
            with torch.no_grad():
                self._kept.update(zip(missing, self._encode(missing).half(), strict=True))
        for text in texts:
            self._kept.move_to_end(text)
        found = torch.stack([self._kept[text].float() for text in texts])  # autocast stacks no half on a CPU
        while len(self._kept) > _CACHED_CONTEXTS:
            self._kept.popitem(last=False)
        return found

    def _encode(self, texts: Sequence[str]) -> Tensor:
        ids = torch.cat([self._tokens(text) for text in texts])
        return self._encoder(ids.to(self._encoder.device)).last_hidden_state  # type: ignore[no-any-return]

    def _tokens(self, text: str) -> Tensor:
        if text not in self._ids:
            ids, _ = tokenise(self._tokenizer, text)
            longest = self._tokenizer.model_max_length
            kept = ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]
            self._ids[text] = pad_ids(self._tokenizer, kept)
        return self._ids[text]


def measured(
    items: NDArray[np.int64],
    size: int,
    make: Callable[[np.random.Generator, NDArray[np.int64]], DenoisingBatch],
    error: Callable[[DenoisingBatch], Tensor],
) -> dict[str, float]:
    """Average the errors of items in batches of `size`, with the same noise every time."""
    starts = range(0, len(items), size)
    batches = (make(draws(_FIXED, start), items[start : start + size]) for start in starts)
    return _mean_of([_averages(error(batch), batch) for batch in batches])


def _averages(error: Tensor, batch: DenoisingBatch) -> dict[str, float]:
    """Return the mean of an error [B, 1, h, w] over everything, over what is to change, and over the rest."""
    inside = batch.inside
    parts = {"inside": inside, "outside": 1 - inside}
    means = {name: float((error * part).sum() / part.sum()) for name, part in parts.items() if part.sum() > 0}
    return {"loss": float(error.mean()), **means}


def _mean_of(measured: Sequence[dict[str, float]]) -> dict[str, float]:
    """Average dictionaries by name."""
    names = dict.fromkeys(name for one in measured for name in one)
    return {name: float(np.mean([one[name] for one in measured if name in one])) for name in names}
