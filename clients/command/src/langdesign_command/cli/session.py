"""What every command shares: how to reach the services, and how to print."""

import dataclasses
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import langdesign_client
import typer
from langdesign_client.addresses import LOCAL_ADDRESSES, address_hint, is_address
from langdesign_client.errors import InvalidInputError

if TYPE_CHECKING:
    from langdesign_client import Client
    from rich.console import Console

MAX_SEED = 2**63 - 1
"""The largest seed that the contracts carry."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
"""`--json`, the same in every command."""


@dataclass
class Session:
    """The options before the command, and whether the command prints JSON."""

    addr: str = ""
    token: str = ""
    tls: bool = False
    ca: str = ""
    certificate: str = ""
    key_file: str = ""
    trusted_network: bool = False
    timeout: float = 600.0
    as_json: bool = False

    def client(self) -> "Client":
        """Return a client; the caller closes it."""
        if self.addr and not is_address(self.addr):
            raise InvalidInputError(f"--addr {self.addr} is no address", hint=address_hint(self.addr))
        places = {
            stem: os.environ[f"{stem.upper()}_ADDR"]
            for stem in LOCAL_ADDRESSES
            if os.environ.get(f"{stem.upper()}_ADDR")
        }
        connection = langdesign_client.Connection(
            addresses=langdesign_client.everywhere(self.addr) if self.addr else places,
            token=self.token or None,
            tls=self.tls,
            ca=Path(self.ca) if self.ca else None,
            certificate=Path(self.certificate) if self.certificate else None,
            key=Path(self.key_file) if self.key_file else None,
            trusted_network=self.trusted_network,
            timeout=self.timeout,
        )
        return langdesign_client.Client(connection)

    def console(self) -> "Console":
        """Return the console for progress and remarks: stderr, so that stdout holds results alone."""
        from rich.console import Console  # noqa: PLC0415 - slow to import, and not every command prints

        return Console(stderr=True, quiet=self.as_json)


def session(context: typer.Context, *, as_json: bool) -> Session:
    """Return the session of a command, and note whether it prints JSON."""
    found = context.find_root().obj
    assert isinstance(found, Session)  # noqa: S101 - the root's callback has set it
    found.as_json = as_json
    return found


def print_json(value: Any) -> None:
    """Print a value as one line of JSON: no bytes, paths as text, times in ISO 8601, spans in seconds."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, default=os.fspath))


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
        return {name: plain(item) for name, item in fields.items() if not isinstance(item, bytes)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


_WHOLE = 44  # characters of a first column at most that others make room for


def print_rows(headings: list[str], rows: list[list[str]], *, empty: str) -> None:
    """Print a table on stdout, or what it means that there is nothing.

    The first column is what other commands take: a name there stays whole, so that it can be copied. What is
    wider than any other goes on in the next line.
    """
    if not rows:
        typer.echo(empty)
        return
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - slow to import
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.markup import escape  # noqa: PLC0415 - slow to import
    from rich.table import Column, Table  # noqa: PLC0415 - slow to import

    # By itself rich would cut it.
    table = Table(*(Column(heading, overflow="fold") for heading in headings), box=SIMPLE_HEAD)
    names = max(len(row[0]) for row in rows)
    if names <= _WHOLE:
        table.columns[0].min_width = names
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)
