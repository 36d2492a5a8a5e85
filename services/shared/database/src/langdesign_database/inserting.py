"""Inserts that may meet a row which is there already, as each kind of database writes them."""

from importlib import import_module
from typing import Any

from sqlalchemy import Table


def inserting(dialect: str, table: Table) -> Any:
    """Return an insert that may say what to do where the row is there already (`on_conflict_do_...`).

    Args:
        dialect: Name of the database's dialect, `sqlite` or `postgresql`. The other one is not imported.
        table: Where it inserts.

    """
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
