"""What is said of a database that fails: the reason to the operator, what to do to the caller."""

import logging

from langdesign_chassis import errors
from sqlalchemy.exc import SQLAlchemyError

_FULL = {"SQLITE_FULL", "53100"}
"""SQLite's result code, and Postgres' state of SQL (appendix A), of a disk without room."""
_log = logging.getLogger(__name__)


class OtherReleaseError(Exception):
    """The database is of a revision that this release does not know."""


def unavailable(error: SQLAlchemyError, store: str) -> errors.Unavailable:
    """Return the error for the callers of a store whose database failed, and log the database's own words.

    Args:
        error: What the database answered.
        store: What is kept there, such as "the store of the designs".

    """
    original = getattr(error, "orig", None)
    _log.error("%s failed", store, extra={"reason": str(original or error).partition("\n")[0]})
    if {getattr(original, "sqlite_errorname", None), getattr(original, "sqlstate", None)} & _FULL:
        told, hint = f"{store} is full", "have its operator make room there, and ask again"
    else:
        told, hint = f"{store} does not answer now", "ask again in a moment"
    return errors.Unavailable(told, hint=hint, retry_after=1.0)
