"""Addresses of databases, as settings hold them."""

import importlib.util

from langdesign_chassis.errors import StartError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_FORMS = "sqlite:///FILE or postgresql://user:password@host/name"


def read_address(address: str, setting: str) -> URL:
    """Return the address of a database, with the driver that we use.

    Raises:
        StartError: it is no address of a database that is known here.

    """
    try:
        url = make_url(address)
    except ArgumentError:
        raise StartError(f"{setting} is no address", hint=f"write {_FORMS}") from None
    kind = url.get_backend_name()
    if kind not in _DRIVERS:
        raise StartError(f"{setting} names {kind}", hint=f"choose sqlite or postgresql: {_FORMS}")
    if kind == "postgresql" and importlib.util.find_spec("psycopg") is None:
        raise StartError(
            f"{setting} names Postgres, and psycopg is not installed",
            hint="install langdesign-database[postgres]",
        )
    return url.set(drivername=_DRIVERS[kind])


def unusable(url: URL, setting: str, why: str, hint: str) -> StartError:
    """Return the error that a database cannot be used, without its password, in one line."""
    address = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    return StartError(f"{setting}={address} cannot be used ({why})", hint=hint)
