"""The desk that takes orders and gives them to a writer."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from langdesign_triples import (
    Budget,
    Context,
    Endpoint,
    GrammarWriter,
    LanguageModelWriter,
    Limits,
    Triple,
    TriplesError,
    remove_spools,
)

from langdesign_instruction.accounts import Accounts
from langdesign_instruction.errors import NoLanguageModel, UnknownContext
from langdesign_instruction.orders import Order

_log = logging.getLogger(__name__)
CHUNK = 64  # triples that the grammar writes in a thread at once


@dataclass(frozen=True)
class Written:
    """An accepted triple, and what it took so far.

    Attributes:
        triple: The triple.
        rejections: Triples that the checks rejected so far, by check.
        spent: On the language model so far.

    """

    triple: Triple
    rejections: Mapping[str, int] = field(default_factory=dict)
    spent: Budget = field(default_factory=Budget)


@dataclass(frozen=True)
class Agents:
    """The language model, and what it may be used for.

    Attributes:
        endpoint: Where it is.
        limits: How it is used.
        budget: What one job may spend at most.
        accounts: What all jobs of a tenant share.

    """

    endpoint: Endpoint
    limits: Limits
    budget: Budget
    accounts: Accounts


@dataclass(frozen=True)
class Shelf:
    """Where jobs' spools are, and for how long.

    Attributes:
        folder: What language models were asked and answered, a file for each job.
        days: After which one that nobody has touched is removed.

    """

    folder: Path
    days: float

    def tidy(self) -> None:
        """Remove the spools that nobody has touched for so long; never one in use."""
        removed = remove_spools(self.folder, time.time() - 86_400 * self.days)
        if removed:
            _log.info("old spools were removed", extra={"removed": removed})


class Desk:
    """Takes orders.

    Args:
        contexts: What can be ordered.
        agents: The language model; None where there is none.
        shelf: For what it is asked and answers.

    """

    def __init__(self, contexts: Sequence[Context], agents: Agents | None, shelf: Shelf) -> None:
        self._contexts = {context.name: context for context in sorted(contexts, key=lambda one: one.name)}
        self._agents = agents
        self._shelf = shelf

    async def tidy(self) -> None:
        """Remove the spools that nobody has touched for long."""
        await asyncio.to_thread(self._shelf.tidy)

    def context(self, name: str) -> Context:
        """Return a context by its name.

        Raises:
            UnknownContext: there is none of that name.

        """
        if name not in self._contexts:
            raise UnknownContext(f"there is no context {name}")
        return self._contexts[name]

    def contexts(self, after: str, count: int) -> tuple[list[Context], bool]:
        """Return up to so many contexts whose names come after one, and whether there are more."""
        later = [context for name, context in self._contexts.items() if name > after]
        return later[:count], len(later) > count

    def write(self, order: Order, after: int) -> AsyncGenerator[Written, None]:
        """Yield the triples of an order without the first ones, which its caller has already.

        Raises:
            InvalidContext: the context lacks a subject.
            NoLanguageModel: one is ordered, and there is none.
            TriplesError: no more triples can be had; the subclass says why.

        """
        order.context.check_subjects(order.subjects)
        if not order.language_model:
            return _by_grammar(order, after)
        if self._agents is None:
            raise NoLanguageModel("this deployment has no language model")
        return self._by_model(order, after, self._agents)

    async def _by_model(self, order: Order, after: int, agents: Agents) -> AsyncGenerator[Written, None]:
        writer = LanguageModelWriter(
            order.context,
            agents.endpoint,
            self._shelf.folder / f"{order.job}.jsonl",
            seed=order.seed,
            limits=agents.limits,
            budget=agents.budget.within(order.budget),
            account=agents.accounts.of(order.tenant),
        )
        async with aclosing(writer.triples(order.count, order.subjects, after=after)) as triples:
            async for triple in triples:
                yield Written(triple, writer.rejections, Budget(writer.spent.tokens, writer.dollars))
        await self.tidy()


async def _by_grammar(order: Order, after: int) -> AsyncGenerator[Written, None]:
    writer = GrammarWriter(order.context, order.seed)
    triples = islice(writer.triples(order.count, order.subjects), after, None)
    while True:
        chunk, error = await asyncio.to_thread(_some, triples)
        for triple in chunk:
            yield Written(triple)
        if error:
            raise error
        if len(chunk) < CHUNK:
            return


def _some(triples: Iterator[Triple]) -> tuple[list[Triple], TriplesError | None]:
    """Return the next triples, and the error that ends them."""
    found: list[Triple] = []
    try:
        for triple in islice(triples, CHUNK):
            found.append(triple)  # noqa: PERF402 - what was found before an error is kept
    except TriplesError as error:
        return found, error
    return found, None
