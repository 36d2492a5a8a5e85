"""What the judge has cost, and what it may: one file beside its answers, for the workers of all machines.

A request counts before it goes out, with what the dearest has cost so far, the first ones with the most that
they can cost, and with its true price once that is known. So a killed worker's open requests stay counted:
they may have been charged.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .errors import BudgetSpent, StorageError
from .store import ANSWERS, Store

_BOOK = "spent.json"


@dataclass(frozen=True)
class Balance:
    """What requests have cost so far, those of earlier builds and other workers too."""

    dollars: float = 0.0  # all together, open requests included
    dearest: float = 0.0  # a single one; 0 while no price is known


@dataclass
class Bill:
    """What one request cost; until that is settled, what it is feared to."""

    dollars: float
    guessed: bool  # from the most that it can cost, since no other's price is known
    settled: bool = False

    def settle(self, dollars: float) -> None:
        """Put down what it cost."""
        self.dollars, self.settled = dollars, True


class Purse:
    """Lets a request go out only while the dearest so far is within the limit.

    Args:
        store: beside whose answers the book lies.
        limit: US dollars of all requests together, earlier builds' included; None for none.

    """

    def __init__(self, store: Store, limit: float | None) -> None:
        self._store, self._limit = store, limit
        self._path = store.folder / ANSWERS / _BOOK
        self._changed, self._open = threading.Condition(), 0

    @contextmanager
    def request(self, most: float) -> Iterator[Bill]:
        """Set aside what a request may cost, and take what its bill says at the end for that.

        Args:
            most: US dollars that it can cost, which count where no price is known.

        Raises:
            BudgetSpent: too little is left, and no open request of this worker can free any.
            StorageError: the book cannot be written.

        """
        bill = self._reserve(most)
        feared = bill.dollars
        try:
            yield bill
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()  # they wake once this block is left, even by an error
                with self._book() as book:
                    known = bill.dollars if bill.settled else 0.0
                    dearest = max(book.balance.dearest, known)
                    book.balance = Balance(book.balance.dollars + bill.dollars - feared, dearest)

    def _reserve(self, most: float) -> Bill:
        with self._changed:
            while True:
                with self._book() as book:
                    balance = book.balance
                    bill = Bill(balance.dearest or most, guessed=not balance.dearest)
                    if self._fits(balance, bill):
                        book.balance = Balance(balance.dollars + bill.dollars, balance.dearest)
                        self._open += 1
                        return bill
                if not self._open:
                    raise BudgetSpent(self._told(balance, bill))
                self._changed.wait()

    def _fits(self, balance: Balance, bill: Bill) -> bool:
        if self._limit is None:
            return True
        if bill.guessed and self._open:
            return False  # a worker's first request goes alone: its price says more than the most it can be
        return balance.dollars < self._limit and balance.dollars + bill.dollars <= self._limit

    def _told(self, balance: Balance, bill: Bill) -> str:
        return (
            f"The judge has cost ${balance.dollars:.2f} of the ${self._limit:.2f} of budget.dollars, which "
            f"leaves nothing for another request (${bill.dollars:.2f}); raise it, or clear judging.model, "
            "and build again: answers stay"
        )

    @contextmanager
    def _book(self) -> Iterator[_Book]:
        """Hold the book, and write down what was changed in it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                before = self._read()
                book = _Book(before)
                yield book
                if book.balance != before:
                    self._write(book.balance)
        except OSError as error:
            raise StorageError(
                f"{self._path.parent} cannot be written ({error.strerror or error}); make room or give write "
                "access there, and build again: what is done stays"
            ) from error

    def _read(self) -> Balance:
        try:
            told = json.loads(self._path.read_text("utf-8"))
            return Balance(float(told["dollars"]), float(told["dearest"]))
        except FileNotFoundError:
            costs = self._store.costs()
            return Balance(sum(costs), max(costs, default=0.0))
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"{self._path} is damaged; remove it, and the answers that are there tell what was spent"
            ) from error

    def _write(self, balance: Balance) -> None:
        draft = self._path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"dollars": balance.dollars, "dearest": balance.dearest}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


@dataclass
class _Book:
    balance: Balance
