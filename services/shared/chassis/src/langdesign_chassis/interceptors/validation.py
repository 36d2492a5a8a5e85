"""The constraints written in the contracts, enforced in one place."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from google.protobuf.message import Message
from protovalidate import Validator, Violation

from langdesign_chassis.errors import FieldViolation, InvalidArgument
from langdesign_chassis.interceptors.layer import Context, Layer

_TOLD = 5  # violations that the message tells; the details have more


class Validation(Layer):
    """Refuses requests that break a protovalidate constraint, naming every wrong field."""

    inspects = True

    def __init__(self) -> None:
        self._validator = Validator()

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call; requests are looked at one by one."""
        yield

    def inspect(self, request: Message) -> None:
        """Raise InvalidArgument when the request breaks a constraint."""
        if broken := self._validator.collect_violations(request):
            violations = tuple(
                FieldViolation(field_path(v), v.proto.message or v.proto.rule_id) for v in broken
            )
            raise InvalidArgument(
                _told(violations), violations=violations, hint="see the contract's limits of each field"
            )


def _told(violations: tuple[FieldViolation, ...]) -> str:
    """Return the first of them in one line, and how many more there are."""
    told = [f"{v.field}: {v.description}" if v.field else v.description for v in violations[:_TOLD]]
    if len(violations) > _TOLD:
        told.append(f"and {len(violations) - _TOLD} more")
    return "; ".join(told)


def field_path(violation: Violation) -> str:
    """Return the wrong field, as ``options.steps`` or ``expressions[2]``; empty for the whole message."""
    return ".".join(_elements(violation))


def _elements(violation: Violation) -> Iterable[str]:
    path = violation.proto.field
    for element in path.elements if path is not None else ():
        subscript = element.subscript
        yield element.field_name if subscript is None else f"{element.field_name}[{subscript.value!r}]"
