"""Converts, calls, converts."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from langdesign.editing.v1 import editing_pb2 as pb
from langdesign.editing.v1 import editing_pb2_grpc
from langdesign_chassis import current_tenant

from langdesign_editing.convert import model_to_message, source_from_message, spec_from_message
from langdesign_editing.event_messages import (
    event_to_message,
    failure_of_event,
    reading_to_message,
    state_to_message,
)
from langdesign_editing.failures import status_error
from langdesign_editing.intake import Intake
from langdesign_editing.models import Models
from langdesign_editing.operations import Operations
from langdesign_editing.plan_messages import given_plan
from langdesign_editing.workflow import Workflow

OPERATION_KEY = "operation-id"
"""Key of the initial metadata of ``Edit`` that names the operation."""
Context = grpc.aio.ServicerContext[Any, Any]


class EditingServicer(editing_pb2_grpc.EditingServiceServicer):
    """``langdesign.editing.v1.EditingService``.

    An edit that fails ends its stream with the failed event, and then with the status of the same code. Wrong
    requests fail before there is an operation: their key stays free.
    """

    def __init__(self, models: Models, intake: Intake, workflow: Workflow, operations: Operations) -> None:
        self._models = models
        self._intake = intake
        self._workflow = workflow
        self._operations = operations

    async def Edit(  # noqa: N802 - the contract's name
        self, request: pb.EditRequest, context: Context
    ) -> AsyncIterator[pb.EditResponse]:
        """Run or join an edit."""
        tenant = current_tenant()
        operation = await self._operation(tenant, request)
        # Told before the first event, so that an edit can be cancelled or resumed from its very start.
        await context.send_initial_metadata(((OPERATION_KEY, operation),))
        event = None
        async for event in self._operations.watch(tenant, operation):
            yield pb.EditResponse(operation_id=operation, event=event_to_message(event))
        if event is not None and (failure := failure_of_event(event)) is not None:
            raise status_error(failure)

    async def WatchEdit(  # noqa: N802 - the contract's name
        self, request: pb.WatchEditRequest, context: Context
    ) -> AsyncIterator[pb.WatchEditResponse]:
        """Resumes a stream; a failed edit is told by its event alone, for the watching did not fail."""
        operation = request.operation_id
        async for event in self._operations.watch(current_tenant(), operation, request.after_sequence):
            yield pb.WatchEditResponse(operation_id=operation, event=event_to_message(event))

    async def GetEdit(  # noqa: N802 - the contract's name
        self, request: pb.GetEditRequest, context: Context
    ) -> pb.GetEditResponse:
        """Return an operation."""
        record = await self._operations.get(current_tenant(), request.operation_id)
        response = pb.GetEditResponse(
            operation_id=record.operation,
            state=state_to_message(record.state),
            events=map(event_to_message, record.events),
        )
        response.create_time.FromNanoseconds(int(record.create_time * 1e9))
        return response

    async def CancelEdit(  # noqa: N802 - the contract's name
        self, request: pb.CancelEditRequest, context: Context
    ) -> pb.CancelEditResponse:
        """Cancel an operation; repeating it is harmless by itself."""
        state = await self._operations.cancel(current_tenant(), request.operation_id)
        return pb.CancelEditResponse(state=state_to_message(state))

    async def PlanEdit(  # noqa: N802 - the contract's name
        self, request: pb.PlanEditRequest, context: Context
    ) -> pb.PlanEditResponse:
        """Read an instruction and find where it acts, by what `Edit` does before it edits."""
        edit = pb.EditRequest(
            instruction=request.instruction,
            region=request.region if request.HasField("region") else None,
            caption=request.caption,
        )
        spec = self._models.completed(spec_from_message(edit))
        source = source_from_message(request.image)
        with self._operations.look() as place:
            task = await self._intake.read(spec, source, current_tenant(), place)
            return await reading_to_message(task.asked.plan, await self._workflow.ground(task))

    async def GetServedModels(  # noqa: N802 - the contract's name
        self, request: pb.GetServedModelsRequest, context: Context
    ) -> pb.GetServedModelsResponse:
        """Return the models that edit, with what is advised for each."""
        return pb.GetServedModelsResponse(models=map(model_to_message, self._models))

    async def _operation(self, tenant: str, request: pb.EditRequest) -> str:
        """Return the operation of a request, begun now where it is new."""
        fingerprint = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        key = request.idempotency_key
        joined = await self._operations.find(tenant, key, fingerprint)
        if joined is not None:
            return joined
        spec, plan = self._models.completed(spec_from_message(request)), given_plan(request)
        source = source_from_message(request.image)
        with self._operations.place() as place:  # before any decoding: the excess is refused at once
            task = await self._intake.read(spec, source, tenant, place, plan)
            return await self._operations.begin(
                place, tenant, key, fingerprint, lambda: self._workflow.run(task)
            )
