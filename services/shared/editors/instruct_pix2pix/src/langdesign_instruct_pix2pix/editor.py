"""The editor of InstructPix2Pix: one seam for a solo edit and for step-level batching."""

from __future__ import annotations

import numpy as np
import torch
from langdesign_diffusion.checkpoint import EDITOR_CHANNELS
from langdesign_diffusion.denoiser import Biases
from langdesign_diffusion.editor import Beginning, LatentEditor
from langdesign_diffusion.errors import InvalidArrays
from langdesign_diffusion.imaging import check_image, check_masks
from langdesign_diffusion.parameters import BLENDED
from langdesign_diffusion.regularisation import build_biases
from langdesign_edits import Pixels
from langdesign_engine import Output
from numpy.typing import NDArray

from langdesign_instruct_pix2pix.parameters import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest, Pix2PixState


class Editor(LatentEditor[Pix2PixRequest, Pix2PixState]):
    """Edits images by instruction with an InstructPix2Pix checkpoint."""

    channels = EDITOR_CHANNELS
    family = "an InstructPix2Pix"

    def read_parameters(self, text: str | bytes) -> EditParameters:
        """Return the parameters that JSON states.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        return EditParameters.from_json(text)

    def read_request(self, image: Pixels, masks: Pixels | None, parameters: str | bytes) -> Pix2PixRequest:
        """Return the request that arrays and JSON state.

        Raises:
            InvalidParameters: naming the field and a hint.

        """
        return Pix2PixRequest(image, masks, self.read_parameters(parameters))

    @torch.inference_mode()
    def prepare(self, request: Pix2PixRequest) -> Pix2PixState:
        """Encode the image, the masks and the text; draw the start noise.

        Masks are one per region of the parameters, or any number if the parameters name no region: each is
        a region of the whole instruction.

        Raises:
            InvalidArrays, InvalidParameters: naming the field and a hint.

        """
        image, masks, parameters = request.image, request.masks, request.parameters
        check_image(image)
        inside = self._regions(image, masks, parameters)
        begun = self.beginning(image, inside, parameters)
        biases = self._biases(inside, parameters, begun)
        return Pix2PixState(parameters=parameters, biases=biases, **begun)

    def finish(self, state: Pix2PixState) -> Output:
        """Decode, crop to the caller's size and keep the preservation contract."""
        return Output(self.picture(state), self.checkpoint.identity)

    def edit(self, image: Pixels, masks: Pixels | None, parameters: EditParameters) -> Output:
        """Run one edit alone: `prepare`, every `denoise_step`, `finish`."""
        return self.finish(self.complete(Pix2PixRequest(image, masks, parameters)))

    @staticmethod
    def _regions(image: Pixels, masks: Pixels | None, parameters: EditParameters) -> NDArray[np.bool_] | None:
        if masks is not None:
            return check_masks(masks, (image.shape[0], image.shape[1]), len(parameters.regions))
        if parameters.regions:
            raise InvalidArrays(
                "masks", f"is missing; send one mask for each of {len(parameters.regions)} regions"
            )
        if parameters.preserve in BLENDED:
            raise InvalidArrays("masks", f'is missing; preserve="{parameters.preserve}" needs a region')
        return None

    def _biases(
        self, inside: NDArray[np.bool_] | None, parameters: EditParameters, begun: Beginning
    ) -> Biases:
        rule = parameters.regularisation
        if inside is None or rule is None or parameters.preserve == "none":
            return {}
        shapes = self.attention_shapes(begun["encoded"])[: rule.levels]
        masks, dtype = self.masks_of(inside), self.checkpoint.dtype
        return begun["separation"] | build_biases(masks, begun["prompts"], shapes, rule, dtype)
