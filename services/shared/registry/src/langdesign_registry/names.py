"""Names of models, versions and aliases."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import InvalidName

_MODEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
# An alias of digits alone would be taken for a version, and MLflow lets "2" point at version 1.
_ALIAS = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_RESERVED = re.compile(r"latest|v[0-9]+")  # MLflow's own
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_REFERENCE = re.compile(r"(?:models:/|models/)?(?P<model>[^@/]+)@(?P<which>[^@/]+)")
_MLFLOWS = re.compile(r"models:/(?P<model>[^@/]+)/(?P<which>[0-9]+)")


@dataclass(frozen=True)
class Reference:
    """A version by its number, or by an alias (then `version` is None)."""

    model: str
    version: int | None
    alias: str


def parse_reference(name: str) -> Reference:
    """Return what `models/interior@champion`, `models/interior@3` or `models:/interior@champion` refers to.

    Raises:
        InvalidName: it is no such name.

    """
    found = _REFERENCE.fullmatch(name) or _MLFLOWS.fullmatch(name)
    if found is None:
        raise InvalidName(f"{name!r} names no version; write models/MODEL@VERSION or models/MODEL@ALIAS")
    model, which = check_model(found["model"]), found["which"]
    if _VERSION.fullmatch(which):
        return Reference(model, int(which), "")
    return Reference(model, None, check_alias(which))


def check_model(name: str) -> str:
    """Return a model's name without its prefix `models/`.

    Raises:
        InvalidName: no model can have it.

    """
    bare = name.removeprefix("models:/").removeprefix("models/")
    if not _MODEL.fullmatch(bare):
        raise InvalidName(
            f"{name!r} is no name of a model; use a-z, 0-9, '.', '_' and '-', 64 characters at most"
        )
    return bare


def check_alias(alias: str) -> str:
    """Return an alias.

    Raises:
        InvalidName: no alias can be called so.

    """
    if not _ALIAS.fullmatch(alias) or _RESERVED.fullmatch(alias):
        raise InvalidName(
            f"{alias!r} is no alias; begin with a letter, use a-z, 0-9, '.', '_' and '-', and neither "
            "'latest' nor 'v' with a number"
        )
    return alias
