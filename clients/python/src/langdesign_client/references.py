"""What an instruction refers to."""

from dataclasses import dataclass, replace

from langdesign.reference.v1 import reference_pb2

from langdesign_client.calls import Unary, method
from langdesign_client.media import enum_name, enum_number
from langdesign_client.messages import items, new_message, of_kind


@dataclass(frozen=True)
class Reference:
    """A referring expression: its span of the instruction in code points, and its role.

    The role is target, anchor or keep. `relation` is where an added or moved thing goes, seen from an anchor:
    on, above, beside, ... `english` is the expression in English, empty where a word of it is unknown.
    `alternatives` are what it may mean besides, up to 4, the likelier first: it is absent only where all are.
    """

    expression: str
    start: int
    end: int
    role: str
    relation: str = "unspecified"
    english: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedEdit:
    """One thing that an instruction asks for: what to do (`operation`: add, remove, ...), and where.

    `scope` is region or global. `instruction` is what the editor is told, in English; it is empty where there
    are `unknown_words`, and such an edit is not done. `surfaces` say what an added thing without an anchor
    stands on or hangs at, and `surface_relation` how: on, inside, below. `gentle` says that it is done at
    gentle guidance.
    """

    operation: str
    scope: str
    references: tuple[Reference, ...]
    instruction: str
    unknown_words: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    gentle: bool = False
    surface_relation: str = "unspecified"


@dataclass(frozen=True)
class Correction:
    """A slip of the keyboard, and the word that it was read as; its span is in code points."""

    written: str
    read: str
    start: int
    end: int


@dataclass(frozen=True)
class Plan:
    """What an instruction asks for, edit by edit, and who read it.

    `reader` is both, language_model, parser (the reader that the service brings along: rules and a small
    network) or none: without `edits`, nothing is asked for ("don't touch the bed"), or, where the reader is
    none, nobody could read it. `confidence` is 0..1. `corrections` are slips
    that were read as another word. `wish` says that a wish ("cosier") was turned into these edits, so that
    they are worth a look before they are done. A plan can be handed to `edit` as it is, or changed with
    `dataclasses.replace`. `language_model_refusal` is why the language model does not read, where one is set
    up and refuses for good; only `plan_edit` tells it.
    """

    edits: tuple[PlannedEdit, ...]
    confidence: float
    reader: str
    agreed: bool | None
    language: str
    corrections: tuple[Correction, ...] = ()
    wish: bool = False
    language_model_refusal: str = ""


def plan_edit(instruction: str, *, caption: str = "", language: str = "") -> Unary[Plan]:
    """Ask for the plan of an instruction of 1..1000 characters."""
    request = new_message(
        reference_pb2.PlanEditRequest, instruction=instruction, caption=caption, language=language
    )
    return Unary(
        method(reference_pb2.DESCRIPTOR, "ReferenceService", "PlanEdit"),
        request,
        lambda response: replace(
            read_plan(response.plan), language_model_refusal=response.language_model_refusal
        ),
    )


def read_plan(message: reference_pb2.Plan) -> Plan:
    """Return the plan of a message."""
    return Plan(
        edits=tuple(_read_edit(edit) for edit in message.edits),
        confidence=message.confidence,
        reader=enum_name(reference_pb2.Reader, message.reader),
        agreed=message.agreed if message.HasField("agreed") else None,
        language=message.language,
        corrections=tuple(Correction(c.written, c.read, c.start, c.end) for c in message.corrections),
        wish=message.wish,
    )


def _read_edit(message: reference_pb2.PlannedEdit) -> PlannedEdit:
    return PlannedEdit(
        operation=enum_name(reference_pb2.Operation, message.operation),
        scope=enum_name(reference_pb2.Scope, message.scope),
        references=tuple(_read_reference(item) for item in message.references),
        instruction=message.instruction,
        unknown_words=tuple(message.unknown_words),
        surfaces=tuple(message.surfaces),
        gentle=message.gentle,
        surface_relation=enum_name(reference_pb2.Relation, message.surface_relation),
    )


def _read_reference(message: reference_pb2.Reference) -> Reference:
    return Reference(
        message.expression,
        message.start,
        message.end,
        enum_name(reference_pb2.Role, message.role),
        enum_name(reference_pb2.Relation, message.relation),
        message.english,
        tuple(message.alternatives),
    )


def plan_message(plan: Plan) -> reference_pb2.Plan:
    """Return the message of a plan.

    Raises:
        InvalidInputError: a word of it, such as an operation, is not one that the contract has, or a part of
            it is of another type.

    """
    of_kind(plan, Plan, "plan", "give a Plan, such as `readings.plan_edit` or `refer` answers")
    return new_message(
        reference_pb2.Plan,
        edits=[
            _edit_message(edit)
            for edit in items(plan.edits, PlannedEdit, "edits of the plan", "give a list of PlannedEdit")
        ],
        confidence=plan.confidence,
        reader=enum_number(reference_pb2.Reader, plan.reader),
        agreed=plan.agreed,
        language=plan.language,
        corrections=[
            new_message(
                reference_pb2.Correction, written=one.written, read=one.read, start=one.start, end=one.end
            )
            for one in items(
                plan.corrections, Correction, "corrections of the plan", "give a list of Correction"
            )
        ],
        wish=plan.wish,
    )


def _edit_message(edit: PlannedEdit) -> reference_pb2.PlannedEdit:
    return new_message(
        reference_pb2.PlannedEdit,
        operation=enum_number(reference_pb2.Operation, edit.operation),
        scope=enum_number(reference_pb2.Scope, edit.scope),
        references=[
            _reference_message(reference)
            for reference in items(
                edit.references, Reference, "references of an edit", "give a list of Reference"
            )
        ],
        instruction=edit.instruction,
        unknown_words=edit.unknown_words,
        surfaces=edit.surfaces,
        gentle=edit.gentle,
        surface_relation=enum_number(reference_pb2.Relation, edit.surface_relation),
    )


def _reference_message(reference: Reference) -> reference_pb2.Reference:
    return new_message(
        reference_pb2.Reference,
        expression=reference.expression,
        start=reference.start,
        end=reference.end,
        role=enum_number(reference_pb2.Role, reference.role),
        relation=enum_number(reference_pb2.Relation, reference.relation),
        english=reference.english,
        alternatives=reference.alternatives,
    )
