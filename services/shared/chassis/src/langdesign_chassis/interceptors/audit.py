"""One line of the audit log for every call that changes something, and for every call that is refused."""

import logging
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from langdesign_chassis.audit import LOGGER
from langdesign_chassis.audited import MUTATING, READING, Audited
from langdesign_chassis.callstate import behalf_var, subject_var, tenant_var
from langdesign_chassis.interceptors.layer import Context, Layer
from langdesign_chassis.interceptors.outcome import Outcome, outcome_of
from langdesign_chassis.settings import AuditSettings

_REFUSED = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED"})
_UNKNOWN = Audited()
_MOST_VALUES = 32  # of one field: more are resources that a listing tells
_LONGEST = 256  # characters of one value
_REQUEST_ID = "x-request-id"  # as Envoy sets it
_log = logging.getLogger(LOGGER)


@dataclass
class _Record:
    """What a call's messages have told so far; values by field path."""

    fields: Audited
    asked: dict[str, list[str]] = field(default_factory=dict)
    answered: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)


_record: ContextVar[_Record | None] = ContextVar("langdesign_audit_record", default=None)


class Audit(Layer):
    """Tells who called, what was to change, and how the call ended; a stream's line comes at its end.

    Lines hold names of resources, and neither pictures nor tokens. What a person wrote is told where the
    settings allow it.

    Args:
        settings: What may be told.
    """

    inspects = True
    observes = True

    def __init__(self, settings: AuditSettings) -> None:
        self._settings = settings

    @asynccontextmanager
    async def around(self, method: str, context: Context) -> AsyncIterator[None]:
        """Surrounds a call."""
        record = None if method in READING else _Record(MUTATING.get(method, _UNKNOWN))
        _record.set(record)
        with _told(method, context, record):
            yield

    def inspect(self, request: Any) -> None:
        """Note what a request names."""
        if record := _record.get():
            _note(record.asked, request, record.fields.asked)
            _note(record.asked, request, ("idempotency_key",))
            if self._settings.instructions:
                _note(record.texts, request, record.fields.texts)

    def observe(self, response: Any) -> None:
        """Note what a response names."""
        if record := _record.get():
            _note(record.answered, response, record.fields.answered)


@contextmanager
def _told(method: str, context: Context, record: _Record | None) -> Iterator[None]:
    start, outcome = time.perf_counter(), Outcome()
    try:
        with outcome_of(context) as outcome:
            yield
    finally:
        if record is not None or outcome.code in _REFUSED:
            _tell(method, context, record or _Record(_UNKNOWN), outcome.code, time.perf_counter() - start)


def _tell(method: str, context: Context, record: _Record, code: str, seconds: float) -> None:
    line: dict[str, Any] = {"log": "audit", "method": method, "code": code, "seconds": round(seconds, 6)}
    line |= {"subject": subject_var.get(), "tenant": tenant_var.get(), "peer": context.peer()}
    if behalf_var.get() is not None:
        line["on_behalf"] = True
    request_id = dict(context.invocation_metadata() or ()).get(_REQUEST_ID)
    if isinstance(request_id, str):
        line["request_id"] = request_id[:_LONGEST]
    line |= {name: values for name in ("asked", "answered", "texts") if (values := getattr(record, name))}
    _log.info("audit", extra=line)


def _note(values: dict[str, list[str]], message: Any, paths: Iterable[str]) -> None:
    for path in paths:
        found = values.get(path, [])
        found += [value[:_LONGEST] for value in _values(message, path.split(".")) if value not in found]
        if found:
            values[path] = found[:_MOST_VALUES]


def _values(message: Any, path: Sequence[str]) -> Iterator[str]:
    """Yield the strings at a path, none where a message on the way is not set or has no such field."""
    step, *rest = path
    described = message.DESCRIPTOR.fields_by_name.get(step)
    if described is None:
        return
    if not rest:
        value = getattr(message, step)
        yield from (one for one in (value if described.is_repeated else [value]) if one)
    elif message.HasField(step):
        yield from _values(getattr(message, step), rest)
