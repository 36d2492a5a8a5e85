"""From the contract's options to the engine's parameters, with the service's defaults."""

from typing import Any

from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_chassis import errors

from langdesign_editing.sampling import Sampling

FEATHER = 8
PREVIEW_EVERY = 5
_PRESERVE = {
    pb.PRESERVE_NONE: "none",
    pb.PRESERVE_ATTENTION: "attention",
    pb.PRESERVE_LATENT: "latent",
    pb.PRESERVE_STRICT: "strict",
}
_SAMPLERS = {
    pb.SAMPLER_UNSPECIFIED: "euler_ancestral",
    pb.SAMPLER_EULER_ANCESTRAL: "euler_ancestral",
    pb.SAMPLER_EULER: "euler",
    pb.SAMPLER_DDIM: "ddim",
    pb.SAMPLER_DPM_SOLVER_PLUS_PLUS: "dpmpp_2m",
}


def preserve_of(options: pb.EditOptions) -> pb.Preserve.ValueType:
    """Returns the contract to keep outside the region: strict, unless the caller chose."""
    return options.preserve or pb.PRESERVE_STRICT


def effective_preserve(options: pb.EditOptions, regions: int) -> pb.Preserve.ValueType:
    """Returns the contract that is kept over a number of regions: none over the whole picture (0)."""
    return preserve_of(options) if regions else pb.PRESERVE_NONE


def feather_of(options: pb.EditOptions) -> int:
    """Returns the width of the soft edge, pixels."""
    return options.feather if options.HasField("feather") else FEATHER


def check(options: pb.EditOptions, *, whole: bool) -> None:
    """Refuses options that contradict each other, or the whole picture as the region.

    Raises:
        errors.InvalidArgument: Naming the field and the mend.

    """
    if options.background_lock and options.preserve == pb.PRESERVE_NONE:
        raise errors.InvalidArgument(
            "options.background_lock needs regularisation, which preserve=none leaves out",
            field="options.background_lock",
            mend="choose preserve=attention, latent or strict",
        )
    strict = preserve_of(options) == pb.PRESERVE_STRICT and not whole
    if strict and options.result_format == media_pb2.IMAGE_FORMAT_JPEG:
        raise errors.InvalidArgument(
            "options.result_format JPEG changes pixels that preserve=strict keeps",
            field="options.result_format",
            mend="take PNG or WebP (lossless), or choose another preserve",
        )


def engine_parameters(
    instruction: str, options: pb.EditOptions, regions: int, sampling: Sampling
) -> dict[str, Any]:
    """Returns the engine's parameters, every one stated, for a number of regions (0: the whole picture)."""
    preserve = effective_preserve(options, regions)
    regularised = {"background_lock": options.background_lock} if preserve != pb.PRESERVE_NONE else None
    return {
        "instruction": instruction,
        "steps": options.steps if options.HasField("steps") else sampling.steps,
        "guidance_scale": options.guidance_scale
        if options.HasField("guidance_scale")
        else sampling.guidance_scale,
        "image_guidance_scale": options.image_guidance_scale
        if options.HasField("image_guidance_scale")
        else sampling.image_guidance_scale,
        "seed": options.seed,
        "sampler": _SAMPLERS[options.sampler],
        "regularisation": regularised,
        "preserve": _PRESERVE[preserve],
        "feather": feather_of(options),
        "preview_every": options.preview_every if options.HasField("preview_every") else PREVIEW_EVERY,
        "regions": [{} for _ in range(regions)],
    }
