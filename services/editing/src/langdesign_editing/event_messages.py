"""What happens in an edit, as the contract's messages, and back where the service reads them."""

import dataclasses

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.reference.v1 import reference_pb2
from langdesign_chassis.enums import contract_values
from langdesign_edits import Box, ChangeReport, ChangeStatistics, Mask, Preserve, coverage, tight_box
from langdesign_edits.focus import Focus
from langdesign_media.convert import box_to_message, mask_to_message

from langdesign_editing.events import (
    EditOutcome,
    Event,
    Failure,
    GroundedEdit,
    Grounding,
    Happening,
    NoOpReason,
    Outcome,
    State,
    StepDone,
)
from langdesign_editing.plans import InstructionPlan

_PRESERVE = contract_values(Preserve, pb.Preserve)
_NO_OPS = contract_values(NoOpReason, pb.NoOpReason)
_STATES = contract_values(State, pb.EditState)


async def event_of(sequence: int, happening: Happening) -> Event:
    """Return the event that tells what happened now."""
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
    """Return a result's event that refers to its picture in place of holding it."""
    message = pb.EditEvent.FromString(event.message)
    message.result.image.blob = digest
    return Event(event.sequence, message.SerializeToString())


def event_to_message(event: Event) -> pb.EditEvent:
    """Return the contract's event, with its picture."""
    message = pb.EditEvent.FromString(event.message)
    if event.picture is not None:
        told = message.preview if message.HasField("preview") else message.result
        told.image.data = event.picture
    return message


def failure_of_event(event: Event) -> Failure | None:
    """Return why an edit failed, of its last event; None when it did not."""
    failed = pb.EditEvent.FromString(event.message).failed
    return Failure(failed.code, failed.message) if failed.code else None


async def reading_to_message(plan: InstructionPlan | None, grounding: Grounding) -> pb.PlanEditResponse:
    """Return how an instruction is read, and where it acts."""
    return pb.PlanEditResponse(
        plan=None if plan is None else _plan_event(plan),
        mask=await _mask_event(grounding),
        no_op_reason=_no_op_reason(grounding.no_op),
    )


def state_to_message(state: State) -> pb.EditState.ValueType:
    """Return the contract's state of an operation."""
    return _STATES[state]


def _plan_event(plan: InstructionPlan) -> pb.PlanEvent:
    return pb.PlanEvent(plan=reference_pb2.Plan.FromString(plan.message))


async def _mask_event(grounding: Grounding) -> pb.MaskEvent:
    event = pb.MaskEvent(
        no_target_probability=grounding.no_target_probability,
        truncated=grounding.truncated,
        coverage=float(grounding.whole),
        regions=[await _region(edit) for edit in grounding.edits],
    )
    if len(grounding.edits) == 1 and event.regions[0].HasField("mask"):  # encoded once, as masks are large
        event.mask.CopyFrom(event.regions[0].mask)
        event.box.CopyFrom(event.regions[0].box)
        event.coverage = event.regions[0].coverage
    elif grounding.union is not None:
        await _set_mask(event, grounding.union)
    return event


async def _region(edit: GroundedEdit) -> pb.EditRegion:
    region = pb.EditRegion(
        edit=edit.edit,
        coverage=float(edit.whole),
        no_target_probability=edit.no_target_probability,
        truncated=edit.truncated,
        no_op_reason=_no_op_reason(None if edit.open else edit.no_op),
        unknown_words=edit.unknown_words,
        not_found=edit.not_found,
        transparent_share=edit.transparent_share,
        surface=edit.surface,
    )
    setattr(region, "pass", edit.pass_number)  # a word of Python's own
    if edit.union is not None:
        await _set_mask(region, edit.union)
    return region


async def _set_mask(message: pb.MaskEvent | pb.EditRegion, mask: Mask) -> None:
    message.mask.CopyFrom(await mask_to_message(mask))
    if (box := tight_box(mask)) is not None:
        message.box.CopyFrom(box_to_message(box))
    message.coverage = coverage(mask)


def _result_event(outcome: Outcome) -> pb.ResultEvent:
    return pb.ResultEvent(
        no_op_reason=_no_op_reason(outcome.no_op),
        report=_report(outcome.report),
        seed=outcome.seed,
        checkpoint=outcome.checkpoint,
        timings=pb.EditTimings(**{name: _duration(value) for name, value in outcome.seconds.items()}),
        focus=None if outcome.focus is None else _focus(outcome.focus),
        edits=map(_edit_outcome, outcome.edits),
    )


def _edit_outcome(outcome: EditOutcome) -> pb.EditOutcome:
    edit = outcome.grounded
    told = pb.EditOutcome(
        edit=edit.edit,
        instruction=edit.asked.instruction,
        no_op_reason=_no_op_reason(edit.no_op),
        unknown_words=edit.unknown_words,
        not_found=edit.not_found,
        transparent_share=edit.transparent_share,
        inside=None if outcome.inside is None else _statistics(outcome.inside),
    )
    setattr(told, "pass", edit.pass_number)
    return told


def _no_op_reason(reason: NoOpReason | None) -> pb.NoOpReason.ValueType:
    return pb.NO_OP_REASON_UNSPECIFIED if reason is None else _NO_OPS[reason]


def _focus(focus: Focus) -> pb.Focus:
    top, left, height, width = focus.box
    box = box_to_message(Box(left, top, width, height))
    return pb.Focus(box=box, height=focus.size[0], width=focus.size[1])


def _report(report: ChangeReport) -> pb.PreservationReport:
    return pb.PreservationReport(
        preserve=_PRESERVE[report.preserve],
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
