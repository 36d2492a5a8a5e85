"""How an instruction is read for a picture, before anything is edited."""

from dataclasses import dataclass

from langdesign.editing.v1 import editing_pb2

from langdesign_client import edit_requests, edits, media
from langdesign_client.calls import Unary, method
from langdesign_client.references import Plan, read_plan


@dataclass(frozen=True)
class Reading:
    """What an instruction is read as, and where it acts: an edit of the same request does just this.

    `plan` is None where the caller gave the region; `mask` and `box` where the whole picture would be edited,
    or nothing. `coverage` is a share of the picture, 0..1. `truncated` says that an expression was longer
    than the network reads. `no_op_reason` is empty, or why nothing would change.
    """

    plan: Plan | None
    mask: media.Mask | None
    box: media.Box | None
    coverage: float
    no_target_probability: float | None
    truncated: bool
    no_op_reason: str


def plan_edit(
    image: media.ImageSource,
    instruction: str,
    *,
    region: edit_requests.Region | None = None,
    caption: str = "",
) -> Unary[Reading]:
    """Ask how an instruction of 1..1000 characters is read for a picture.

    Raises:
        InvalidInputError: the picture or mask is unreadable, of another format, or too large.

    """
    request = editing_pb2.PlanEditRequest(
        image=media.picture_message(image),
        instruction=instruction,
        region=edit_requests.region_message(region),
        caption=caption,
    )
    return Unary(method(editing_pb2.DESCRIPTOR, "EditingService", "PlanEdit"), request, read_reading)


def read_reading(message: editing_pb2.PlanEditResponse) -> Reading:
    """Return the reading of a message."""
    found = message.mask
    return Reading(
        plan=read_plan(message.plan.plan) if message.plan.HasField("plan") else None,
        mask=media.read_mask(found.mask) if found.HasField("mask") else None,
        box=media.read_box(found.box) if found.HasField("box") else None,
        coverage=found.coverage,
        no_target_probability=found.no_target_probability
        if found.HasField("no_target_probability")
        else None,
        truncated=found.truncated,
        no_op_reason=edits.read_no_op_reason(message.no_op_reason),
    )
