"""What is asked, from the contract's messages into this service's own words, and what is served into them."""

from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign_edits import (
    EditorOptions,
    EditSpec,
    Expression,
    ImageFormat,
    InvalidSpec,
    Preserve,
    Region,
    Sampler,
    Whole,
    default_feather,
)
from langdesign_media.convert import (
    box_from_message,
    encoded_mask,
    format_from_message,
)

from langdesign_editing.failures import edit_error
from langdesign_editing.families import FAMILIES
from langdesign_editing.intake import Blob
from langdesign_editing.models import Model
from langdesign_editing.sampling import Sampling

_PRESERVE = {
    pb.PRESERVE_UNSPECIFIED: Preserve.STRICT,
    pb.PRESERVE_NONE: Preserve.NONE,
    pb.PRESERVE_ATTENTION: Preserve.ATTENTION,
    pb.PRESERVE_LATENT: Preserve.LATENT,
    pb.PRESERVE_STRICT: Preserve.STRICT,
}
_SAMPLERS: dict[pb.Sampler.ValueType, Sampler] = {
    pb.SAMPLER_UNSPECIFIED: "euler_ancestral",
    pb.SAMPLER_EULER_ANCESTRAL: "euler_ancestral",
    pb.SAMPLER_EULER: "euler",
    pb.SAMPLER_DDIM: "ddim",
    pb.SAMPLER_DPM_SOLVER_PLUS_PLUS: "dpmpp_2m",
}
_OPTIONAL = frozenset({"seed", "feather", "preview_every"})
"""Options that tell absence from 0, under one name here and there."""


# --- what is asked ---


def spec_from_message(request: pb.EditRequest) -> EditSpec:
    """Return what a valid request (its constraints were checked before) asks for.

    Raises:
        errors.InvalidArgument: Its options contradict each other, or the region.

    """
    options = request.options
    try:
        return EditSpec(
            instruction=request.instruction,
            caption=request.caption,
            region=_region(request.region),
            model=request.model,
            preserve=_PRESERVE[options.preserve],
            native=options.native,
            result_format=_format(options),
            editor=_editor(options),
            **{field.name: value for field, value in options.ListFields() if field.name in _OPTIONAL},
        )
    except InvalidSpec as error:
        raise edit_error(error, f"options.{error.field}") from error


def source_from_message(image: media_pb2.Image) -> bytes | Blob:
    """Return a picture's bytes, or where they are stored."""
    return Blob(image.blob) if image.WhichOneof("source") == "blob" else image.data


def _format(options: pb.EditOptions) -> ImageFormat | None:
    """Return the format that a caller asks for; None where it leaves the choice."""
    return format_from_message(options.result_format) if options.result_format else None


def _editor(options: pb.EditOptions) -> EditorOptions | None:
    family = options.WhichOneof("editor")
    if family is None:
        return None
    given = {field.name: value for field, value in getattr(options, family).ListFields()}
    if "sampler" in given:
        given["sampler"] = _SAMPLERS[given["sampler"]]
    told: EditorOptions = FAMILIES[family].options(**given)
    return told


def _region(region: pb.Region) -> Region | None:
    match region.WhichOneof("kind"):
        case "mask":
            return encoded_mask(region.mask)
        case "box":
            return box_from_message(region.box)
        case "expression":
            return Expression(region.expression)
        case "whole":
            return Whole()
    return None


# --- what is served ---


def model_to_message(model: Model) -> pb.EditModel:
    """Return a model with what it takes for what a caller leaves out."""
    advised = pb.EditOptions(feather=default_feather(model.sampling.working_size))
    own = getattr(advised, model.family)
    own.SetInParent()
    for field in own.DESCRIPTOR.fields:
        if field.name in Sampling.__struct_fields__:
            setattr(own, field.name, getattr(model.sampling, field.name))
    return pb.EditModel(name=model.name, advised=advised)
