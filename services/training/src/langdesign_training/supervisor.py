"""Sees runs to their end, whoever watches and however often this service is restarted."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Any, Self

from langdesign_chassis import errors

from langdesign_training.launching import Ending, How, Launcher, LaunchRefused, LaunchUnavailable
from langdesign_training.live import LiveRun
from langdesign_training.metrics import RunMetrics
from langdesign_training.room import ClosingError, Room
from langdesign_training.runs import Run, State, check_key, check_overrides
from langdesign_training.saying import Said
from langdesign_training.store import Order, RunStore

_SWEEP = 600.0  # seconds between two sweeps
_log = logging.getLogger(__name__)


class Supervisor:
    """Starts runs when there is room, records what they say and how they end; an async context manager.

    Args:
        store: Keeps the runs.
        launcher: Carries them out.
        metrics: What is counted.
        concurrency: Runs under way at once.
        pause: Seconds before something that does not answer is asked again.

    """

    def __init__(
        self,
        store: RunStore,
        launcher: Launcher,
        metrics: RunMetrics,
        *,
        concurrency: int,
        pause: float = 2.0,
    ) -> None:
        self._store, self._launcher, self._metrics = store, launcher, metrics
        self._room, self._pause = Room(concurrency, metrics), pause
        self._live: dict[str, LiveRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Go on with the runs that have not ended."""
        self._closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for run in await self._store.unfinished():
            self._begin(run)
        self._spawn(self._sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the runs: their programs go on, and the next start finds them."""
        self._closing.set_result(None)
        await self._room.close()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def create(self, tenant: str, key: str, fingerprint: bytes, order: Order) -> Run:
        """Return the run of an idempotency key, created now where it is new.

        Raises:
            errors.InvalidArgument: the key or a setting of the recipe is malformed.
            errors.AlreadyExists: the key was used for another request.

        """
        check_key(key)
        check_overrides(order.overrides)
        task = asyncio.create_task(self._create(tenant, key, fingerprint, order))
        return await asyncio.shield(task)  # a caller that goes away leaves no run that nobody sees to

    async def get(self, tenant: str, run_id: str) -> Run:
        """Return a run. Raises errors.NotFound where there is none, or it belongs to another tenant."""
        return await self._store.get(tenant, run_id)

    async def page(
        self, tenant: str, state: State | None, count: int, after: tuple[int, str] | None
    ) -> Sequence[Run]:
        """Return at most `count` runs of a tenant, newest first, that come after a (create_time, id)."""
        return await self._store.page(tenant, state, count, after)

    async def cancel(self, tenant: str, run_id: str) -> Run:
        """Cancel a run and wait for its end; an ended one stays as it is.

        Raises:
            errors.NotFound: there is none, or it belongs to another tenant.

        """
        run = await self._store.cancel(tenant, run_id)
        live = self._live.get(run_id)
        if live is None:
            return run
        live.cancelled.set()
        await self._room.look_again()
        return await live.until_ended()

    async def watch(self, tenant: str, run_id: str) -> AsyncIterator[Run]:
        """Yield a run as it stands, then after changes, until it has ended.

        Raises:
            errors.NotFound: there is none, or it belongs to another tenant.

        """
        live = self._live.get(run_id)
        if live is None or live.run.tenant != tenant:
            yield await self._store.get(tenant, run_id)
            return
        async for run in live.follow():
            yield run

    async def _create(self, tenant: str, key: str, fingerprint: bytes, order: Order) -> Run:
        run = await self._store.create(tenant, key, fingerprint, order)
        if run.state is State.PENDING and run.id not in self._live:
            self._begin(run)
        return run

    def _begin(self, run: Run) -> None:
        live = LiveRun(run)
        self._live[run.id] = live
        self._room.queue(live)
        self._spawn(self._see_through(live))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _see_through(self, live: LiveRun) -> None:
        """See a run to its end, or until this service stops."""
        try:
            async with self._room.place(live) as there:
                ending = await self._carry_out(live) if there else await self._stop(live)
        except ClosingError:
            return
        except Exception:  # noqa: BLE001 - the run fails, the service serves the others
            _log.exception("a run failed by a fault of this service", extra={"run": live.run.id})
            ending = Ending(How.FAILED, "the service failed at this run; the operator finds why in its log")
        with suppress(ClosingError):
            await self._end(live, ending)

    async def _carry_out(self, live: LiveRun) -> Ending:
        """Start a run's program, where it does not run, as often as it takes to come to an end."""
        while True:
            if live.run.state is State.PENDING and (refusal := await self._launch(live)):
                return refusal
            ending = await self._follow(live)
            if live.cancelled.is_set() or ending.how in {How.SUCCEEDED, How.FAILED}:
                return ending
            counted = ending.how is How.INTERRUPTED
            if counted and live.run.place in live.run.interruptions:
                return Ending(How.FAILED, _stuck(live.run))
            await self._record(live, lambda: self._store.interrupted(live.run, counted=counted))  # noqa: B023 - awaited

    async def _launch(self, live: LiveRun) -> Ending | None:
        """Start a run's program; return the ending of one that cannot be started."""
        while not live.cancelled.is_set():
            try:
                await self._launcher.launch(live.run)
                await self._record(live, lambda: self._store.launched(live.run))
                return None
            except LaunchRefused as refusal:
                return Ending(How.FAILED, str(refusal))
            except LaunchUnavailable as trouble:
                _log.warning(
                    "a run cannot be started now", extra={"run": live.run.id, "reason": str(trouble)}
                )
                await self._rest()
        return Ending(How.FAILED)

    async def _follow(self, live: LiveRun) -> Ending:
        """Record what a program says until it ends; stop it once its owner wants its end."""
        earlier = live.run.progress
        stopping = asyncio.create_task(self._stop(live))
        try:
            async with aclosing(self._launcher.follow(live.run)) as news:
                while isinstance(item := await self._next(news), Said):
                    progress = earlier.joined(item.progress)
                    if progress != live.run.progress:
                        await self._record(live, lambda: self._store.progressed(live.run, progress))  # noqa: B023 - awaited
            return item
        finally:
            stopping.cancel()
            await asyncio.wait([stopping])

    async def _next(self, news: AsyncGenerator[Said | Ending, None]) -> Said | Ending:
        step = asyncio.ensure_future(anext(news))
        waited: set[asyncio.Future[Any]] = {step, self._closing}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not step.done():
            step.cancel()
            await asyncio.wait([step])
            raise ClosingError
        return step.result()

    async def _stop(self, live: LiveRun) -> Ending:
        """Stop a run's program, if there is one, once the run's owner wants its end."""
        await live.cancelled.wait()
        while True:
            try:
                await self._launcher.stop(live.run)
                return Ending(How.FAILED)
            except LaunchUnavailable as trouble:
                _log.warning(
                    "a run cannot be stopped now", extra={"run": live.run.id, "reason": str(trouble)}
                )
                await self._rest()

    async def _end(self, live: LiveRun, ending: Ending) -> None:
        state, failure = State.SUCCEEDED, ""
        if ending.how is not How.SUCCEEDED:
            cancelled = live.cancelled.is_set()
            state, failure = (State.CANCELLED, "") if cancelled else (State.FAILED, ending.failure)
        await self._record(live, lambda: self._store.ended(live.run, state, failure))
        del self._live[live.run.id]
        self._metrics.ended(live.run)

    async def _record(self, live: LiveRun, change: Callable[[], Awaitable[Run]]) -> None:
        """Store a change and show it; a database that does not answer is asked until it does."""
        while True:
            try:
                run = await change()
                break
            except errors.Unavailable:
                _log.warning("a change of a run cannot be stored now", extra={"run": live.run.id})
                await self._rest()
        await live.publish(run)

    async def _rest(self) -> None:
        """Pause before another try. Raises ClosingError where this service stops meanwhile."""
        await asyncio.wait({self._closing}, timeout=self._pause)
        if self._closing.done():
            raise ClosingError

    async def _sweep(self) -> None:
        """Have the launcher remove what is left of runs, now and from time to time."""
        while not self._closing.done():
            try:
                await self._launcher.sweep(lambda: [live.run for live in self._live.values()])
            except LaunchUnavailable as trouble:
                _log.warning("remains of runs cannot be swept now", extra={"reason": str(trouble)})
            await asyncio.wait({self._closing}, timeout=_SWEEP)


def _stuck(run: Run) -> str:
    where = (
        f"at stage {run.progress.stage}, {run.progress.share:.0%}" if run.progress.stage else "at its start"
    )
    return (
        f"the program ended twice without a word {where}; give it more memory, or look at its log, "
        "and create the run again"
    )
