"""Pairs from Stable Diffusion: same start noise, same ancestral noise, shared attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from einops import rearrange

from langdesign_diffusion.checkpoint import GENERATOR_CHANNELS, Checkpoint, attention_levels
from langdesign_diffusion.encoding import Encoder
from langdesign_diffusion.errors import IncompatibleCheckpoint, InvalidParameters
from langdesign_diffusion.guidance import within_share
from langdesign_diffusion.imaging import Pixels
from langdesign_diffusion.parameters import SamplerName
from langdesign_dataset.prompt_to_prompt.alignment import CrossAttentionEdit, positions_of
from langdesign_dataset.prompt_to_prompt.blending import LocalBlend, WordMaps
from langdesign_dataset.prompt_to_prompt.sharing import SharedAttention, Sharing
from langdesign_diffusion.regularisation import level_shapes
from langdesign_diffusion.samplers import SAMPLERS, Schedule, denoised_of, draw_noise


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
    sampler: SamplerName = "euler_ancestral",
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
    sampler: SamplerName = "euler_ancestral",
    cross: CrossAttentionEdit | None = None,
    cross_share: float = 0.8,
    blend: LocalBlend | None = None,
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

    Raises:
        InvalidParameters: if a size or caption does not fit.
        IncompatibleCheckpoint: if the checkpoint is an editor's.

    """
    _check(checkpoint, size)
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
    """P pairs on their way; rows of a batch are (empty text, caption) x P x (before, after)."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        before: str,
        after: str,
        candidates: Sequence[PairParameters],
        size: tuple[int, int],
        steps: int,
        sampler: SamplerName,
    ) -> None:
        checkpoint.unet.set_attn_processor(SharedAttention())
        self.checkpoint, self.candidates, self.captions = checkpoint, candidates, (before, after)
        self.encoder = Encoder(checkpoint, cached_images=1)
        self.step_function = SAMPLERS[sampler].step
        self.schedule: Schedule = SAMPLERS[sampler].schedule(checkpoint.noise, steps)
        # Two generators of one seed: both images of a pair see the same noise, at the start and later.
        self.generators = [torch.Generator("cpu").manual_seed(one.seed) for one in candidates for _ in "ab"]
        shape = (1, GENERATOR_CHANNELS, *(side // checkpoint.downscale for side in size))
        noise = [draw_noise(shape, generator, checkpoint.device) for generator in self.generators]
        self.latents = [one * self.schedule.start for one in noise]  # 2 P of [1, 4, h, w]
        self.denoised: list[torch.Tensor | None] = [None] * len(noise)
        contexts = [self.encoder.encode_text(caption, ())[1] for caption in self.captions]
        pair = torch.stack([contexts[0].flip(0), contexts[1].flip(0)], dim=1)  # (empty, caption) x 2
        self.context = torch.cat([half.repeat(len(candidates), 1, 1) for half in pair])
        scales = [one.guidance_scale for one in candidates for _ in "ab"]
        self.guidance = torch.tensor(scales, device=checkpoint.device).view(-1, 1, 1, 1)

    @property
    def shape(self) -> tuple[int, int]:
        """(h, w) of the latents."""
        return self.latents[0].shape[-2], self.latents[0].shape[-1]

    def sharing(self, step: int, cross: CrossAttentionEdit | None, maps: WordMaps | None) -> Sharing:
        """Return who shares with whom in a step: each pair's second image with its first."""
        count, device = 2 * len(self.candidates), self.checkpoint.device
        shared = [within_share(step, self.schedule.steps, 0.0, one.share) for one in self.candidates]
        source = [row - (row % 2) * shared[row % count // 2] for row in range(2 * count)]
        rows = torch.arange(count + 1, 2 * count, 2, device=device)
        return Sharing(torch.tensor(source, device=device), rows, rows - 1, cross, maps)

    def advance(self, step: int, sharing: Sharing) -> None:
        """Take one step of every image."""
        latents = torch.cat(self.latents)
        sample = (latents * self.schedule.input_scale(step)).repeat(2, 1, 1, 1).to(self.checkpoint.dtype)
        timestep = torch.full((len(sample),), self.schedule.timesteps[step], device=sample.device)
        predicted = self.checkpoint.unet(
            sample, timestep, self.context, cross_attention_kwargs={"sharing": sharing}, return_dict=False
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
        tokenizer, count = self.checkpoint.tokenizer, 2 * len(self.candidates)
        words = torch.zeros(2 * count, tokenizer.model_max_length, device=self.checkpoint.device)
        for image, chosen in enumerate((blend.before, blend.after)):
            for word in chosen:
                words[count + image :: 2, positions_of(tokenizer, self.captions[image], word)] = 1.0
        levels = attention_levels(self.checkpoint.unet)
        return WordMaps(words, level_shapes(self.shape, [levels[min(2, len(levels) - 1)]])[0])

    def blend(self, maps: WordMaps, threshold: float) -> None:
        """Put the first image back where neither image's words attend."""
        inside = maps.inside(self.shape, threshold)[2 * len(self.candidates) :]
        either = rearrange(inside, "(p i) c h w -> p i c h w", i=2).amax(dim=1)
        for pair, weight in enumerate(torch.split(either, 1)):
            first, second = self.latents[2 * pair], self.latents[2 * pair + 1]
            self.latents[2 * pair + 1] = torch.lerp(first, second, weight)

    def decode(self) -> list[Pair]:
        """Decode every image."""
        scale = self.schedule.input_scale(self.schedule.steps)
        images = [self.encoder.decode(latents * scale) for latents in self.latents]
        return [Pair(*images[index : index + 2]) for index in range(0, len(images), 2)]


def _check(checkpoint: Checkpoint, size: tuple[int, int]) -> None:
    channels = checkpoint.unet.config.in_channels
    if channels != GENERATOR_CHANNELS:
        wrong = f"the UNet has {channels} input channels, not {GENERATOR_CHANNELS}"
        raise IncompatibleCheckpoint(f"{wrong}; load a Stable Diffusion text-to-image checkpoint")
    multiple = checkpoint.size_multiple
    if any(side <= 0 or side % multiple for side in size):
        raise InvalidParameters("size", f"is {size}; choose multiples of {multiple} px")
