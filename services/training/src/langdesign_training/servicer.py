"""Converts, calls, converts: runs."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from langdesign.training.v1 import training_pb2 as pb
from langdesign.training.v1 import training_pb2_grpc
from langdesign_chassis import current_tenant

from langdesign_training.convert import (
    KINDS,
    STATES,
    bad_token,
    fingerprint,
    page_token,
    read_page_token,
    run_message,
)
from langdesign_training.recipes import KnownRecipes
from langdesign_training.settings import SpendingSettings
from langdesign_training.spending import check_spending
from langdesign_training.store import Order
from langdesign_training.supervisor import Supervisor

_PAGE = 50
Context = grpc.aio.ServicerContext[Any, Any]


class TrainingServicer(training_pb2_grpc.TrainingServiceServicer):
    """``langdesign.training.v1.TrainingService``.

    Args:
        supervisor: Sees runs to their end.
        recipes: What runs can be ordered by.
        spending: What callers cannot choose, or only less of.

    """

    def __init__(self, supervisor: Supervisor, recipes: KnownRecipes, spending: SpendingSettings) -> None:
        self._supervisor, self._recipes, self._spending = supervisor, recipes, spending

    async def CreateRun(  # noqa: N802 - the contract's name
        self, request: pb.CreateRunRequest, context: Context
    ) -> pb.CreateRunResponse:
        """Create a run, or return the one of an equal request with its key."""
        self._recipes.check(request.recipe, request.overrides)
        check_spending(request.overrides, self._spending)
        order = Order(KINDS[request.kind], request.recipe, dict(request.overrides))
        key = request.idempotency_key
        run = await self._supervisor.create(current_tenant(), key, fingerprint(request), order)
        return pb.CreateRunResponse(run=run_message(run))

    async def GetRun(  # noqa: N802 - the contract's name
        self, request: pb.GetRunRequest, context: Context
    ) -> pb.GetRunResponse:
        """Return a run."""
        run = await self._supervisor.get(current_tenant(), _id(request.name))
        return pb.GetRunResponse(run=run_message(run))

    async def ListRuns(  # noqa: N802 - the contract's name
        self, request: pb.ListRunsRequest, context: Context
    ) -> pb.ListRunsResponse:
        """List runs, newest first."""
        size, state = request.page_size or _PAGE, STATES.get(request.state)
        after = _after(request.page_token, state or "") if request.page_token else None
        runs = await self._supervisor.page(current_tenant(), state, size + 1, after)
        token = ""
        if len(runs) > size:
            token = page_token(str(runs[size - 1].create_time), runs[size - 1].id, state or "")
        return pb.ListRunsResponse(runs=[run_message(run) for run in runs[:size]], next_page_token=token)

    async def CancelRun(  # noqa: N802 - the contract's name
        self, request: pb.CancelRunRequest, context: Context
    ) -> pb.CancelRunResponse:
        """Cancel a run; repeating it is harmless by itself."""
        run = await self._supervisor.cancel(current_tenant(), _id(request.name))
        return pb.CancelRunResponse(run=run_message(run))

    async def WatchRun(  # noqa: N802 - the contract's name
        self, request: pb.WatchRunRequest, context: Context
    ) -> AsyncIterator[pb.WatchRunResponse]:
        """Streams a run's changes; a run that fails is told by its state, for the watching did not fail."""
        async for run in self._supervisor.watch(current_tenant(), _id(request.name)):
            yield pb.WatchRunResponse(run=run_message(run))


def _id(name: str) -> str:
    return name.removeprefix("runs/")


def _after(token: str, state: str) -> tuple[int, str]:
    created, run_id, of_state = read_page_token(token, 3)
    if not created.isdecimal() or len(created) > 18 or of_state != state:
        raise bad_token()
    return int(created), run_id
