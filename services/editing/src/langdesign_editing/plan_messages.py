"""Plans, from the reference service's messages into this service's own words, and those that callers give."""

from collections.abc import Iterator

from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.reference.v1 import reference_pb2
from langdesign_chassis import errors

from langdesign_editing.plans import (
    MAX_EXPRESSION_LENGTH,
    InstructionPlan,
    PlannedEdit,
    Reference,
    Relation,
    Role,
)

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
_HINT = "send a plan as PlanEdit answered it, or leave plan out"


def plan_from_message(plan: reference_pb2.Plan) -> InstructionPlan:
    """Return what the reference service read."""
    return InstructionPlan(
        tuple(_planned_edit(edit) for edit in plan.edits),
        read=plan.reader != reference_pb2.READER_NONE,
        language=plan.language,
        message=plan.SerializeToString(),
    )


def given_plan(request: pb.EditRequest) -> InstructionPlan | None:
    """Return the plan that a caller gives; None where it gives none.

    Raises:
        errors.InvalidArgument: There is a region too, or the plan cannot be done.

    """
    if not request.HasField("plan"):
        return None
    if request.HasField("region"):
        raise errors.InvalidArgument(
            "plan says where its edits act, and so does region",
            field="plan",
            hint="send one of them",
        )
    for number, edit in enumerate(request.plan.edits):
        for field, wrong in _faults(edit):
            path = f"plan.edits[{number}]{field}"
            raise errors.InvalidArgument(f"{path} {wrong}", field=path, hint=_HINT)
    return plan_from_message(request.plan)


def _faults(edit: reference_pb2.PlannedEdit) -> Iterator[tuple[str, str]]:
    """Yield what keeps an edit from being done: a field of it, and what is wrong."""
    if edit.unknown_words:  # it is not to be done anyway
        return
    if not edit.instruction.strip():
        yield ".instruction", "is empty; say in English what to do"
    whole = edit.scope == reference_pb2.SCOPE_GLOBAL
    for place, reference in enumerate(edit.references):
        if whole and reference.role != reference_pb2.ROLE_KEEP:
            yield f".references[{place}]", "is of a global edit, which names only what is kept"
    for field, expression in _expressions(edit):
        if not _can_be_looked_for(expression):
            yield field, f"has {len(expression)} characters, not {_LENGTH}"
    named = any(reference.role != reference_pb2.ROLE_KEEP for reference in edit.references)
    if not (whole or named or edit.operation == reference_pb2.OPERATION_ADD):
        yield ".references", "name nothing to act on"


def _expressions(edit: reference_pb2.PlannedEdit) -> Iterator[tuple[str, str]]:
    """Yield what is to be looked for in a picture, with the field that says it."""
    for place, reference in enumerate(edit.references):
        yield f".references[{place}].english", reference.english
        for other, meaning in enumerate(reference.alternatives):
            yield f".references[{place}].alternatives[{other}]", meaning
    for place, surface in enumerate(edit.surfaces):
        yield f".surfaces[{place}]", surface


_LENGTH = f"1 to {MAX_EXPRESSION_LENGTH}, not all blank"


def _can_be_looked_for(expression: str) -> bool:
    return bool(expression.strip()) and len(expression) <= MAX_EXPRESSION_LENGTH


def _planned_edit(edit: reference_pb2.PlannedEdit) -> PlannedEdit:
    whole = edit.scope == reference_pb2.SCOPE_GLOBAL
    references = tuple(map(_reference, edit.references))
    return PlannedEdit(
        _operation(edit.operation),
        whole=whole,
        references=tuple(one for one in references if one.role is Role.KEEP or not whole),
        instruction=edit.instruction.strip(),
        unknown_words=tuple(edit.unknown_words) or _untranslated(edit),
        surfaces=tuple(edit.surfaces),
        surface_relation=_RELATIONS.get(edit.surface_relation, Relation.AROUND),
        gentle=edit.gentle,
    )


def _untranslated(edit: reference_pb2.PlannedEdit) -> tuple[str, ...]:
    """Return what there is no English of, though the reader says of no word that it is unknown."""
    return tuple(one.expression for one in edit.references if not one.english.strip())


def _operation(value: reference_pb2.Operation.ValueType) -> str:
    if value == reference_pb2.OPERATION_UNSPECIFIED or value not in reference_pb2.Operation.values():
        return "other"
    return reference_pb2.Operation.Name(value).removeprefix("OPERATION_").lower()


def _reference(reference: reference_pb2.Reference) -> Reference:
    role = _ROLES.get(reference.role, Role.TARGET)
    relation = _RELATIONS.get(reference.relation, Relation.AROUND)
    others = dict.fromkeys(one for one in reference.alternatives if one != reference.english)
    return Reference(reference.english, role, relation, tuple(others))
