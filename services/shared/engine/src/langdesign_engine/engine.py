"""The engine: one worker thread drives the model, callers submit from any thread."""

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from types import TracebackType
from typing import Generic, Self

from langdesign_engine.errors import Cancelled, DeadlineExceeded, EngineStopped, QueueFull
from langdesign_engine.events import Finished, Previewed, Started
from langdesign_engine.fair_queue import FairQueue
from langdesign_engine.job import Job, Phase
from langdesign_engine.metrics import Ending, EngineMetrics, Meter
from langdesign_engine.options import EngineOptions
from langdesign_engine.slots import Slot, Slots, rows
from langdesign_engine.stepper import RequestT, StateT, Stepper
from langdesign_engine.ticket import Ticket

_log = logging.getLogger(__name__)


class Engine(Generic[RequestT, StateT]):
    """Runs edits through step-level batching ("continuous batching"; Yu et al., "Orca", OSDI 2022).

    At each step boundary edits that were cancelled or are out of time leave, edits that wait take the free
    slots, and edits of one shape advance together by one step. An error ends the edit that caused it
    and no other. Use it as a context manager, or call `close`.
    """

    def __init__(
        self,
        stepper: Stepper[RequestT, StateT],
        options: EngineOptions | None = None,
        *,
        on_death: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the worker.

        Args:
            stepper: the editor; from now on only the worker calls it, but for `read_request`.
            options: bounds of slots, batches and queue.
            on_death: called in the worker if it ends by an error, after its edits were ended; a server
                can end its process there, so that it is started anew.

        """
        self.stepper = stepper
        self._on_death = on_death
        self._options = options or EngineOptions()
        self._queue: FairQueue[Job[RequestT]] = FairQueue(
            self._options.queue_limit, self._options.tenant_queue_limit
        )
        self._slots: Slots[RequestT, StateT] = Slots(
            self._options.slots, self._options.batch_size, self._options.row_buckets
        )
        self._meter = Meter(self._options.slots, self._options.queue_limit)
        self._changed = threading.Condition()  # guards the queue and the two flags
        self._closing = False
        self._abandon = False
        self._worker = threading.Thread(target=self._run, name="langdesign-engine", daemon=True)
        self._worker.start()

    def submit(self, request: RequestT, *, tenant: str = "", timeout: float | None = None) -> Ticket:
        """Queue a request, and return at once.

        Tenants share the slots fairly by work, as the editor measures it (`Request.work`). After
        `timeout` seconds the edit ends with `DeadlineExceeded`, wherever it is.

        Raises:
            QueueFull: too many edits wait already.
            EngineStopped: the engine is closing.

        """
        deadline = None if timeout is None else monotonic() + timeout
        job = Job(request, deadline)
        with self._changed:
            if self._closing:
                raise EngineStopped("the engine is shutting down; send the edit to another replica")
            try:
                self._queue.push(job, tenant, request.work)
            except QueueFull:
                self._meter.ended("rejected")
                raise
            self._changed.notify_all()
        return Ticket(job, self._drop_unwanted)

    def metrics(self) -> EngineMetrics:
        """Return the figures of now."""
        with self._changed:
            return self._meter.snapshot(len(self._slots), len(self._queue))

    def close(self, *, drain: bool = True, timeout: float | None = None) -> None:
        """Take no more edits and stop; with `drain` after those that were taken have ended.

        Edits that have not ended by `timeout` seconds, or at once without `drain`, end with `EngineStopped`.
        """
        with self._changed:
            self._closing = True
            self._abandon = self._abandon or not drain
            self._changed.notify_all()
        self._worker.join(timeout)
        if self._worker.is_alive():
            self.close(drain=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(drain=error is None)

    def _drop_unwanted(self) -> None:
        """End edits that wait and were cancelled or are out of time."""
        with self._changed:
            reasons = {job: reason for job in self._queue if (reason := job.reason_to_stop())}
            self._queue.remove(reasons.__contains__)
        for job, reason in reasons.items():
            self._end(job, reason)

    # The worker thread.

    def _run(self) -> None:
        died = False
        try:
            self._serve()
        except BaseException:  # noqa: BLE001 - whatever it was, nobody serves from here on
            died = True
            _log.critical("the engine's worker died", exc_info=True)
        try:
            self._abandon_all()
        finally:
            if died:
                self._on_death()

    def _serve(self) -> None:
        while self._wait_for_work():
            self._drop_unwanted()
            self._drop_stopped()
            self._admit()
            self._drop_stopped()  # encoding the edits that joined took time
            self._advance()

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or len(self._slots) or self._closing)
            return not self._abandon and bool(len(self._queue) or len(self._slots))

    def _drop_stopped(self) -> None:
        for slot in self._slots:
            self._leave_if_stopped(slot)

    def _leave_if_stopped(self, slot: Slot[RequestT, StateT]) -> bool:
        reason = slot.job.reason_to_stop()
        if reason:
            self._leave(slot, reason)
        return reason is not None

    def _admit(self) -> None:
        while self._slots.free and not self._abandon:
            with self._changed:
                job = self._queue.pop()
            if job is None:
                return
            self._encode(job)

    def _encode(self, job: Job[RequestT]) -> None:
        reason = job.reason_to_stop()
        if reason:
            self._end(job, reason)
            return
        self._meter.add(queue_seconds=job.enter(Phase.ENCODE))
        try:
            with self._meter.timed("encode_seconds"):
                state = self.stepper.prepare(job.request)
        except Exception as error:  # noqa: BLE001 - one edit's failure must not end the others
            self._end(job, error)
            return
        except BaseException:  # the worker dies, and this edit is in neither queue nor slot
            self._end(job, EngineStopped("the engine stopped before the edit ended; send it again"))
            raise
        job.enter(Phase.DENOISE)
        job.log.append(Started(state.steps))
        self._slots.join(job, state)

    def _advance(self) -> None:
        batch = self._slots.next_batch()
        if not batch:
            return
        for slot in self._step(batch):
            slot.job.steps_done += 1
            self._after_step(slot)

    def _step(self, batch: Sequence[Slot[RequestT, StateT]]) -> Sequence[Slot[RequestT, StateT]]:
        """Advance a batch and return the edits that did; the others have left.

        Where it fails, each edit is tried alone to find the one at fault. Where it fails after states
        advanced, their content is undefined, and the whole batch ends.
        """
        before = [slot.state.step for slot in batch]
        try:
            self._call(batch)
        except Exception as error:  # noqa: BLE001 - one edit's failure must not end the others
            advanced = any(slot.state.step != step for slot, step in zip(batch, before, strict=True))
            if advanced or len(batch) == 1:
                for slot in batch:
                    self._leave(slot, error)
                return []
            _log.warning("a batch of %d edits failed; its edits are tried alone", len(batch), exc_info=error)
            return [survivor for slot in batch for survivor in self._step([slot])]
        return batch

    def _call(self, batch: Sequence[Slot[RequestT, StateT]]) -> None:
        used, bucket = rows(batch), self._slots.bucket(batch)
        with self._meter.timed("step_seconds"):
            self.stepper.denoise_step([slot.state for slot in batch], pad_rows_to=bucket)
            self.stepper.synchronize()
        self._meter.add(steps=1, edit_steps=len(batch), padded_rows=bucket - used if bucket else 0)

    def _after_step(self, slot: Slot[RequestT, StateT]) -> None:
        state, every = slot.state, slot.job.request.preview_every
        try:
            if state.done:
                self._decode(slot)
            elif every and state.step % every == 0:
                slot.job.log.append(Previewed(state.step, state.steps, self.stepper.preview(state)))
        except Exception as error:  # noqa: BLE001 - one edit's failure must not end the others
            self._leave(slot, error)

    def _decode(self, slot: Slot[RequestT, StateT]) -> None:
        if self._leave_if_stopped(slot):
            return
        slot.job.enter(Phase.DECODE)
        with self._meter.timed("decode_seconds"):
            result = self.stepper.finish(slot.state)
        if self._leave_if_stopped(slot):
            return
        slot.job.enter(Phase.ENDED)
        self._leave(slot, Finished(slot.state.steps, result, slot.job.timings()))

    def _leave(self, slot: Slot[RequestT, StateT], outcome: Finished | Exception) -> None:
        self._slots.leave(slot)
        self._end(slot.job, outcome)

    def _end(self, job: Job[RequestT], outcome: Finished | Exception) -> None:
        self._meter.ended(_ending(outcome))
        job.enter(Phase.ENDED)
        job.log.end(outcome)

    def _abandon_all(self) -> None:
        """End whatever is left, so that no caller waits for a worker that is gone."""
        stopped = EngineStopped("the engine stopped before the edit ended; send it to another replica")
        with self._changed:
            self._closing = True
            waiting = self._queue.remove(lambda job: True)
        for job in waiting:
            self._end(job, stopped)
        for slot in self._slots:
            self._leave(slot, stopped)


def _ending(outcome: Finished | Exception) -> Ending:
    match outcome:
        case Finished():
            return "completed"
        case Cancelled() | EngineStopped():
            return "cancelled"
        case DeadlineExceeded():
            return "deadline_exceeded"
        case _:
            return "failed"
