"""Keeps runs in SQL. Every change is one statement, so that nothing is decided by what was read before."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langdesign_chassis import errors
from langdesign_database import inserting
from sqlalchemy import Row, Select, case, select, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from langdesign_training.runs import Kind, Progress, Run, State
from langdesign_training.tables import RUNS

_LIVE = (State.PENDING, State.RUNNING)


@dataclass(frozen=True)
class Order:
    """What a caller asks a new run to be."""

    kind: Kind
    recipe: str
    overrides: Mapping[str, str]


class RunStore:
    """Runs of all tenants; each tenant sees its own.

    Args:
        engine: An open database, of `langdesign_database.open_database`.

    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, tenant: str, key: str, fingerprint: bytes, order: Order) -> Run:
        """Return the run of an idempotency key, made where it is new.

        Raises:
            errors.AlreadyExists: the key was used for another request.

        """
        values = _new(tenant, key, fingerprint, order)
        statement = (
            inserting(self._engine.dialect.name, RUNS).values(values).on_conflict_do_nothing().returning(RUNS)
        )
        row = await self._one(statement)
        if row is not None:
            return _run(row)
        row = await self._one(select(RUNS).where(RUNS.c.tenant == tenant, RUNS.c.key == key))
        if row is None or row.fingerprint != fingerprint:
            raise errors.AlreadyExists(
                "idempotency_key was used for another request", hint="use a new key for a new run"
            )
        return _run(row)

    async def get(self, tenant: str, run_id: str) -> Run:
        """Return a run of a tenant.

        Raises:
            errors.NotFound: there is none, or it belongs to another tenant.

        """
        return _found(await self._one(select(RUNS).where(RUNS.c.id == run_id, RUNS.c.tenant == tenant)))

    async def page(
        self, tenant: str, state: State | None, count: int, after: tuple[int, str] | None
    ) -> Sequence[Run]:
        """Return at most `count` runs of a tenant, newest first, that come after a (create_time, id)."""
        position = tuple_(RUNS.c.create_time, RUNS.c.id)
        query = select(RUNS).where(RUNS.c.tenant == tenant).limit(count)
        query = query.order_by(RUNS.c.create_time.desc(), RUNS.c.id.desc())
        if state is not None:
            query = query.where(RUNS.c.state == state)
        if after is not None:
            query = query.where(position < after)
        return await self._all(query)

    async def unfinished(self) -> Sequence[Run]:
        """Return the runs of all tenants that have not ended: those under way first, each oldest first."""
        query = select(RUNS).where(RUNS.c.state.in_(_LIVE))
        under_way = case((RUNS.c.state == State.RUNNING, 0), else_=1)
        return await self._all(query.order_by(under_way, RUNS.c.create_time, RUNS.c.id))

    async def cancel(self, tenant: str, run_id: str) -> Run:
        """Record that a run's owner wants its end, where it has not ended; return it.

        Raises:
            errors.NotFound: there is none, or it belongs to another tenant.

        """
        mine = (RUNS.c.id == run_id, RUNS.c.tenant == tenant)
        change = update(RUNS).where(*mine, RUNS.c.state.in_(_LIVE)).values(cancelled=True).returning(RUNS)
        row = await self._one(change)
        return _run(row) if row is not None else await self.get(tenant, run_id)

    async def launched(self, run: Run) -> Run:
        """Record that a run's program was started."""
        return await self._update(run, {"state": State.RUNNING, "start_time": run.start_time or now()})

    async def progressed(self, run: Run, progress: Progress) -> Run:
        """Record how far a run is."""
        return await self._update(run, _columns(progress))

    async def interrupted(self, run: Run, *, counted: bool) -> Run:
        """Record that a run's program ended too soon, and where if that counts; it waits to start again."""
        places = [*run.interruptions, run.place] if counted else list(run.interruptions)
        return await self._update(run, {"state": State.PENDING, "interruptions": places})

    async def ended(self, run: Run, state: State, failure: str) -> Run:
        """Record how a run ended."""
        return await self._update(run, {"state": state, "failure": failure, "end_time": now()})

    async def _update(self, run: Run, values: Mapping[str, Any]) -> Run:
        return _found(await self._one(update(RUNS).where(RUNS.c.id == run.id).values(values).returning(RUNS)))

    async def _one(self, statement: Any) -> Row[Any] | None:
        try:
            async with self._engine.begin() as connection:
                return (await connection.execute(statement)).one_or_none()
        except (DBAPIError, PoolTimeoutError) as error:
            raise _unavailable() from error

    async def _all(self, query: Select[Any]) -> Sequence[Run]:
        try:
            async with self._engine.begin() as connection:
                return [_run(row) for row in await connection.execute(query)]
        except (DBAPIError, PoolTimeoutError) as error:
            raise _unavailable() from error


def now() -> int:
    """Return the time, microseconds since 1970."""
    return time.time_ns() // 1000


def _new(tenant: str, key: str, fingerprint: bytes, order: Order) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "tenant": tenant,
        "key": key,
        "fingerprint": fingerprint,
        "kind": order.kind,
        "recipe": order.recipe,
        "overrides": dict(order.overrides),
        "state": State.PENDING,
        **_columns(Progress()),
        "failure": "",
        "cancelled": False,
        "interruptions": [],
        "create_time": now(),
    }


def _columns(progress: Progress) -> dict[str, Any]:
    return {
        "stage": progress.stage,
        "share": progress.share,
        "metrics": dict(progress.metrics),
        "model_version": progress.model_version,
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        tenant=row.tenant,
        kind=Kind(row.kind),
        recipe=row.recipe,
        overrides=row.overrides,
        state=State(row.state),
        progress=Progress(row.stage, row.share, row.metrics, row.model_version),
        failure=row.failure,
        cancelled=row.cancelled,
        interruptions=tuple(row.interruptions),
        create_time=row.create_time,
        start_time=row.start_time,
        end_time=row.end_time,
    )


def _found(row: Row[Any] | None) -> Run:
    if row is None:
        raise errors.NotFound(
            "there is no such run", hint="check its name; `langdesign runs list` names yours"
        )
    return _run(row)


def _unavailable() -> errors.Unavailable:
    return errors.Unavailable("the database of the runs does not answer now", retry_after=1.0)
