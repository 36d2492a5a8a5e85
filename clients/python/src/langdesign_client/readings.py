"""How an instruction is read for a picture, before anything is edited."""

from dataclasses import dataclass

from langdesign.editing.v1 import editing_pb2

from langdesign_client import edit_requests, media
from langdesign_client.calls import Unary, method
from langdesign_client.messages import new_message
from langdesign_client.references import Plan, read_plan
from langdesign_client.where import Where, read_no_op_reason, read_where


@dataclass(frozen=True)
class Reading(Where):
    """What an instruction is read as, and where it acts: an edit of the same request does just this.

    `plan` is None where the caller gave the region; `Client.edit` takes it to do just that. `no_op_reason` is
    empty, or why nothing would change, by any of the plan's edits (the reasons are those of
    `edits.EditResult`); `regions` tell of each.
    """

    plan: Plan | None
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
    request = new_message(
        editing_pb2.PlanEditRequest,
        image=media.picture_message(image),
        instruction=instruction,
        region=edit_requests.region_message(region),
        caption=caption,
    )
    return Unary(method(editing_pb2.DESCRIPTOR, "EditingService", "PlanEdit"), request, read_reading)


def read_reading(message: editing_pb2.PlanEditResponse) -> Reading:
    """Return the reading of a message."""
    return Reading(
        **vars(read_where(message.mask)),
        plan=read_plan(message.plan.plan) if message.plan.HasField("plan") else None,
        no_op_reason=read_no_op_reason(message.no_op_reason),
    )
