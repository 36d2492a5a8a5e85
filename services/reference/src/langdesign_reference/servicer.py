"""Converts, calls, converts: `langdesign.reference.v1`."""

import grpc
from langdesign.reference.v1 import reference_pb2, reference_pb2_grpc
from langdesign_chassis import errors
from langdesign_chassis.enums import contract_values

from langdesign_reference.errors import NothingToRead, TooManyEdits
from langdesign_reference.metrics import ReferenceMetrics
from langdesign_reference.plan import Operation, Plan, PlannedEdit, Reader, Reference, Relation, Role, Scope
from langdesign_reference.planner import Planner

_OPERATIONS = contract_values(Operation, reference_pb2.Operation)
_SCOPES = contract_values(Scope, reference_pb2.Scope)
_ROLES = contract_values(Role, reference_pb2.Role)
_RELATIONS = contract_values(Relation, reference_pb2.Relation)
_READERS = contract_values(Reader, reference_pb2.Reader)


class ReferenceServicer(reference_pb2_grpc.ReferenceServiceServicer):
    """Serves `PlanEdit` from a planner."""

    def __init__(self, planner: Planner, metrics: ReferenceMetrics) -> None:
        self._planner = planner
        self._metrics = metrics

    async def PlanEdit(  # noqa: N802 - the contract's name
        self,
        request: reference_pb2.PlanEditRequest,
        context: grpc.aio.ServicerContext[reference_pb2.PlanEditRequest, reference_pb2.PlanEditResponse],
    ) -> reference_pb2.PlanEditResponse:
        """Turn an instruction into a plan."""
        try:
            plan = await self._planner.plan(request.instruction, request.caption, request.language)
        except NothingToRead as error:
            raise errors.InvalidArgument(
                "the instruction holds no words",
                field="instruction",
                hint="say what to change, such as: Remove the blue chair.",
            ) from error
        except TooManyEdits as error:
            raise errors.InvalidArgument(
                str(error), field="instruction", hint="ask for the rest in another instruction."
            ) from error
        self._metrics.read(plan.reader)
        return reference_pb2.PlanEditResponse(
            plan=_message(plan), language_model_refusal=self._planner.language_model_refusal
        )


def _message(plan: Plan) -> reference_pb2.Plan:
    reading = plan.reading
    return reference_pb2.Plan(
        edits=[_edit(edit) for edit in reading.edits],
        confidence=reading.confidence,
        reader=_READERS[plan.reader],
        agreed=plan.agreed,
        language=plan.language,
        corrections=[
            reference_pb2.Correction(written=c.written, read=c.read, start=c.start, end=c.end)
            for c in reading.corrections
        ],
        wish=reading.wish,
    )


def _edit(edit: PlannedEdit) -> reference_pb2.PlannedEdit:
    return reference_pb2.PlannedEdit(
        operation=_OPERATIONS[edit.operation],
        scope=_SCOPES[edit.scope],
        references=[_reference(reference) for reference in edit.references],
        instruction=edit.instruction,
        unknown_words=edit.unknown_words,
        surfaces=edit.surfaces,
        surface_relation=_RELATIONS[edit.surface_relation],
        gentle=edit.gentle,
    )


def _reference(reference: Reference) -> reference_pb2.Reference:
    return reference_pb2.Reference(
        expression=reference.expression,
        start=reference.start,
        end=reference.end,
        role=_ROLES[reference.role],
        relation=_RELATIONS[reference.relation],
        english=reference.english,
        alternatives=reference.alternatives,
    )
