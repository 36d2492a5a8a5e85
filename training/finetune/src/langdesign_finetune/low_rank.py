"""Low-rank updates of a UNet (LoRA, Hu et al., ICLR 2022), by peft, and merged into plain weights.

An adapter's own files would have to carry its alpha, and a UNet that is saved with one attached cannot be
loaded (its weights lie under `base_layer`), so that only merged weights leave this module.
"""

from __future__ import annotations

import copy

import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from torch import nn

from .errors import RecipeError
from .tune_recipes import Lora

_NAME = "default"


class LowRank:
    """Attaches updates, which change nothing yet, to a UNet in place; its own weights need no gradient then.

    Args:
        unet: on its device.
        settings: see there.

    Raises:
        RecipeError: the UNet has no layer of these names.

    """

    def __init__(self, unet: UNet2DConditionModel, settings: Lora) -> None:
        self._unet = unet
        unet.requires_grad_(False)
        try:
            unet.add_adapter(
                LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=list(settings.targets)),
                adapter_name=_NAME,
            )
        except ValueError as error:  # of peft, where no layer has such a name
            raise RecipeError(
                f"The UNet has no layer that ends in {', '.join(settings.targets)}; change lora.targets"
            ) from error
        self.updates = nn.ModuleDict(
            {
                name.replace(".", "-"): nn.ModuleList([one.lora_A[_NAME], one.lora_B[_NAME]])
                for name, one in unet.named_modules()
                if isinstance(one, LoraLayer)
            }
        )
        """What is trained: the factors A and B of each layer."""

    @torch.no_grad()
    def merged(self) -> UNet2DConditionModel:
        """Return a plain copy of the UNet with the updates added to its weights."""
        plain: UNet2DConditionModel = copy.deepcopy(self._unet)
        plain.fuse_lora()
        plain.unload_lora()
        return plain
