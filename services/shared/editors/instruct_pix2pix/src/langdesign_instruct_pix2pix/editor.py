"""The editor: one seam for a solo edit and for step-level batching."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from langdesign_diffusion.attention import RegionAttention
from langdesign_diffusion.checkpoint import EDITOR_CHANNELS, Checkpoint, attention_levels, load_checkpoint
from langdesign_diffusion.denoiser import Biases, Denoiser
from langdesign_diffusion.detail import with_detail
from langdesign_diffusion.encoding import EncodedImage, Encoder
from langdesign_diffusion.errors import IncompatibleCheckpoint, InvalidMask
from langdesign_diffusion.guidance import combine
from langdesign_diffusion.imaging import Scalar, check_image, check_masks, pad_to_multiple
from langdesign_diffusion.parameters import BLENDED
from langdesign_diffusion.preservation import blend_latents, composite, latent_weights
from langdesign_diffusion.regularisation import build_biases, level_shapes
from langdesign_diffusion.samplers import SAMPLERS, Prediction, denoised_of, draw_noise
from langdesign_edits import Pixels, Weights, feathered
from langdesign_engine import Output
from numpy.typing import NDArray

from langdesign_instruct_pix2pix.batch import assemble
from langdesign_instruct_pix2pix.parameters import EditParameters, RegionParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest, Pix2PixState


class Editor:
    """Edits images by instruction with an InstructPix2Pix checkpoint.

    `denoiser` may be replaced by a compiled form of itself; its shapes depend only on the
    number of rows and the latent shape, never on the region.
    """

    def __init__(self, checkpoint: Checkpoint, *, cached_images: int = 32) -> None:
        """Take a placed checkpoint; its UNet gets this library's attention.

        Args:
            checkpoint: with 8 input channels.
            cached_images: how many images' latents are kept, by content.

        Raises:
            IncompatibleCheckpoint: if the UNet takes no image latents.

        """
        channels = checkpoint.unet.config.in_channels
        if channels != EDITOR_CHANNELS:
            hint = "load an InstructPix2Pix checkpoint"
            raise IncompatibleCheckpoint(
                f"the UNet has {channels} input channels, not {EDITOR_CHANNELS}; {hint}"
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
    ) -> Editor:
        """Load a diffusers folder (see `load_checkpoint`)."""
        return cls(load_checkpoint(folder, device=device, dtype=dtype, name=name))

    def predict(
        self, sample: torch.Tensor, timesteps: torch.Tensor, context: torch.Tensor, biases: Biases | None
    ) -> torch.Tensor:
        """Run the UNet once (see `Denoiser` for the shapes)."""
        extra = None if biases is None else {"biases": biases}
        predicted: torch.Tensor = self.checkpoint.unet(
            sample, timesteps, context, cross_attention_kwargs=extra, return_dict=False
        )[0]
        return predicted

    def read_request(self, image: Pixels, masks: Pixels | None, parameters: str | bytes) -> Pix2PixRequest:
        """Return the request that arrays and JSON state.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        return Pix2PixRequest(image, masks, EditParameters.from_json(parameters))

    @torch.inference_mode()
    def prepare(self, request: Pix2PixRequest) -> Pix2PixState:
        """Encode the image, the masks and the text; draw the start noise.

        Masks are one per region of the parameters, or any number if the parameters name no region: each is
        a region of the whole instruction.

        Raises:
            InvalidImage, InvalidMask, InvalidParameters: naming the field and a hint.

        """
        image, masks, parameters = request.image, request.masks, request.parameters
        check_image(image)
        inside = self._regions(image, masks, parameters)
        encoded = self.encoder.encode_image(image)
        schedule = SAMPLERS[parameters.sampler].schedule(self.checkpoint.noise, parameters.steps)
        generator = torch.Generator("cpu").manual_seed(parameters.seed)
        noise = draw_noise(encoded.latents.shape, generator, self.checkpoint.device)
        context, biases = self._conditioning(inside, parameters, encoded)
        weights = None if inside is None else feathered(np.logical_or.reduce(inside), parameters.feather)
        return Pix2PixState(
            parameters=parameters,
            image=image,
            encoded=encoded,
            context=context,
            schedule=schedule,
            generator=generator,
            noise=noise,
            latents=noise * schedule.start,
            biases=biases,
            weights=weights,
            latent_weights=self._latent_weights(weights, parameters, encoded),
        )

    @torch.inference_mode()
    def denoise_step(self, states: Sequence[Pix2PixState], *, pad_rows_to: int | None = None) -> None:
        """Advance every state by one step, in one UNet call.

        The states share a shape; timestep, sampler, guidance, seed, region and step
        count are each state's own. `pad_rows_to` fills the batch with idle rows up to a fixed
        number, for compiled or captured forms of the denoiser.
        """
        branches = [state.branches for state in states]
        batch = assemble(states, branches, pad_rows_to or 0, self.checkpoint.dtype)
        predictions = self.denoiser(*batch)
        row = 0
        for state, own in zip(states, branches, strict=True):
            guided = combine(predictions[row : row + len(own)], [branch.weight for branch in own])
            _advance(state, guided, self.checkpoint.noise.prediction)
            row += len(own)

    @torch.inference_mode()
    def preview(self, state: Pix2PixState) -> Pixels:
        """Return a small picture `[ceil(H/8), ceil(W/8), 3]` of the state's current estimate."""
        estimate = state.encoded.scaled if state.denoised is None else state.denoised
        height, width = (-(-side // self.checkpoint.downscale) for side in state.image.shape[:2])
        return self.encoder.sketch(estimate, state.encoded)[:height, :width]

    @torch.inference_mode()
    def finish(self, state: Pix2PixState) -> Output:
        """Decode, crop to the caller's size and keep the preservation contract."""
        height, width = state.image.shape[:2]
        colours = self._decoded(state)
        weights = np.ones((height, width), np.float32) if state.weights is None else state.weights
        if state.parameters.preserve == "strict":
            colours = composite(state.image[..., :3], colours, weights)
        image = np.concatenate([colours, state.image[..., 3:]], axis=2)
        return Output(image, self.checkpoint.identity)

    @torch.inference_mode()
    def uncomposited(self, state: Pix2PixState) -> Pixels:
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

    def edit(self, image: Pixels, masks: Pixels | None, parameters: EditParameters) -> Output:
        """Run one edit alone: `prepare`, every `denoise_step`, `finish`."""
        state = self.prepare(Pix2PixRequest(image, masks, parameters))
        while not state.done:
            self.denoise_step([state])
        return self.finish(state)

    def _decoded(self, state: Pix2PixState) -> Pixels:
        """Return the edit's colours `[H, W, 3]`, with the detail of the input where that is to be kept."""
        height, width = state.image.shape[:2]
        final = state.latents * state.schedule.input_scale(state.steps)
        edited, tolerance = self.encoder.decode(final)[:height, :width], state.parameters.detail
        if tolerance == 0 or state.parameters.preserve not in BLENDED:
            return edited
        decoded = self.encoder.round_trip(state.encoded)[:height, :width]
        return with_detail(edited, decoded, state.image[..., :3], tolerance)

    @staticmethod
    def _regions(image: Pixels, masks: Pixels | None, parameters: EditParameters) -> NDArray[np.bool_] | None:
        if masks is not None:
            return check_masks(masks, (image.shape[0], image.shape[1]), len(parameters.regions))
        if parameters.regions:
            raise InvalidMask(
                "masks", f"is missing; send one mask for each of {len(parameters.regions)} regions"
            )
        if parameters.preserve in BLENDED:
            raise InvalidMask("masks", f'is missing; preserve="{parameters.preserve}" needs a region')
        return None

    def _conditioning(
        self, inside: NDArray[np.bool_] | None, parameters: EditParameters, encoded: EncodedImage
    ) -> tuple[torch.Tensor, Biases]:
        regions = parameters.regions
        if inside is not None and not regions:
            regions = (RegionParameters(),) * len(inside)
        prompt, context = self.encoder.encode_text(parameters.instruction, [r.instruction for r in regions])
        rule = parameters.regularisation
        if inside is None or rule is None or parameters.preserve == "none":
            return context, {}
        levels = attention_levels(self.checkpoint.unet)[: rule.levels]
        shapes = level_shapes((encoded.latents.shape[-2], encoded.latents.shape[-1]), levels)
        masks = torch.from_numpy(np.stack([self._padded(mask) for mask in inside])).to(self.checkpoint.device)
        return context, build_biases(masks, prompt, shapes, rule, self.checkpoint.dtype)

    def _latent_weights(
        self, weights: Weights | None, parameters: EditParameters, encoded: EncodedImage
    ) -> torch.Tensor | None:
        if weights is None or parameters.preserve not in BLENDED:
            return None
        shape = (encoded.latents.shape[-2], encoded.latents.shape[-1])
        return latent_weights(self._padded(weights), shape).to(self.checkpoint.device)

    def _padded(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        return pad_to_multiple(array, self.checkpoint.size_multiple)


def _advance(state: Pix2PixState, predicted: torch.Tensor, prediction: Prediction) -> None:
    sigma, following = state.schedule.sigmas[state.step], state.schedule.sigmas[state.step + 1]
    denoised = denoised_of(state.latents, predicted, sigma, prediction)
    step = SAMPLERS[state.parameters.sampler].step
    latents = step(state.latents, denoised, state.denoised, state.schedule, state.step, state.generator)
    if state.latent_weights is not None:
        latents = blend_latents(latents, state.encoded.scaled, state.noise, following, state.latent_weights)
    state.latents, state.denoised, state.step = latents, denoised, state.step + 1
