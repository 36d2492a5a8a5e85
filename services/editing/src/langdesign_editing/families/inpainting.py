"""Stable Diffusion inpainting: the regions are painted anew as one, unless they show different things."""

from collections.abc import Sequence
from typing import Any

from langdesign_edits import InpaintingOptions, Preserve

from langdesign_editing.families.family import Family
from langdesign_editing.sampling import Sampling


def _parameters(
    options: InpaintingOptions, preserve: Preserve, regions: Sequence[str | None], sampling: Sampling
) -> dict[str, Any]:
    text = options.guidance_scale
    return {
        "steps": sampling.steps if options.steps is None else options.steps,
        "guidance_scale": sampling.guidance_scale if text is None else text,
        "sampler": options.sampler,
        **({"regions": [{"instruction": own} for own in regions]} if any(regions) else {}),
    }


FAMILY = Family(InpaintingOptions, _parameters)
