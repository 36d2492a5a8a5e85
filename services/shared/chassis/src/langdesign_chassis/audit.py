"""Where the audit log goes: one JSON object a line, apart from the process's own log."""

import logging
import sys

from langdesign_chassis.errors import StartError
from langdesign_chassis.logs import JsonFormatter
from langdesign_chassis.settings import AuditSettings

LOGGER = "langdesign.audit"
"""Name of the logger that takes the lines."""


def configure(settings: AuditSettings, service: str) -> None:
    """Send the audit lines of this process where the settings say; replace an earlier place.

    Raises:
        StartError: The file cannot be opened.
    """
    logger = logging.getLogger(LOGGER)
    for handler in logger.handlers:
        handler.close()
    logger.handlers[:] = [_handler(settings, service)]
    logger.setLevel(logging.INFO)  # whatever level the process's own log has
    logger.propagate = False


def _handler(settings: AuditSettings, service: str) -> logging.Handler:
    if settings.to == "off":
        return logging.NullHandler()
    if settings.to == "stdout":
        handler: logging.Handler = logging.StreamHandler(sys.stdout)
    else:
        from logging.handlers import WatchedFileHandler  # noqa: PLC0415 - for files alone

        try:
            handler = WatchedFileHandler(settings.to, encoding="utf-8")
        except OSError as error:
            raise StartError(
                f"cannot write the audit log to {settings.to} ({error.strerror})",
                hint="set LANGDESIGN_AUDIT_TO to a file that this process may write, `stdout` or `off`",
            ) from error
    handler.setFormatter(JsonFormatter(service))
    return handler
