"""How a call ended, as telemetry and the audit log tell it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc

from langdesign_chassis.interceptors.layer import Context

_BY_NUMBER = {code.value[0]: code.name for code in grpc.StatusCode}


@dataclass
class Outcome:
    """A call's status code by name, such as ``OK``; true once the call has ended."""

    code: str = "INTERNAL"


@contextmanager
def outcome_of(context: Context) -> Iterator[Outcome]:
    """Surrounds a call, and fills in how it ended."""
    outcome = Outcome()
    try:
        yield outcome
    except asyncio.CancelledError:
        outcome.code = "DEADLINE_EXCEEDED" if context.time_remaining() == 0 else "CANCELLED"
        raise
    except BaseException:
        outcome.code = _code(context, "INTERNAL")
        raise
    else:
        outcome.code = _code(context, "OK")


def _code(context: Context, default: str) -> str:
    code: grpc.StatusCode | int | None = context.code()
    number = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return _BY_NUMBER.get(number, "UNKNOWN") if number else default
