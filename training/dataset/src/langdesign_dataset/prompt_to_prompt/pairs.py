"""Pairs from Stable Diffusion: same start noise, same ancestral noise, shared attention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from einops import rearrange
from langdesign_diffusion.checkpoint import GENERATOR_CHANNELS, Checkpoint, attention_levels
from langdesign_diffusion.encoding import Encoder
from langdesign_diffusion.errors import IncompatibleCheckpoint, InvalidParameters
from langdesign_diffusion.guidance import within_share
from langdesign_diffusion.imaging import from_model_range
from langdesign_diffusion.regularisation import level_shapes
from langdesign_diffusion.samplers import SOLVERS, Schedule, denoised_of, draw_noise, noise_generator
from langdesign_edits import Pixels, Sampler

from langdesign_dataset.prompt_to_prompt.alignment import CrossAttentionEdit, positions_of
from langdesign_dataset.prompt_to_prompt.blending import LocalBlend, WordMaps
from langdesign_dataset.prompt_to_prompt.sharing import GROUPS, SharedAttention, Sharing, TextProjections

_DECODED = 8  # images that are decoded at once
Attention = Callable[..., torch.Tensor]  # an attention processor of diffusers' that takes a `Sharing`


@dataclass(frozen=True, slots=True)
class PairParameters:
    """One candidate pair (Brooks et al., arXiv:2211.09800, section 3.1.2)."""

    seed: int
    share: float  # share p of the steps in which self-attention is shared, 0..1; drawn from 0.1..0.9
    guidance_scale: float = 7.5  # drawn from 7.5..15

    def __post_init__(self) -> None:
        """Raise `InvalidParameters` unless the share is one."""
        if not 0.0 <= self.share <= 1.0:
            raise InvalidParameters("share", f"is {self.share}; choose a share of the steps, 0 to 1")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images that differ by what their captions differ by, each `[H, W, 3]`."""

    before: Pixels
    after: Pixels


def generate_pair(
    checkpoint: Checkpoint,
    before: str,
    after: str,
    parameters: PairParameters,
    *,
    size: tuple[int, int],
    steps: int = 100,
    sampler: Sampler = "euler_ancestral",
    cross: CrossAttentionEdit | None = None,
    cross_share: float = 0.8,
    blend: LocalBlend | None = None,
) -> Pair:
    """Generate one pair (see `generate_pairs`)."""
    return generate_pairs(
        checkpoint,
        before,
        after,
        [parameters],
        size=size,
        steps=steps,
        sampler=sampler,
        cross=cross,
        cross_share=cross_share,
        blend=blend,
    )[0]


@torch.inference_mode()
def generate_pairs(
    checkpoint: Checkpoint,
    before: str,
    after: str,
    candidates: Sequence[PairParameters],
    *,
    size: tuple[int, int],
    steps: int = 100,
    sampler: Sampler = "euler_ancestral",
    cross: CrossAttentionEdit | None = None,
    cross_share: float = 0.8,
    blend: LocalBlend | None = None,
    attention: Attention | None = None,
) -> list[Pair]:
    """Generate candidate pairs of two captions in one batch of 4 rows each.

    Args:
        checkpoint: text-to-image, 4 input channels; its UNet gets this package's attention.
        before: caption of the first image.
        after: caption of the second image.
        candidates: seed, share and guidance of each pair; its result does not depend on the others.
        size: (height, width) in px, multiples of the checkpoint's `size_multiple`.
        steps: denoising steps; the original takes 100, 25 are said to suffice.
        sampler: see `samplers`.
        cross: also share cross-attention (`replace`, `refine`, `reweight`), in the conditional branch.
        cross_share: share of the steps in which it is, 0..1.
        blend: also bound the change to where words attend.
        attention: what shares; None for `SharedAttention`. For comparisons.

    Raises:
        InvalidParameters: if a size or caption does not fit.
        IncompatibleCheckpoint: if the checkpoint is an editor's.

    """
    _check(checkpoint, size)
    checkpoint.unet.set_attn_processor(attention or SharedAttention())
    run = _PairRun(checkpoint, before, after, candidates, size, steps, sampler)
    maps = None if blend is None else run.word_maps(blend)
    cross = cross and cross.placed(checkpoint.device, checkpoint.dtype)
    for step in range(steps):
        sharing = run.sharing(step, cross if within_share(step, steps, 0.0, cross_share) else None, maps)
        run.advance(step, sharing)
        if blend is not None and maps is not None and step >= blend.start * steps:
            run.blend(maps, blend.threshold)
    return run.decode()


class _PairRun:
    """P pairs on their way; see `sharing` for the order of rows."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        before: str,
        after: str,
        candidates: Sequence[PairParameters],
        size: tuple[int, int],
        steps: int,
        sampler: Sampler,
    ) -> None:
        self.checkpoint, self.candidates, self.captions = checkpoint, candidates, (before, after)
        self.step_function = SOLVERS[sampler].step
        self.schedule: Schedule = SOLVERS[sampler].schedule(checkpoint.noise, steps)
        # Two generators of one seed: both images of a pair see the same noise, at the start and later.
        self.generators = [noise_generator(one.seed) for _ in "ab" for one in candidates]
        shape = (1, GENERATOR_CHANNELS, *(side // checkpoint.downscale for side in size))
        noise = [draw_noise(shape, generator, checkpoint.device) for generator in self.generators]
        self.latents = [one * self.schedule.start for one in noise]  # 2 P of [1, 4, h, w], before then after
        self.denoised: list[torch.Tensor | None] = [None] * len(noise)
        self.texts = TextProjections(_contexts(checkpoint, before, after))
        scales = [one.guidance_scale for _ in "ab" for one in candidates]
        self.guidance = torch.tensor(scales, device=checkpoint.device).view(-1, 1, 1, 1)

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w) of the latents."""
        return self.latents[0].shape[-2], self.latents[0].shape[-1]

    def sharing(self, step: int, cross: CrossAttentionEdit | None, maps: WordMaps | None) -> Sharing:
        """Return who shares with whom in a step: each pair's second image with its first."""
        shared = [within_share(step, self.schedule.steps, 0.0, one.share) for one in self.candidates]
        return Sharing(tuple(shared), self.texts, cross, maps)

    def advance(self, step: int, sharing: Sharing) -> None:
        """Take one step of every image."""
        latents = torch.cat(self.latents)
        sample = (latents * self.schedule.input_scale(step)).repeat(2, 1, 1, 1).to(self.checkpoint.dtype)
        sample = sample.contiguous(memory_format=torch.channels_last)
        timestep = torch.full((len(sample),), self.schedule.timesteps[step], device=sample.device)
        predicted = self.checkpoint.unet(
            sample,
            timestep,
            self.texts.contexts,
            cross_attention_kwargs={"sharing": sharing},
            return_dict=False,
        )[0].float()
        empty, caption = predicted.chunk(2)
        guided = empty + self.guidance * (caption - empty)
        sigma, prediction = self.schedule.sigmas[step], self.checkpoint.noise.prediction
        denoised = denoised_of(latents, guided, sigma, prediction)
        for index, generator in enumerate(self.generators):
            estimate = denoised[index : index + 1]
            self.latents[index] = self.step_function(
                self.latents[index], estimate, self.denoised[index], self.schedule, step, generator
            )
            self.denoised[index] = estimate

    def word_maps(self, blend: LocalBlend) -> WordMaps:
        """Return an empty collection of maps of the blend's words, of the captioned rows alone."""
        tokenizer, count = self.checkpoint.tokenizer, len(self.candidates)
        words = torch.zeros(GROUPS * count, tokenizer.model_max_length, device=self.checkpoint.device)
        for image, chosen in enumerate((blend.before, blend.after)):
            rows = slice((2 + image) * count, (3 + image) * count)
            for word in chosen:
                words[rows, positions_of(tokenizer, self.captions[image], word)] = 1.0
        levels = attention_levels(self.checkpoint.unet)
        return WordMaps(words, level_shapes(self.shape, [levels[min(2, len(levels) - 1)]])[0])

    def blend(self, maps: WordMaps, threshold: float) -> None:
        """Put the first image back where neither image's words attend."""
        count = len(self.candidates)
        inside = maps.inside(self.shape, threshold)[2 * count :]
        either = rearrange(inside, "(i p) c h w -> p i c h w", i=2).amax(dim=1)
        for pair, weight in enumerate(torch.split(either, 1)):
            first, second = self.latents[pair], self.latents[count + pair]
            self.latents[count + pair] = torch.lerp(first, second, weight)

    def decode(self) -> list[Pair]:
        """Decode every image."""
        vae, count = self.checkpoint.vae, len(self.candidates)
        scale = self.schedule.input_scale(self.schedule.steps) / vae.config.scaling_factor
        unscaled = (torch.cat(self.latents) * scale).to(vae.dtype)
        decoded = [vae.decode(chunk, return_dict=False)[0] for chunk in torch.split(unscaled, _DECODED)]
        images = [from_model_range(one) for chunk in decoded for one in torch.split(chunk, 1)]
        return [Pair(first, second) for first, second in zip(images[:count], images[count:], strict=True)]


def _contexts(checkpoint: Checkpoint, before: str, after: str) -> torch.Tensor:
    """Return what the UNet reads in each group of rows, `[4, 77, D]`: empty, empty, before, after."""
    encoder = Encoder(checkpoint, cached_images=1)
    (first, empty), (second, _) = (encoder.encode_text(caption)[1] for caption in (before, after))
    return torch.stack([empty, empty, first, second]).to(checkpoint.dtype)


def _check(checkpoint: Checkpoint, size: tuple[int, int]) -> None:
    channels = checkpoint.unet.config.in_channels
    if channels != GENERATOR_CHANNELS:
        wrong = f"the UNet has {channels} input channels, not {GENERATOR_CHANNELS}"
        raise IncompatibleCheckpoint(f"{wrong}; load a Stable Diffusion text-to-image checkpoint")
    multiple = checkpoint.size_multiple
    if any(side <= 0 or side % multiple for side in size):
        raise InvalidParameters("size", f"is {size}; choose multiples of {multiple} px")
