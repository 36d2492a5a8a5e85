"""How settings are declared and checked; `langdesign_chassis.environment` reads them.

A service declares its own as a class whose fields all have defaults, with a docstring for each::

    class EchoSettings(Settings, frozen=True):
        env_prefix: ClassVar[str] = "ECHO_"

        loudness: Annotated[float, Meta(ge=0, le=1)] = 0.5

``ECHO_LOUDNESS`` is the variable of that field, unless it is a ``msgspec.field`` whose ``name`` is another:
``TRITON_ADDR``. Where one is a `Group`, its own fields join it with ``_``, ``LANGDESIGN_AUTH_ISSUER``, and
the whole is a variable too, as JSON.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

import msgspec
from msgspec import structs

MASK = "********"
"""What is shown in place of a secret."""
_BOOLEANS = dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True) | dict.fromkeys(
    ("0", "false", "f", "no", "n", "off"), False
)
_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a JSON object",
    list: "a JSON list",
}
_LIMITS = {
    "gt": "above {}",
    "ge": "of at least {}",
    "lt": "below {}",
    "le": "at most {}",
    "pattern": "of the form {}",
}
_WHOLE = re.compile(r"\s*[+-]?\d+\.0*\s*")
"""What templates make of a whole number that they read as JSON or YAML: ``64.0``."""
Names = tuple[str, ...]
"""Where a value stands: its field, after those of the groups around it."""


class SettingsError(ValueError):
    """Values that are no settings.

    Args:
        wrong: What is wrong and what to give instead, by place; where values do not go together, by their
            group's.
    """

    def __init__(self, wrong: Mapping[Names, str]) -> None:
        told = (f"{'.'.join(place)}: {reason}".removeprefix(": ") for place, reason in wrong.items())
        super().__init__("; ".join(told))
        self.wrong = wrong


class SecretStr:
    """A text that is never shown: printed, logged and in tracebacks it is masked."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """Return the text itself."""
        return self._value

    def __repr__(self) -> str:
        return f"SecretStr('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True)
class Check:
    """What a field holds its value to beyond its type: ``Annotated[str | None, Check(address)]``, outermost.

    Attributes:
        kept: Returns the value, or what to keep in its place. Raises ValueError that says what to give.
    """

    kept: Callable[[Any], Any]


class Group(msgspec.Struct, frozen=True):
    """Values that belong together, converted and checked however they are made.

    Texts become what their fields are: numbers, paths, JSON.

    Raises:
        SettingsError: Values are none; it tells all that is wrong.
    """

    def __post_init__(self) -> None:
        wrong: dict[Names, str] = {}
        for field in structs.fields(type(self)):
            try:
                value = _converted(getattr(self, field.name), field.type)
            except SettingsError as error:
                wrong |= {(field.name, *place): reason for place, reason in error.wrong.items()}
            except ValueError as error:
                wrong[(field.name,)] = str(error)
            else:
                structs.force_setattr(self, field.name, value)
        if not wrong:
            try:
                self.check()
            except ValueError as error:
                wrong[()] = str(error)
        if wrong:
            raise SettingsError(wrong)

    def check(self) -> None:
        """Raise ValueError where values that are right by themselves do not go together."""


class Settings(Group, frozen=True):
    """What one process reads from its environment, once, at start."""

    env_prefix: ClassVar[str] = ""
    """What the names of variables begin with; those without one are not looked at for misspelt ones."""


def listed(text: str) -> tuple[str, ...]:
    """Return the entries of a list that is written with commas, without the spaces around them."""
    return tuple(entry.strip() for entry in text.split(","))


def no_setting(name: str, known: Collection[str]) -> str:
    """Return what to do about a name that is none of those that are known."""
    import difflib  # noqa: PLC0415 - of a start that fails

    near = difflib.get_close_matches(name, known, n=1)
    return f"{name} is no setting, " + (f"did you mean {near[0]}?" if near else "unset it")


def _converted(value: Any, hint: Any) -> Any:
    """Return a value as its field's type has it. Raises ValueError that says what to give."""
    kind = _core(hint)
    group = group_of(hint)
    if group is not None and isinstance(value, dict):
        return _made(group, value)
    try:
        value = _of_text(value, kind) if isinstance(value, str) else value
        value = msgspec.convert(value, hint, dec_hook=_own)
    except ValueError:
        raise ValueError(f"give {_asked(hint)}") from None
    for check in getattr(hint, "__metadata__", ()):
        if isinstance(check, Check):
            value = check.kept(value)
    return value


def _made(group: type[Group], values: Mapping[str, Any]) -> Group:
    known = set(group.__struct_fields__)
    if unknown := values.keys() - known:
        raise SettingsError({(): "; ".join(no_setting(name, known) for name in sorted(unknown))})
    return group(**values)


def _of_text(text: str, kind: Any) -> Any:
    if kind in (str, SecretStr, Path) or get_origin(kind) is Literal:
        return text
    if kind is bool:
        return _BOOLEANS.get(text.strip().lower(), text)
    if kind is int and _WHOLE.fullmatch(text):
        return int(text.partition(".")[0])
    return kind(text) if kind in (int, float) else msgspec.json.decode(text)


def _asked(hint: Any) -> str:
    """Return what to give for a field: what it is, and its bounds."""
    kind = _core(hint)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    asked = _KINDS.get(get_origin(kind) or kind, "a text")
    limits = _limits(hint)
    told = [words.format(limits[name]) for name, words in _LIMITS.items() if name in limits]
    return " ".join((asked, " and ".join(told).replace(r"\Z", "$"))).strip()


def _limits(hint: Any) -> dict[str, Any]:
    """Return what is asked of a value beyond its type, by msgspec's names."""
    found: dict[str, Any] = {}
    for part in get_args(hint):
        found |= _limits(part)
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta):
            found |= {name: value for name in _LIMITS if (value := getattr(meta, name)) is not None}
    return found


def _own(kind: type, value: Any) -> Any:
    """Make what msgspec does not know itself, a path or a secret, of a text alone: any JSON may come here."""
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise TypeError("give a text")  # a secret of anything else would fail at its use
    return kind(value)


def _core(hint: Any) -> Any:
    """Return the type within ``Annotated[... | None, ...]``."""
    if get_origin(hint) is Annotated:
        return _core(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
        return _core(hint)
    return hint


def group_of(hint: Any) -> type[Group] | None:
    """Return the group that a field's type is, None where it is a value."""
    kind = _core(hint)
    return kind if isinstance(kind, type) and issubclass(kind, Group) else None
