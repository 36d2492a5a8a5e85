"""Keeps a replica's lease, sees to what the others leave to it, and forgets what is old."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from langdesign_chassis import errors
from langdesign_media import MediaError

from langdesign_editing.conducting import Conductor
from langdesign_editing.live import LiveOperation
from langdesign_editing.results import Results
from langdesign_editing.store import OperationStore

_ROUNDS = 10
"""Renewals in the time of one lease."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Terms:
    """How long what is kept."""

    # Seconds that an ended operation is kept.
    seconds: float
    # How many ended operations are kept, the latest ones of all replicas.
    count: int
    # Seconds without a renewal until the others take a replica for gone.
    lease: float
    # Seconds that what is under way may go on once no call is taken any more.
    grace: float


class Keeper:
    """Goes its rounds: `run` as a task, `round` for one.

    Args:
        store: Keeps the operations.
        results: Keeps what they result in.
        conductor: Ends what nobody does any more.
        live: What is under way in this process, by id.
        own: Ids of that, and of those whose beginning is being stored.
        terms: How long what is kept.

    """

    def __init__(
        self,
        store: OperationStore,
        results: Results,
        conductor: Conductor,
        *,
        live: Mapping[str, LiveOperation],
        own: Collection[str],
        terms: Terms,
    ) -> None:
        self._store, self._results, self._conductor = store, results, conductor
        self._live, self._own, self._terms = live, own, terms
        self._some_ended = True

    def note_an_end(self) -> None:
        """Lets the next round look for what is to be forgotten."""
        self._some_ended = True

    async def run(self) -> None:
        """Goes on until it is cancelled, through all times in which the store does not answer."""
        while True:
            await asyncio.sleep(self._terms.lease / _ROUNDS)
            try:
                await self.round()
            except errors.Error as error:
                _log.warning("the store of the edits does not answer", extra={"error": repr(error.__cause__)})
            except Exception:  # noqa: BLE001 - without a next round the lease would end
                _log.exception("a round of the keeper failed; the next one follows")

    async def round(self) -> None:
        """Renews the lease, stops what was cancelled elsewhere, ends orphans, and forgets what is old.

        Raises:
            errors.Unavailable: The store does not answer.

        """
        duties = await self._store.attend(list(self._own), self._terms.lease)
        for operation in duties.cancelled:
            if (live := self._live.get(operation)) is not None:
                live.cancel()
        for orphan in duties.orphans:
            if orphan.operation not in self._own:  # or else it began while the store was asked
                await self._conductor.end(orphan)
        if self._some_ended:
            self._some_ended = False
            await self._prune()

    async def _prune(self) -> None:
        for gone in await self._store.prune(self._terms.seconds, self._terms.count):
            try:
                await self._results.delete(gone)
            except MediaError:  # it stays behind: nothing refers to it any more
                _log.exception("a result could not be deleted", extra={"operation": gone.operation})
