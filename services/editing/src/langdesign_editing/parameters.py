"""From what is asked to the engine's parameters."""

from typing import Any

from langdesign_edits import EditSpec, Preserve, default_feather

from langdesign_editing.sampling import Sampling


def engine_parameters(spec: EditSpec, regions: int, sampling: Sampling) -> dict[str, Any]:
    """Returns the engine's parameters, every one stated, for a number of regions (0: the whole picture)."""
    preserve = spec.preserve_over(regions)
    image_guidance = spec.image_guidance_scale
    feather = default_feather(sampling.working_size) if spec.feather is None else spec.feather
    return {
        "instruction": spec.instruction,
        "steps": sampling.steps if spec.steps is None else spec.steps,
        "guidance_scale": sampling.guidance_scale if spec.guidance_scale is None else spec.guidance_scale,
        "image_guidance_scale": sampling.image_guidance_scale if image_guidance is None else image_guidance,
        "seed": spec.seed,
        "sampler": spec.sampler,
        "regularisation": None if preserve is Preserve.NONE else {"background_lock": spec.background_lock},
        "preserve": preserve.value,
        "feather": feather,
        "preview_every": spec.preview_every,
        "regions": [{} for _ in range(regions)],
    }
