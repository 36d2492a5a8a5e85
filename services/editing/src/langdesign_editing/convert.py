"""Between the messages of the contracts and this service's own words: the one place that knows both."""

import dataclasses
from collections.abc import Sequence

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.media.v1 import media_pb2
from langdesign.reference.v1 import reference_pb2
from langdesign.segmentation.v1 import segmentation_pb2
from langdesign_edits import (
    Box,
    ChangeReport,
    ChangeStatistics,
    EditorOptions,
    EditSpec,
    Expression,
    InvalidSpec,
    Preserve,
    Region,
    Sampler,
    Segment,
    Whole,
    coverage,
    tight_box,
)
from langdesign_edits.focus import Focus
from langdesign_media import ImageGuard
from langdesign_media.convert import (
    box_from_message,
    box_to_message,
    decode_mask,
    encoded_mask,
    format_from_message,
    mask_to_message,
)

from langdesign_editing.events import (
    Event,
    Failure,
    Grounding,
    Happening,
    NoOpReason,
    Outcome,
    State,
    StepDone,
)
from langdesign_editing.failures import edit_error
from langdesign_editing.families import FAMILIES
from langdesign_editing.intake import Blob
from langdesign_editing.plans import InstructionPlan, Reference, Relation

_PRESERVE = {
    pb.PRESERVE_UNSPECIFIED: Preserve.STRICT,
    pb.PRESERVE_NONE: Preserve.NONE,
    pb.PRESERVE_ATTENTION: Preserve.ATTENTION,
    pb.PRESERVE_LATENT: Preserve.LATENT,
    pb.PRESERVE_STRICT: Preserve.STRICT,
}
_PRESERVE_MESSAGES = {value: number for number, value in _PRESERVE.items()}
_SAMPLERS: dict[pb.Sampler.ValueType, Sampler] = {
    pb.SAMPLER_UNSPECIFIED: "euler_ancestral",
    pb.SAMPLER_EULER_ANCESTRAL: "euler_ancestral",
    pb.SAMPLER_EULER: "euler",
    pb.SAMPLER_DDIM: "ddim",
    pb.SAMPLER_DPM_SOLVER_PLUS_PLUS: "dpmpp_2m",
}
_NO_OPS = {
    NoOpReason.NO_TARGET: pb.NO_OP_REASON_NO_TARGET,
    NoOpReason.EMPTY_MASK: pb.NO_OP_REASON_EMPTY_MASK,
    NoOpReason.UNREADABLE_INSTRUCTION: pb.NO_OP_REASON_UNREADABLE_INSTRUCTION,
}
_STATES = {
    State.RUNNING: pb.EDIT_STATE_RUNNING,
    State.SUCCEEDED: pb.EDIT_STATE_SUCCEEDED,
    State.FAILED: pb.EDIT_STATE_FAILED,
    State.CANCELLED: pb.EDIT_STATE_CANCELLED,
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


# --- what the peers answer ---


def _operation(value: reference_pb2.Operation.ValueType) -> str:
    known = value in reference_pb2.Operation.values()
    return reference_pb2.Operation.Name(value).removeprefix("OPERATION_").lower() if known else "other"


def plan_from_message(plan: reference_pb2.Plan) -> InstructionPlan:
    """Returns what the reference service read."""
    return InstructionPlan(
        tuple(
            Reference(
                reference.expression,
                _RELATIONS[reference.relation] if reference.role == reference_pb2.ROLE_ANCHOR else None,
            )
            for reference in plan.references
        ),
        whole=plan.scope == reference_pb2.SCOPE_GLOBAL,
        operation_known=plan.operation != reference_pb2.OPERATION_OTHER,
        operation=_operation(plan.operation),
        confidence=plan.confidence,
        message=plan.SerializeToString(),
    )


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
            segment.no_target,
            segment.score,
            segment.truncated,
        )
        for segment in segments
    ]


# --- what happens ---


async def event_of(sequence: int, happening: Happening) -> Event:
    """Returns the event that tells what happened now."""
    message, picture = pb.EditEvent(sequence=sequence), None
    message.time.CopyFrom(_now())
    match happening:
        case InstructionPlan():
            message.plan.CopyFrom(_plan_event(happening))
        case Grounding():
            message.mask.CopyFrom(await _mask_event(happening))
        case StepDone():
            message.preview.step, message.preview.steps = happening.step, happening.steps
            picture = happening.preview
        case Outcome():
            message.result.CopyFrom(_result_event(happening))
            picture = happening.data
        case Failure():
            message.failed.code, message.failed.message = happening.code, happening.message
    return Event(sequence, message.SerializeToString(), picture)


def referring(event: Event, digest: str) -> Event:
    """Returns a result's event that refers to its picture in place of holding it."""
    message = pb.EditEvent.FromString(event.message)
    message.result.image.blob = digest
    return Event(event.sequence, message.SerializeToString())


def event_to_message(event: Event) -> pb.EditEvent:
    """Returns the contract's event, with its picture."""
    message = pb.EditEvent.FromString(event.message)
    if event.picture is not None:
        told = message.preview if message.HasField("preview") else message.result
        told.image.data = event.picture
    return message


def failure_of_event(event: Event) -> Failure | None:
    """Returns why an edit failed, of its last event; None when it did not."""
    failed = pb.EditEvent.FromString(event.message).failed
    return Failure(failed.code, failed.message) if failed.code else None


async def reading_to_message(plan: InstructionPlan | None, grounding: Grounding) -> pb.PlanEditResponse:
    """Returns how an instruction is read, and where it acts."""
    return pb.PlanEditResponse(
        plan=None if plan is None else _plan_event(plan),
        mask=await _mask_event(grounding),
        no_op_reason=_no_op_reason(grounding.no_op),
    )


def state_to_message(state: State) -> pb.EditState.ValueType:
    """Returns the contract's state of an operation."""
    return _STATES[state]


def _plan_event(plan: InstructionPlan) -> pb.PlanEvent:
    return pb.PlanEvent(plan=reference_pb2.Plan.FromString(plan.message))


async def _mask_event(grounding: Grounding) -> pb.MaskEvent:
    event = pb.MaskEvent(no_target_probability=grounding.no_target_probability, truncated=grounding.truncated)
    union = grounding.union
    if union is not None:
        event.mask.CopyFrom(await mask_to_message(union))
        if (box := tight_box(union)) is not None:
            event.box.CopyFrom(box_to_message(box))
        event.coverage = coverage(union)
    elif grounding.no_op is None:
        event.coverage = 1.0
    return event


def _result_event(outcome: Outcome) -> pb.ResultEvent:
    return pb.ResultEvent(
        no_op_reason=_no_op_reason(outcome.no_op),
        report=_report(outcome.report),
        seed=outcome.seed,
        checkpoint=outcome.checkpoint,
        timings=pb.EditTimings(**{name: _duration(value) for name, value in outcome.seconds.items()}),
        focus=None if outcome.focus is None else _focus(outcome.focus),
    )


def _no_op_reason(reason: NoOpReason | None) -> pb.NoOpReason.ValueType:
    return pb.NO_OP_REASON_UNSPECIFIED if reason is None else _NO_OPS[reason]


def _focus(focus: Focus) -> pb.Focus:
    top, left, height, width = focus.box
    box = box_to_message(Box(left, top, width, height))
    return pb.Focus(box=box, height=focus.size[0], width=focus.size[1])


def _report(report: ChangeReport) -> pb.PreservationReport:
    return pb.PreservationReport(
        preserve=_PRESERVE_MESSAGES[report.preserve],
        inside=_statistics(report.inside),
        outside=_statistics(report.outside),
    )


def _statistics(statistics: ChangeStatistics) -> pb.ChangeStatistics:
    return pb.ChangeStatistics(**dataclasses.asdict(statistics))


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromMicroseconds(round(seconds * 1e6))
    return duration


def _now() -> Timestamp:
    now = Timestamp()
    now.GetCurrentTime()
    return now
