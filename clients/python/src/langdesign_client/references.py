"""What an instruction refers to."""

from dataclasses import dataclass

from langdesign.reference.v1 import reference_pb2

from langdesign_client.calls import Unary, method
from langdesign_client.media import enum_name


@dataclass(frozen=True)
class Reference:
    """A referring expression: its span of the instruction in code points, and its role (target or anchor).

    `relation` is where an added or moved thing goes, seen from an anchor: on, above, beside, ...
    """

    expression: str
    start: int
    end: int
    role: str
    relation: str = "unspecified"


@dataclass(frozen=True)
class Plan:
    """What to do (`operation`: add, remove, ...), where (`scope`: region or global), and who read it."""

    operation: str
    scope: str
    references: tuple[Reference, ...]
    confidence: float
    reader: str
    agreed: bool | None
    language: str


def plan_edit(instruction: str, *, caption: str = "", language: str = "") -> Unary[Plan]:
    """Ask for the plan of an instruction of 1..1000 characters."""
    request = reference_pb2.PlanEditRequest(instruction=instruction, caption=caption, language=language)
    return Unary(
        method(reference_pb2.DESCRIPTOR, "ReferenceService", "PlanEdit"),
        request,
        lambda response: read_plan(response.plan),
    )


def read_plan(message: reference_pb2.Plan) -> Plan:
    """Return the plan of a message."""
    return Plan(
        operation=enum_name(reference_pb2.Operation, message.operation),
        scope=enum_name(reference_pb2.Scope, message.scope),
        references=tuple(
            Reference(
                item.expression,
                item.start,
                item.end,
                enum_name(reference_pb2.Role, item.role),
                enum_name(reference_pb2.Relation, item.relation),
            )
            for item in message.references
        ),
        confidence=message.confidence,
        reader=enum_name(reference_pb2.Reader, message.reader),
        agreed=message.agreed if message.HasField("agreed") else None,
        language=message.language,
    )
