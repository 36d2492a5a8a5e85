"""What editors of one UNet and one autoencoder have in common: all but what conditions the UNet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Generic, Self, TypedDict, TypeVar

import numpy as np
import torch
from langdesign_edits import Pixels, Weights, feathered
from numpy.typing import NDArray

from langdesign_diffusion.attention import RegionAttention
from langdesign_diffusion.batch import assemble
from langdesign_diffusion.checkpoint import Checkpoint, attention_levels, load_checkpoint
from langdesign_diffusion.denoiser import Biases, Denoiser
from langdesign_diffusion.detail import with_detail
from langdesign_diffusion.encoding import EncodedImage, Encoder
from langdesign_diffusion.errors import IncompatibleCheckpoint
from langdesign_diffusion.guidance import combine
from langdesign_diffusion.imaging import Scalar, pad_to_multiple
from langdesign_diffusion.parameters import BLENDED
from langdesign_diffusion.preservation import composite, latent_weights
from langdesign_diffusion.region_prompts import RegionPrompts
from langdesign_diffusion.regularisation import build_separation, level_shapes
from langdesign_diffusion.samplers import SOLVERS, Schedule, draw_noise, noise_generator
from langdesign_diffusion.state import LatentParameters, LatentRequest, LatentState
from langdesign_diffusion.tokens import CheckedInstruction, check_instruction

RequestT = TypeVar("RequestT", bound=LatentRequest)
StateT = TypeVar("StateT", bound=LatentState)


class Beginning(TypedDict):
    """The fields of a `LatentState` that no family adds to."""

    image: Pixels
    encoded: EncodedImage
    schedule: Schedule
    generator: torch.Generator
    noise: torch.Tensor
    latents: torch.Tensor
    prompts: RegionPrompts
    context: torch.Tensor
    separation: Biases
    weights: Weights | None
    latent_weights: torch.Tensor | None


class LatentEditor(Generic[RequestT, StateT]):
    """Edits images by denoising latents with a checkpoint.

    `denoiser` may be replaced by a compiled form of itself; its shapes depend only on the
    number of rows, the latent shape and the number of distinct instructions, never on the region.
    """

    channels: ClassVar[int]  # that the family's UNet takes
    family: ClassVar[str]  # what to load where a checkpoint is of another

    def __init__(self, checkpoint: Checkpoint, *, cached_images: int = 32) -> None:
        """Take a placed checkpoint; its UNet gets this library's attention.

        Args:
            checkpoint: whose UNet takes as many channels as the family's.
            cached_images: how many images' latents are kept, by content.

        Raises:
            IncompatibleCheckpoint: if the UNet is another family's.

        """
        channels = checkpoint.unet.config.in_channels
        if channels != self.channels:
            hint = f"load {self.family} checkpoint"
            raise IncompatibleCheckpoint(
                f"the UNet has {channels} input channels, not {self.channels}; {hint}"
            )
        self.checkpoint = checkpoint
        self.encoder = Encoder(checkpoint, cached_images=cached_images)
        checkpoint.unet.set_attn_processor(RegionAttention())
        self.denoiser: Denoiser = self.predict

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
        name: str = "",
    ) -> Self:
        """Load a diffusers folder (see `load_checkpoint`)."""
        return cls(load_checkpoint(folder, device=device, dtype=dtype, name=name))

    def read_parameters(self, text: str | bytes) -> LatentParameters:
        """Return the parameters that JSON states, as the family reads them.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        raise NotImplementedError

    def check(self, parameters: str | bytes) -> tuple[CheckedInstruction, ...]:
        """Read JSON parameters and return what there is to say of each instruction that is written.

        The whole one comes first, then those of the regions, in order. Of no picture; safe in any thread.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        stated = self.read_parameters(parameters)
        written = {"instruction": stated.instruction if stated.instruction.strip() else None}
        for number, region in enumerate(stated.regions):
            written[f"regions[{number}].instruction"] = region.instruction
        tokenizer = self.checkpoint.tokenizer
        return tuple(
            check_instruction(tokenizer, text, field) for field, text in written.items() if text is not None
        )

    def prepare(self, request: RequestT) -> StateT:
        """Encode a request, as the family does.

        Raises:
            InvalidArrays, InvalidParameters: naming the field and a hint.

        """
        raise NotImplementedError

    def complete(self, request: RequestT) -> StateT:
        """Take one request alone from `prepare` through every step; it is left to be decoded."""
        state = self.prepare(request)
        while not state.done:
            self.denoise_step([state])
        return state

    def warm_up(self, requests: Iterable[RequestT], row_buckets: Sequence[int]) -> None:
        """Run every phase once for each request, of one step, and each number of rows to pad to."""
        for request in requests:
            for rows in row_buckets:
                state = self.prepare(request)
                self.denoise_step([state], pad_rows_to=rows)
                self.picture(state)

    def predict(
        self, sample: torch.Tensor, timesteps: torch.Tensor, context: torch.Tensor, biases: Biases | None
    ) -> torch.Tensor:
        """Run the UNet once (see `Denoiser` for the shapes)."""
        extra = None if biases is None else {"biases": biases}
        predicted: torch.Tensor = self.checkpoint.unet(
            sample, timesteps, context, cross_attention_kwargs=extra, return_dict=False
        )[0]
        return predicted

    @torch.inference_mode()
    def denoise_step(self, states: Sequence[StateT], *, pad_rows_to: int | None = None) -> None:
        """Advance every state by one step, in one UNet call.

        The states share a shape; timestep, sampler, guidance, seed, region and step
        count are each state's own. `pad_rows_to` fills the batch with idle rows up to a fixed
        number, for compiled or captured forms of the denoiser.
        """
        conditions = [state.conditions for state in states]
        batch = assemble(states, conditions, pad_rows_to or 0, self.checkpoint.dtype)
        predictions = self.denoiser(*batch)
        row = 0
        for state, own in zip(states, conditions, strict=True):
            guided = combine(predictions[row : row + len(own)], [condition.weight for condition in own])
            state.advance(guided, self.checkpoint.noise.prediction)
            row += len(own)

    @torch.inference_mode()
    def preview(self, state: LatentState) -> Pixels:
        """Return a small picture `[ceil(H/8), ceil(W/8), 3]` of the state's current estimate."""
        estimate = state.encoded.scaled if state.denoised is None else state.denoised
        height, width = (-(-side // self.checkpoint.downscale) for side in state.image.shape[:2])
        return self.encoder.sketch(estimate, state.encoded)[:height, :width]

    @torch.inference_mode()
    def picture(self, state: LatentState) -> Pixels:
        """Decode a state that is done, crop to the caller's size and keep the preservation contract."""
        height, width = state.image.shape[:2]
        colours = self._decoded(state)
        weights = np.ones((height, width), np.float32) if state.weights is None else state.weights
        if state.parameters.preserve == "strict":
            colours = composite(state.image[..., :3], colours, weights)
        return np.concatenate([colours, state.image[..., 3:]], axis=2)

    @torch.inference_mode()
    def uncomposited(self, state: LatentState) -> Pixels:
        """Return what the last step made of the whole picture, `[H, W, 3]`: what the contract hides.

        Its estimate is decoded as the UNet gave it: no latents blended back after it, no detail given back,
        no pixels composited. For who measures what a model does outside its region; costs a decoding.
        """
        height, width = state.image.shape[:2]
        estimate = state.encoded.scaled if state.denoised is None else state.denoised
        return self.encoder.decode(estimate)[:height, :width]

    def synchronize(self) -> None:
        """Wait for the device; on a CPU there is nothing to wait for."""
        device = self.checkpoint.device
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    def beginning(
        self, image: Pixels, inside: NDArray[np.bool_] | None, parameters: LatentParameters
    ) -> Beginning:
        """Encode an image and instructions, draw the start noise, and weigh what is to be kept.

        Args:
            image: `[H, W, 3 or 4]` uint8, checked.
            inside: the regions `[R, H, W]`; None: there is none.
            parameters: of the edit.

        Raises:
            InvalidParameters: an instruction is longer than the text encoder's context.

        """
        count = 0 if inside is None else len(inside)
        own = [region.instruction for region in parameters.regions] or [None] * count
        prompts, context = self.encoder.encode_text(parameters.instruction, own)
        encoded = self.encoder.encode_image(image)
        schedule = SOLVERS[parameters.sampler].schedule(self.checkpoint.noise, parameters.steps)
        generator = noise_generator(parameters.seed)
        noise = draw_noise(encoded.latents.shape, generator, self.checkpoint.device)
        weights = None if inside is None else feathered(np.logical_or.reduce(inside), parameters.feather)
        blended = weights if parameters.preserve in BLENDED else None
        return {
            "image": image,
            "encoded": encoded,
            "schedule": schedule,
            "generator": generator,
            "noise": noise,
            "latents": noise * schedule.start,
            "prompts": prompts,
            "context": context,
            "separation": self._separation(inside, prompts, encoded),
            "weights": weights,
            "latent_weights": None if blended is None else self.at_latents(blended, encoded),
        }

    def at_latents(self, weights: Weights, encoded: EncodedImage) -> torch.Tensor:
        """Return weights `[H, W]` at the latent's size, `[1, 1, h, w]`: the most of each cell."""
        shape = (encoded.latents.shape[-2], encoded.latents.shape[-1])
        return latent_weights(self.padded(weights), shape).to(self.checkpoint.device)

    def padded(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        """Mirror `[H, W, ...]` up to the sides that the UNet takes."""
        return pad_to_multiple(array, self.checkpoint.size_multiple)

    def masks_of(self, inside: NDArray[np.bool_]) -> torch.Tensor:
        """Return regions `[R, H, W]` on the device, mirrored up to the sides that the UNet takes."""
        padded = np.stack([self.padded(mask) for mask in inside])
        return torch.from_numpy(padded).to(self.checkpoint.device)

    def attention_shapes(self, encoded: EncodedImage) -> list[tuple[int, int]]:
        """Return (h, w) of each resolution with cross-attention, the finest first."""
        height, width = encoded.latents.shape[-2:]
        return level_shapes((height, width), attention_levels(self.checkpoint.unet))

    def _separation(
        self, inside: NDArray[np.bool_] | None, prompts: RegionPrompts, encoded: EncodedImage
    ) -> Biases:
        if inside is None:
            return {}
        shapes = self.attention_shapes(encoded)
        return build_separation(self.masks_of(inside), prompts, shapes, self.checkpoint.dtype)

    def _decoded(self, state: LatentState) -> Pixels:
        """Return the edit's colours `[H, W, 3]`, with the detail of the input where that is to be kept."""
        height, width = state.image.shape[:2]
        final = state.latents * state.schedule.input_scale(state.steps)
        edited, tolerance = self.encoder.decode(final)[:height, :width], state.parameters.detail
        if tolerance == 0 or state.parameters.preserve not in BLENDED:
            return edited
        decoded = self.encoder.round_trip(state.encoded)[:height, :width]
        return with_detail(edited, decoded, state.image[..., :3], tolerance)
