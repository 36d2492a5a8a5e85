"""What is asked and what peers answer, from the contracts' messages into this service's own words."""

from collections.abc import Sequence

from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign.segmentation.v1 import segmentation_pb2
from langdesign_edits import (
    EditorOptions,
    EditSpec,
    Expression,
    InvalidSpec,
    Preserve,
    Region,
    Sampler,
    Segment,
    Verdict,
    Whole,
    default_feather,
)
from langdesign_media import ImageGuard
from langdesign_media.convert import (
    box_from_message,
    decode_mask,
    encoded_mask,
    format_from_message,
)

from langdesign_editing.failures import edit_error
from langdesign_editing.families import FAMILIES
from langdesign_editing.intake import Blob
from langdesign_editing.models import Model
from langdesign_editing.plans import InstructionPlan, PlannedEdit, Reference, Relation, Role
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
_RELATIONS = {
    reference_pb2.RELATION_UNSPECIFIED: Relation.AROUND,
    reference_pb2.RELATION_ON: Relation.ON,
    reference_pb2.RELATION_ABOVE: Relation.ABOVE,
    reference_pb2.RELATION_BELOW: Relation.BELOW,
    reference_pb2.RELATION_BESIDE: Relation.BESIDE,
    reference_pb2.RELATION_LEFT: Relation.LEFT,
    reference_pb2.RELATION_RIGHT: Relation.RIGHT,
    reference_pb2.RELATION_IN_FRONT: Relation.IN_FRONT,
    reference_pb2.RELATION_BEHIND: Relation.BEHIND,
    reference_pb2.RELATION_INSIDE: Relation.INSIDE,
}
_ROLES = {
    reference_pb2.ROLE_UNSPECIFIED: Role.TARGET,
    reference_pb2.ROLE_TARGET: Role.TARGET,
    reference_pb2.ROLE_ANCHOR: Role.ANCHOR,
    reference_pb2.ROLE_KEEP: Role.KEEP,
}
_VERDICTS = {
    segmentation_pb2.VERDICT_UNSPECIFIED: Verdict.UNCERTAIN,
    segmentation_pb2.VERDICT_FOUND: Verdict.FOUND,
    segmentation_pb2.VERDICT_NO_TARGET: Verdict.NO_TARGET,
    segmentation_pb2.VERDICT_UNCERTAIN: Verdict.UNCERTAIN,
    segmentation_pb2.VERDICT_UNKNOWN_WORD: Verdict.UNKNOWN_WORD,
}
_OPTIONAL = frozenset({"seed", "feather", "preview_every"})
"""Options that tell absence from 0, under one name here and there."""


# --- what is asked ---


def spec_from_message(request: pb.EditRequest) -> EditSpec:
    """Returns what a valid request (its constraints were checked before) asks for.

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
            result_format=format_from_message(options.result_format),
            editor=_editor(options),
            **{field.name: value for field, value in options.ListFields() if field.name in _OPTIONAL},
        )
    except InvalidSpec as error:
        raise edit_error(error, f"options.{error.field}") from error


def source_from_message(image: media_pb2.Image) -> bytes | Blob:
    """Returns a picture's bytes, or where they are stored."""
    return Blob(image.blob) if image.WhichOneof("source") == "blob" else image.data


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
    """Returns a model with what it takes for what a caller leaves out."""
    advised = pb.EditOptions(feather=default_feather(model.sampling.working_size))
    own = getattr(advised, model.family)
    own.SetInParent()
    for field in own.DESCRIPTOR.fields:
        if field.name in Sampling.model_fields:
            setattr(own, field.name, getattr(model.sampling, field.name))
    return pb.EditModel(name=model.name, advised=advised)


# --- what the peers answer ---


def _operation(value: reference_pb2.Operation.ValueType) -> str:
    known = value in reference_pb2.Operation.values()
    return reference_pb2.Operation.Name(value).removeprefix("OPERATION_").lower() if known else "other"


def plan_from_message(plan: reference_pb2.Plan) -> InstructionPlan:
    """Returns what the reference service read."""
    return InstructionPlan(
        tuple(_planned_edit(edit) for edit in plan.edits),
        read=plan.reader != reference_pb2.READER_NONE,
        language=plan.language,
        message=plan.SerializeToString(),
    )


def _planned_edit(edit: reference_pb2.PlannedEdit) -> PlannedEdit:
    return PlannedEdit(
        _operation(edit.operation),
        whole=edit.scope == reference_pb2.SCOPE_GLOBAL,
        references=tuple(_reference(reference) for reference in edit.references),
        instruction=edit.instruction,
        unknown_words=tuple(edit.unknown_words),
        surfaces=tuple(edit.surfaces),
        gentle=edit.gentle,
    )


def _reference(reference: reference_pb2.Reference) -> Reference:
    return Reference(reference.english, _ROLES[reference.role], _RELATIONS[reference.relation])


async def segments_from_message(
    segments: Sequence[segmentation_pb2.Segment], *, guard: ImageGuard, width: int, height: int
) -> list[Segment]:
    """Returns the segments of a picture of ``width`` x ``height`` pixels as displayed.

    Raises:
        MediaError: A mask cannot be read.

    """
    return [
        Segment(
            segment.expression,
            await decode_mask(encoded_mask(segment.mask), guard=guard, width=width, height=height),
            segment.no_target_probability,
            segment.score,
            segment.truncated,
            _VERDICTS[segment.verdict],
            tuple(segment.unknown_words),
        )
        for segment in segments
    ]
