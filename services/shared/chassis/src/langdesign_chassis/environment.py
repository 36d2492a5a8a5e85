"""Read settings from the environment, and show them: once, at start, never at import."""

import ast
import inspect
import os
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from langdesign_chassis.declaring import MASK, Group, Names, Settings, SettingsError, group_of, no_setting
from langdesign_chassis.errors import StartError

_OTHERS = ("LANGDESIGN_CLIENT_", "LANGDESIGN_REGISTRY", "LANGDESIGN_TEST")  # read by others than services
_USER = re.compile(r"(?<=://)\S*@")  # greedy: an unescaped `/` or `@` in a secret is masked as well
S = TypeVar("S", bound=Settings)


def load(kind: type[S], **defaults: Any) -> S:
    """Read settings from the environment; ``defaults`` stand in for those of the class.

    Raises:
        StartError: Settings are wrong or misspelt; the message names all their variables, and no value.
    """
    environment = {name.upper(): value for name, value in os.environ.items()}
    problems = [*_unknown(kind, environment)]
    values = defaults
    for variable in _variables(kind):
        if variable.name in environment:
            try:
                _put(values, variable, environment[variable.name])
            except ValueError as error:
                problems.append(f"{variable.name}: {error}")
    try:
        settings = kind(**values)
    except SettingsError as error:
        problems += (f"{_name(kind, place)}: {reason}" for place, reason in error.wrong.items())
    if problems:
        raise StartError("wrong setting: " + "; ".join(problems), hint="--show-settings lists them all")
    return settings


def describe(settings: Settings) -> Iterator[str]:
    """Yield ``NAME=value  # what it is`` for every setting, secrets and users in URLs masked."""
    for variable in _variables(type(settings)):
        if group_of(variable.hint) is None:
            value: Any = settings
            for name in variable.place:
                value = getattr(value, name)
            meaning = _meanings(variable.owner).get(variable.place[-1], "")
            yield f"{variable.name}={_shown(value)}  # {meaning}".rstrip(" #")


@dataclass(frozen=True)
class _Variable:
    name: str
    place: Names
    hint: Any
    owner: type[Group]


def _variables(kind: type[Settings]) -> Iterator[_Variable]:
    """Yield every variable that is read; a group as a whole (JSON) before its members."""
    yield from _below(kind, kind.env_prefix, ())


def _below(kind: type[Group], prefix: str, above: Names) -> Iterator[_Variable]:
    for field in structs.fields(kind):
        own = field.encode_name if field.encode_name != field.name else f"{prefix}{field.name}"
        yield _Variable(own.upper(), (*above, field.name), field.type, kind)
        if (group := group_of(field.type)) is not None:
            yield from _below(group, f"{prefix}{field.name}_", (*above, field.name))


def _name(kind: type[Settings], place: Names) -> str:
    """Return the variable of a place, or what it begins with where the place is the whole."""
    named = {variable.place: variable.name for variable in _variables(kind)}
    return named.get(place) or "_".join((kind.env_prefix.rstrip("_"), *place)).upper()


def _unknown(kind: type[Settings], environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what to do about variables with the prefix that are no settings: they would be ignored."""
    prefix = kind.env_prefix.upper()
    known = {variable.name for variable in _variables(kind)}
    others = {f"{prefix}ADDR"}  # where peers find this service
    for name in sorted(environment.keys() - known - others) if prefix else ():
        if name.startswith(prefix) and not name.startswith(_OTHERS):
            yield no_setting(name, known)


def _put(values: dict[str, Any], variable: _Variable, text: str) -> None:
    """Lay the text of a variable at its place. Raises ValueError where a group's is no JSON object."""
    *groups, name = variable.place
    for group in groups:
        values = values.setdefault(group, {})
    values[name] = text if group_of(variable.hint) is None else _object(text)


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except ValueError:
        raise ValueError("give a JSON object, or its settings one by one") from None


def _meanings(kind: type[Group]) -> dict[str, str]:
    """Return what stands below each field in the source of its class."""
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except OSError:  # without sources, the names and values are shown all the same
        return {}
    found = {}
    for field, below in pairwise(getattr(definition, "body", ())):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found


def _shown(value: object) -> object:
    if isinstance(value, str):
        return _USER.sub(f"{MASK}@", value)
    return "" if value is None else value
