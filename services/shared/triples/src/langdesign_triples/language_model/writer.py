"""The writer over a language model: an agent for each subject, answers checked, what is paid for kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from ..checking import check
from ..context import Context
from ..duplicates import NearDuplicates
from ..errors import InvalidSpool, LanguageModelError, Unproductive
from ..triple import Triple
from .account import Account, OwnAccount
from .answers import Candidate, read_triples
from .endpoint import Line, connected
from .pacing import Pace
from .prompting import ask, correct
from .settings import Budget, Endpoint, Limits
from .slots import Slot, Slots
from .spending import Ledger, Usage
from .spool import Spool, opened

SENT_BACK = 8000  # characters of an answer that are shown to the model again


class LanguageModelWriter:
    """Writes triples through an endpoint of the OpenAI chat-completions protocol.

    What it was asked and what came of it is in a spool: the same job goes on after any end, is charged for
    nothing twice that was answered, and gives what it gave before without asking.

    Attributes:
        rejections: triples that the checks rejected so far, by check.
        spent: what may have been charged so far, by earlier runs of the job too.

    """

    def __init__(
        self,
        context: Context,
        endpoint: Endpoint,
        spool: Path,
        *,
        seed: int = 0,
        limits: Limits | None = None,
        budget: Budget | None = None,
        account: Account | None = None,
    ) -> None:
        """Write for a context.

        Args:
            context: whose agents write.
            endpoint: the language model.
            spool: file of this job, made where there is none; context, subjects, model and seed make a job.
            seed: tells jobs apart that are the same otherwise, and draws the changes that are asked for.
            limits: how the endpoint is used.
            budget: of the whole job, what earlier runs of it spent included; no bound by default.
            account: that the job shares with others, for its rate and a bound beside the budget; its own by
                default.

        Raises:
            Unpriced: the budget bounds dollars, and the endpoint has no prices.

        """
        self._context = context
        self._endpoint = endpoint
        self._path = spool
        self._seed = seed
        self._limits = limits or Limits()
        self._budget = budget or Budget()
        self._budget.check(endpoint)
        self._account = account
        self.rejections: Counter[str] = Counter()
        self.spent = Usage()

    @property
    def dollars(self) -> float:
        """What was spent, in US dollars at the endpoint's prices."""
        return self.spent.dollars(self._endpoint)

    async def triples(
        self, count: int, subjects: Sequence[str] = (), *, after: int = 0
    ) -> AsyncGenerator[Triple, None]:
        """Yield triples in the order in which they were accepted, first those of earlier runs of the job.

        Use `contextlib.aclosing`, or read to the end: requests go on until the generator is closed.

        Args:
            count: how many in all, 0 or more.
            subjects: only for these; empty means every subject of the context.
            after: how many the caller has already; they are left out.

        Raises:
            InvalidContext: the context lacks one of the subjects.
            LanguageModelError: no more triples can be had; the subclass says why. What was accepted is
                yielded before.

        """
        self._context.check_subjects(tuple(subjects))
        async with AsyncExitStack() as stack:
            spool = stack.enter_context(opened(self._path, self._job(subjects)))
            self._tell(spool)
            if len(spool.triples) < min(after, count):
                raise InvalidSpool(
                    f"{self._path} holds {len(spool.triples)} triples, and {after} were given already; "
                    "restore the file, or begin anew"
                )
            delivered = after
            for triple in spool.triples[after:count]:
                yield triple
                delivered += 1
            if len(spool.triples) >= count:
                return
            client = await stack.enter_async_context(connected(self._endpoint, self._limits))
            ledger = Ledger(self._budget, self._endpoint, spool.spent)
            rng = random.Random(self._seed)  # noqa: S311 - waits and hints, no secret
            account = self._account or OwnAccount(Pace(self._limits))
            line = Line(client, self._endpoint, self._limits, ledger, spool, rng, account)
            slots = Slots(self._context, subjects, self._seed, count, spool.slots)
            job = _Job(self._context, self._limits, line, slots, spool, rng)
            working = asyncio.create_task(job.run())
            try:
                while (accepted := await job.accepted.get()) is not None:
                    self._tell(spool)
                    yield accepted
                self._tell(spool)
                await working
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
                self._tell(spool)

    def _tell(self, spool: Spool) -> None:
        self.rejections = Counter(spool.rejections)
        self.spent = spool.spent

    def _job(self, subjects: Sequence[str]) -> str:
        parts = [self._context.digest, self._endpoint.model, sorted(set(subjects)), self._seed]
        return f"sha256:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


class _Job:
    """Workers that fill slots until none is open."""

    def __init__(
        self,
        context: Context,
        limits: Limits,
        line: Line,
        slots: Slots,
        spool: Spool,
        rng: random.Random,
    ) -> None:
        self.accepted: asyncio.Queue[Triple | None] = asyncio.Queue()
        self._context = context
        self._limits = limits
        self._line = line
        self._slots = slots
        self._spool = spool
        self._rng = rng
        self._near = NearDuplicates(spool.triples)
        self._answered = asyncio.Event()
        self._fruitless = 0

    async def run(self) -> None:
        """Fill all slots; the first worker asks alone, until an answer shows that requests are taken."""
        try:
            async with asyncio.TaskGroup() as workers:
                for number in range(self._limits.concurrency):
                    workers.create_task(self._work(alone=number == 0))
        except BaseExceptionGroup as group:
            raise _first(group) from group
        finally:
            self.accepted.put_nowait(None)

    async def _work(self, *, alone: bool) -> None:
        if not alone:
            await self._answered.wait()
        while batch := self._slots.take(self._limits.batch):
            self._slots.put_back(await self._fill(batch))

    async def _fill(self, batch: list[Slot]) -> list[Slot]:
        """Ask for a batch, and again with what is wrong with the answer; return the slots that stay open."""
        messages = ask(self._context, batch, self._rng)
        for _ in range(1 + self._limits.corrections):
            number, paid, answer = await self._line.ask(messages, {slot.change for slot in batch})
            self._answered.set()
            candidates, wrong = read_triples(answer.text) if answer.text else ([], [answer.trouble])
            kept, complaints = self._judge(candidates, batch)
            complaints += [("schema" if answer.text else "refusal", told) for told in wrong]
            self._spool.answered(number, paid, kept, Counter(name for name, _ in complaints))
            for _, triple in kept:
                self.accepted.put_nowait(triple)
            filled = {slot for slot, _ in kept}
            batch = [slot for slot in batch if slot.number not in filled]
            self._count(bool(kept), complaints)
            if not batch:
                break
            if answer.text:  # else there is nothing to correct, and the same is asked again
                told = [message for _, message in complaints] or ["some of them are missing"]
                messages = [*messages[:4], *correct(answer.text[:SENT_BACK], told, batch)]
        return batch

    def _judge(
        self, candidates: Sequence[Candidate], batch: Sequence[Slot]
    ) -> tuple[list[tuple[int, Triple]], list[tuple[str, str]]]:
        """Return the triples that fill slots, with the slots' numbers, and what is wrong with the others."""
        left, kept, wrong = list(batch), [], []
        for candidate in candidates:
            slot = next((slot for slot in left if slot.change == candidate.change), None)
            if slot is None:
                wrong.append(("surplus", f"no further {candidate.change} was asked for"))
                continue
            triple = self._triple(candidate, slot)
            complaints = check(triple, self._context)
            if complaints:
                wrong.append((complaints[0].check, f"{triple.edit!r}: {complaints[0].message}"))
            elif self._near.is_near(triple):
                wrong.append(("duplicate", f"{triple.edit!r}: it is much like one written before"))
            else:
                self._near.add(triple)
                left.remove(slot)
                kept.append((slot.number, triple))
        return kept, wrong

    def _triple(self, candidate: Candidate, slot: Slot) -> Triple:
        return Triple(
            input=candidate.input,
            edit=candidate.edit,
            output=candidate.output,
            change=candidate.change,
            subject=slot.subject,
            subject_kind=self._context.kind(slot.subject),
            target_before=candidate.target_before,
            target_after=candidate.target_after,
        )

    def _count(self, fruitful: bool, complaints: Sequence[tuple[str, str]]) -> None:
        self._fruitless = 0 if fruitful else self._fruitless + 1
        if self._fruitless >= self._limits.patience:
            last = complaints[0][1] if complaints else "the answer holds no triple"
            raise Unproductive(
                f"Of {self._fruitless} answers of the language model in a row nothing could be accepted (the "
                f"last: {last}); take a larger model, or the grammar writer"
            )


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that says why the workers ended: one of ours before any other."""
    ours = [error for error in group.exceptions if isinstance(error, LanguageModelError)]
    return ours[0] if ours else group.exceptions[0]
