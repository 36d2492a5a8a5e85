"""Low-rank updates of a UNet (LoRA, Hu et al., ICLR 2022), by peft, and merged into plain weights.

An adapter's own files would have to carry its alpha, and a UNet that is saved with one attached cannot be
loaded (its weights lie under `base_layer`), so that only merged weights leave this module.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

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
        RecipeError: the UNet has no layer of one of these names.

    """

    def __init__(self, unet: UNet2DConditionModel, settings: Lora) -> None:
        self._unet = unet
        _check_targets(unet, settings.targets)
        unet.requires_grad_(False)
        unet.add_adapter(
            LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules=list(settings.targets)),
            adapter_name=_NAME,
        )
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


def _check_targets(unet: UNet2DConditionModel, targets: Sequence[str]) -> None:
    """Look for each name: peft adapts what it finds, and says nothing of the rest."""
    names = [name for name, _ in unet.named_modules()]
    missing = [one for one in targets if not any(name == one or name.endswith(f".{one}") for name in names)]
    if missing:
        raise RecipeError(f"The UNet has no layer that ends in {', '.join(missing)}; change lora.targets")
