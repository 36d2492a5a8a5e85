"""Logs: one JSON object a line, with trace id and tenant; never image bytes, prompts only at debug."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message
from opentelemetry import trace

from langdesign_chassis.callstate import tenant_var
from langdesign_chassis.settings import TelemetrySettings

PROMPTS = frozenset({"prompt", "instruction", "caption", "expression", "expressions", "edited_caption"})
"""Names of `extra` values that hold what a person wrote; told at debug only."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Formats records as JSON objects. Give values as ``extra``.

    Args:
        service: Name of the service, in every line.
    """

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            **dict(_call_fields()),
            **dict(_extras(record)),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=_shown)


class TextFormatter(logging.Formatter):
    """Formats records for people; the same rules for what is told."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class's name
        """Return the line without its traceback."""
        fields = {**dict(_extras(record)), **dict(_call_fields())}
        return super().formatMessage(record) + "".join(
            f" {name}={_plain(value)}" for name, value in fields.items()
        )


def _call_fields() -> Iterator[tuple[str, str]]:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        yield "trace_id", trace.format_trace_id(span.trace_id)
        yield "span_id", trace.format_span_id(span.span_id)
    if tenant := tenant_var.get():
        yield "tenant", tenant


def _extras(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    for name, value in vars(record).items():
        if name not in _STANDARD and (name not in PROMPTS or record.levelno <= logging.DEBUG):
            yield name, value


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_shown)


def _shown(value: Any) -> str:
    """Return in words what JSON has no form for; of bytes and messages, as of pictures, size or kind."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, Message):
        return f"<{value.DESCRIPTOR.full_name}>"
    if hasattr(value, "shape"):
        return f"<{type(value).__name__} of shape {tuple(value.shape)}>"
    return str(value)


def configure(settings: TelemetrySettings, service: str) -> None:
    """Send every log record of this process to stderr in the chosen format; replace earlier handlers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service) if settings.format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
