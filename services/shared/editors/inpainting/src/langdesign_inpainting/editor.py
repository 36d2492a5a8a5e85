"""The editor of Stable Diffusion inpainting (Rombach et al., arXiv:2112.10752), behind the engine's seam."""

from __future__ import annotations

import numpy as np
import torch
from langdesign_diffusion.checkpoint import INPAINTER_CHANNELS
from langdesign_diffusion.editor import LatentEditor
from langdesign_diffusion.encoding import EncodedImage
from langdesign_diffusion.errors import InvalidArrays
from langdesign_diffusion.imaging import check_image, check_masks, to_model_range
from langdesign_diffusion.parameters import read_parameters
from langdesign_edits import Mask, Pixels
from langdesign_engine import Output

from langdesign_inpainting.parameters import InpaintParameters
from langdesign_inpainting.state import InpaintRequest, InpaintState


class Editor(LatentEditor[InpaintRequest, InpaintState]):
    """Paints what a mask covers anew, as a text says; its UNet sees the mask and the rest of the picture.

    Two things differ from diffusers' pipeline: the rest is encoded as the mode of its posterior, not as a
    draw, and a position of the latents counts as covered where the mask touches any of its pixels, so that a
    thin region is never lost.
    """

    channels = INPAINTER_CHANNELS
    family = "a Stable Diffusion inpainting"

    def read_parameters(self, text: str | bytes) -> InpaintParameters:
        """Return the parameters that JSON states.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        return read_parameters(InpaintParameters, text)

    def read_request(self, image: Pixels, masks: Pixels | None, parameters: str | bytes) -> InpaintRequest:
        """Return the request that arrays and JSON state.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        return InpaintRequest(image, masks, self.read_parameters(parameters))

    @torch.inference_mode()
    def prepare(self, request: InpaintRequest) -> InpaintState:
        """Encode the image, what of it is known, and the text; draw the start noise.

        Masks are one per region of the parameters, or any number if the parameters name no region.

        Raises:
            InvalidArrays, InvalidParameters: naming the field and a hint.

        """
        image, masks, parameters = request.image, request.masks, request.parameters
        check_image(image)
        if masks is None:
            raise InvalidArrays("masks", "is missing; send the mask of what is to be painted anew")
        inside = check_masks(masks, (image.shape[0], image.shape[1]), len(parameters.regions))
        begun = self.beginning(image, inside, parameters)
        known = self._known(image, np.logical_or.reduce(inside), begun["encoded"])
        return InpaintState(parameters=parameters, known=known, **begun)

    def finish(self, state: InpaintState) -> Output:
        """Decode, crop to the caller's size and keep the preservation contract."""
        return Output(self.picture(state), self.checkpoint.identity)

    def edit(self, image: Pixels, masks: Pixels | None, parameters: InpaintParameters) -> Output:
        """Run one edit alone: `prepare`, every `denoise_step`, `finish`."""
        return self.finish(self.complete(InpaintRequest(image, masks, parameters)))

    def _known(self, image: Pixels, covered: Mask, encoded: EncodedImage) -> torch.Tensor:
        """Return the mask and the latents of the picture with grey in its place, `[1, 5, h, w]`."""
        checkpoint = self.checkpoint
        colours = to_model_range(self.padded(image[..., :3]), checkpoint.device, checkpoint.dtype)
        kept = torch.from_numpy(~self.padded(covered)).to(checkpoint.device)
        latents = checkpoint.vae.encode(colours * kept, return_dict=False)[0].mode().float()
        mask = self.at_latents(covered.astype(np.float32), encoded)
        return torch.cat([mask, latents * checkpoint.vae.config.scaling_factor], dim=1)
