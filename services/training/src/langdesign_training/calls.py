"""Makes each change of the registry once for each idempotency key, however often it is asked for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from google.protobuf.message import Message
from langdesign_chassis import errors
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from langdesign_training.runs import check_key
from langdesign_training.store import now
from langdesign_training.tables import CALLS

M = TypeVar("M", bound=Message)
_KEPT = 24 * 3600 * 1_000_000  # microseconds that a call is remembered


class CallLog:
    """Remembers the answers of calls for a day; a failed call is not remembered, and may be tried again.

    Args:
        engine: An open database, of `database.open_database`.

    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._one_at_a_time = asyncio.Lock()

    async def once(
        self, tenant: str, key: str, fingerprint: bytes, answer: type[M], change: Callable[[], Awaitable[M]]
    ) -> M:
        """Return the answer of a change, made now unless it was made for this key before.

        Args:
            tenant: Who asks.
            key: The idempotency key.
            fingerprint: Equal for equal requests only.
            answer: Class of the answer.
            change: Makes the change.

        Raises:
            errors.InvalidArgument: the key holds control characters.
            errors.AlreadyExists: the key was used for another request.

        """
        check_key(key)
        task = asyncio.create_task(self._once(tenant, key, fingerprint, answer, change))
        return await asyncio.shield(task)  # a caller that goes away leaves no change that is not remembered

    async def _once(
        self, tenant: str, key: str, fingerprint: bytes, answer: type[M], change: Callable[[], Awaitable[M]]
    ) -> M:
        async with self._one_at_a_time:
            try:
                known = await self._find(tenant, key)
                if known is not None:
                    return _read(known, fingerprint, answer)
                response = await change()
                await self._remember(tenant, key, fingerprint, response.SerializeToString())
            except (DBAPIError, PoolTimeoutError) as error:
                raise errors.Unavailable("the database does not answer now", retry_after=1.0) from error
            return response

    async def _find(self, tenant: str, key: str) -> tuple[bytes, bytes] | None:
        query = select(CALLS.c.fingerprint, CALLS.c.response).where(
            CALLS.c.tenant == tenant, CALLS.c.key == key
        )
        async with self._engine.begin() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else (row.fingerprint, row.response)

    async def _remember(self, tenant: str, key: str, fingerprint: bytes, response: bytes) -> None:
        created = now()
        values = {"fingerprint": fingerprint, "response": response, "create_time": created}
        async with self._engine.begin() as connection:
            await connection.execute(delete(CALLS).where(CALLS.c.create_time < created - _KEPT))
            await connection.execute(insert(CALLS).values(tenant=tenant, key=key, **values))


def _read(known: tuple[bytes, bytes], fingerprint: bytes, answer: type[M]) -> M:
    before, response = known
    if before != fingerprint:
        raise errors.AlreadyExists(
            "idempotency_key was used for another request", hint="use a new key for a new change"
        )
    return answer.FromString(response)
