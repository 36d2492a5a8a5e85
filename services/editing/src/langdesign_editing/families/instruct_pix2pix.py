"""InstructPix2Pix with regularised attention."""

from collections.abc import Sequence
from typing import Any

from langdesign_edits import InstructPix2PixOptions, Preserve

from langdesign_editing.families.family import Family
from langdesign_editing.sampling import Sampling


def _parameters(
    options: InstructPix2PixOptions, preserve: Preserve, regions: Sequence[str | None], sampling: Sampling
) -> dict[str, Any]:
    text, image = options.guidance_scale, options.image_guidance_scale
    return {
        "steps": sampling.steps if options.steps is None else options.steps,
        "guidance_scale": sampling.guidance_scale if text is None else text,
        "image_guidance_scale": sampling.image_guidance_scale if image is None else image,
        "sampler": options.sampler,
        "regularisation": None if preserve is Preserve.NONE else {"background_lock": options.background_lock},
        "regions": [{} if own is None else {"instruction": own} for own in regions],
    }


FAMILY = Family(InstructPix2PixOptions, _parameters)
