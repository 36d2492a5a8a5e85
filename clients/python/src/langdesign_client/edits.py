"""Edits: the events that come back, and the calls for operations. `edit_requests` has what to ask for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from langdesign.editing.v1 import editing_pb2

from langdesign_client import media
from langdesign_client.calls import Unary, method, new_key
from langdesign_client.messages import new_message
from langdesign_client.references import Plan, read_plan
from langdesign_client.status import from_code
from langdesign_client.where import Where, read_no_op_reason, read_where


@dataclass(frozen=True, kw_only=True)
class EditEvent:
    """What every event has: its operation, its place in it from 1 without gaps, and its time (UTC)."""

    operation_id: str
    sequence: int
    time: datetime


@dataclass(frozen=True, kw_only=True)
class PlanRead(EditEvent):
    """The instruction was read; `plan` is None when the caller gave the region."""

    plan: Plan | None


@dataclass(frozen=True, kw_only=True)
class MaskFound(EditEvent, Where):
    """The region is known."""


@dataclass(frozen=True, kw_only=True)
class Preview(EditEvent):
    """The denoising went on; `image` is a rough picture (JPEG), or None when only progress is told."""

    step: int
    steps: int
    image: media.Picture | None


@dataclass(frozen=True)
class ChangeStatistics:
    """How much changed in a set of pixels.

    `changed_share` is 0..1, `mean_difference` 0..255, `psnr` in decibels and None where nothing differs.
    """

    pixels: int
    changed_share: float
    mean_difference: float
    psnr: float | None


@dataclass(frozen=True)
class ChangeReport:
    """What an edit changed inside the mask with its feather, and outside of both."""

    preserve: str
    inside: ChangeStatistics
    outside: ChangeStatistics


@dataclass(frozen=True)
class Focus:
    """What the editor saw of the picture: a crop, in the picture's pixels, at its own height and width."""

    box: media.Box
    height: int
    width: int


@dataclass(frozen=True)
class EditTimings:
    """Where the time of an edit went."""

    reference: timedelta
    segmentation: timedelta
    queue: timedelta
    engine: timedelta
    total: timedelta


@dataclass(frozen=True)
class EditOutcome:
    """What became of one of a plan's edits; `edit` is its place in the plan, from 0 (0 for a given region).

    `instruction` is what the editor was told. `no_op_reason` is empty, or why this edit changed nothing (see
    `EditResult`), with the `unknown_words` where that is why. `not_found` are the things that it names
    and that were left out of it. `inside` is what the whole operation changed
    inside this edit's mask, None where it changed nothing. `editor_pass` is the pass that did it, from 0.
    `transparent_share` is the share of where it was to act that is transparent and was left out, 0..1.
    """

    edit: int
    instruction: str
    no_op_reason: str
    unknown_words: tuple[str, ...]
    not_found: tuple[str, ...]
    inside: ChangeStatistics | None
    editor_pass: int
    transparent_share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class EditResult(EditEvent):
    """The edit is done; `no_op_reason` is empty, or why nothing was to change, by any of the plan's edits.

    The reasons; a newer service may have others:

    - no_target: certified, the picture holds nothing that the instruction refers to.
    - empty_mask: the mask that the caller gave is empty.
    - unreadable_instruction: nobody could read the instruction; say it in another way, or say where it acts.
    - nothing_asked: the instruction asks for no change: a question, or "don't touch the bed".
    - unknown_words: words that the readers or the networks do not know; say it in other words.
    - uncertain: what is meant may be there, but was not found surely enough to be edited, nor to certify that
      it is absent; name it in another way, or mark it.
    - no_place: no free place was found for what is to be added; say where it goes, or mark it.

    `edits` say of each of the plan's edits what became of it, in its order. `focus` is what the editor saw,
    in the last pass.
    """

    image: media.Picture
    no_op_reason: str
    report: ChangeReport
    seed: int
    checkpoint: str
    timings: EditTimings
    focus: Focus | None = None  # None for a no-op
    edits: tuple[EditOutcome, ...] = ()


@dataclass(frozen=True)
class Operation:
    """An edit as it stands; `state` is running, succeeded, failed or cancelled."""

    operation_id: str
    state: str
    events: tuple[EditEvent, ...]
    failure: str
    create_time: datetime


def get_edit(operation_id: str) -> Unary[Operation]:
    """Ask for an operation as it stands, with its result when it is done."""
    return Unary(
        method(editing_pb2.DESCRIPTOR, "EditingService", "GetEdit"),
        new_message(editing_pb2.GetEditRequest, operation_id=operation_id),
        _read_operation,
    )


def cancel_edit(operation_id: str) -> Unary[str]:
    """Cancel an operation; the answer is its state after the call."""
    return Unary(
        method(editing_pb2.DESCRIPTOR, "EditingService", "CancelEdit"),
        new_message(editing_pb2.CancelEditRequest, idempotency_key=new_key(), operation_id=operation_id),
        lambda response: media.enum_name(editing_pb2.EditState, response.state),
    )


def read_event(operation_id: str, message: editing_pb2.EditEvent) -> EditEvent | None:
    """Return the event of a message, or None for a kind that this version does not know.

    Raises:
        LangDesignError: the event tells that the edit failed.

    """
    time = message.time.ToDatetime(UTC)
    match message.WhichOneof("event"):
        case "plan":
            plan = read_plan(message.plan.plan) if message.plan.HasField("plan") else None
            return PlanRead(operation_id=operation_id, sequence=message.sequence, time=time, plan=plan)
        case "mask":
            return _read_mask_event(operation_id, message, time)
        case "preview":
            image = message.preview.image if message.preview.HasField("image") else None
            return Preview(
                operation_id=operation_id,
                sequence=message.sequence,
                time=time,
                step=message.preview.step,
                steps=message.preview.steps,
                image=media.read_picture(image) if image else None,
            )
        case "result":
            return _read_result(operation_id, message, time)
        case "failed":
            raise from_code(message.failed.code, message.failed.message)
    return None


def _read_mask_event(operation_id: str, message: editing_pb2.EditEvent, time: datetime) -> MaskFound:
    found = read_where(message.mask)
    return MaskFound(operation_id=operation_id, sequence=message.sequence, time=time, **vars(found))


def _read_result(operation_id: str, message: editing_pb2.EditEvent, time: datetime) -> EditResult:
    event = message.result
    return EditResult(
        operation_id=operation_id,
        sequence=message.sequence,
        time=time,
        image=media.read_picture(event.image),
        no_op_reason=read_no_op_reason(event.no_op_reason),
        report=read_report(event.report),
        seed=event.seed,
        checkpoint=event.checkpoint,
        timings=read_timings(event.timings),
        focus=_read_focus(event.focus) if event.HasField("focus") else None,
        edits=read_outcomes(event),
    )


def read_outcomes(message: editing_pb2.ResultEvent) -> tuple[EditOutcome, ...]:
    """Return what became of each edit of a plan."""
    return tuple(
        EditOutcome(
            edit=one.edit,
            instruction=one.instruction,
            no_op_reason=read_no_op_reason(one.no_op_reason),
            unknown_words=tuple(one.unknown_words),
            not_found=tuple(one.not_found),
            inside=read_statistics(one.inside) if one.HasField("inside") else None,
            editor_pass=getattr(one, "pass"),
            transparent_share=one.transparent_share,
        )
        for one in message.edits
    )


def _read_focus(message: editing_pb2.Focus) -> Focus:
    return Focus(media.read_box(message.box), message.height, message.width)


def read_report(message: editing_pb2.PreservationReport) -> ChangeReport:
    """Return the report of a message."""
    return ChangeReport(
        preserve=media.enum_name(editing_pb2.Preserve, message.preserve),
        inside=read_statistics(message.inside),
        outside=read_statistics(message.outside),
    )


def read_statistics(message: editing_pb2.ChangeStatistics) -> ChangeStatistics:
    """Return the statistics of a message."""
    return ChangeStatistics(
        pixels=message.pixels,
        changed_share=message.changed_share,
        mean_difference=message.mean_difference,
        psnr=message.psnr if message.HasField("psnr") else None,
    )


def read_timings(message: editing_pb2.EditTimings) -> EditTimings:
    """Return the timings of a message."""
    return EditTimings(
        reference=message.reference.ToTimedelta(),
        segmentation=message.segmentation.ToTimedelta(),
        queue=message.queue.ToTimedelta(),
        engine=message.engine.ToTimedelta(),
        total=message.total.ToTimedelta(),
    )


def _read_operation(message: editing_pb2.GetEditResponse) -> Operation:
    failures = [event.failed.message for event in message.events if event.HasField("failed")]
    events = [
        read_event(message.operation_id, event) for event in message.events if not event.HasField("failed")
    ]
    return Operation(
        operation_id=message.operation_id,
        state=media.enum_name(editing_pb2.EditState, message.state),
        events=tuple(event for event in events if event),
        failure=failures[0] if failures else "",
        create_time=message.create_time.ToDatetime(UTC),
    )
