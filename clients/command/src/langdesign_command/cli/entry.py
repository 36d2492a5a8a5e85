"""Commands that other packages bring, as entry points with `main(argv) -> int`."""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import NoReturn

import typer
from langdesign_client.errors import LangDesignError, NotFoundError


def hand_over(entries: Mapping[str, EntryPoint], what: str, name: str, arguments: Sequence[str]) -> NoReturn:
    """Run the entry called `name` with the arguments, and exit with its code.

    Raises:
        NotFoundError: no such entry is installed.
        LangDesignError: the package that brings it cannot be imported.

    """
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise NotFoundError(
            f"No {what} is called {name!r}",
            hint=f"installed: {known}; `make setup` installs all that this version has",
        )
    try:
        main = entries[name].load()
    except ImportError as error:
        raise LangDesignError(
            f"The {what} {name} cannot be loaded: {error}", hint="run `make setup`"
        ) from None
    raise typer.Exit(main(list(arguments)) or 0)
