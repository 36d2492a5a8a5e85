"""The constraints written in the contracts, enforced in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from google.protobuf.message import Message

from langdesign_chassis.errors import FieldViolation, InvalidArgument
from langdesign_chassis.interceptors.layer import Context, Layer
from langdesign_chassis.rules import Rules

_TOLD = 5  # violations that the message tells; the details have more


class Validation(Layer):
    """Refuses requests that break a constraint of their contract, naming every wrong field."""

    inspects = True

    def __init__(self) -> None:
        self._rules = Rules()

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call; requests are looked at one by one."""
        yield

    def inspect(self, request: Message) -> None:
        """Raise InvalidArgument when the request breaks a constraint."""
        if violations := tuple(self._rules.violations(request)):
            raise InvalidArgument(
                _told(violations), violations=violations, hint="see the contract's limits of each field"
            )


def _told(violations: tuple[FieldViolation, ...]) -> str:
    """Return the first of them in one line, and how many more there are."""
    told = [f"{v.field}: {v.description}" if v.field else v.description for v in violations[:_TOLD]]
    if len(violations) > _TOLD:
        told.append(f"and {len(violations) - _TOLD} more")
    return "; ".join(told)
