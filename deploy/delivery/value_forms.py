"""Forms of single values that Kubernetes' schemas leave open: names, labels, quantities, counts, schedules.

A check returns None for a value that an API server takes, else what to write instead.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Check = Callable[[Any], str | None]
_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_DOTTED = rf"{_LABEL}(\.{_LABEL})*"
_WORD = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(rf"(?:(?=[^/]{{1,253}}/){_DOTTED}/)?{_WORD}")
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(\d+(\.\d*)?|\.\d+))([eE](?P<exponent>[+-]?\d+)|(?P<suffix>[numkMGTPE]|[KMGTPE]i))?"
)
_SCALES = {
    **{suffix: Decimal(10) ** power for suffix, power in {"n": -9, "u": -6, "m": -3, "k": 3}.items()},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("MGTPE", 2)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}
_MACRO = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly|every (\d+(\.\d+)?[hms])+)")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: at for at, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: at for at, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),  # no 7: what runs CronJobs knows Sunday as 0 only
)
_PART = re.compile(r"([*?]|(?P<first>\w+)(-(?P<last>\w+))?)(/(?P<step>\d+))?")


def one_of(*allowed: str) -> Check:
    """Return a check that takes these values only."""
    return lambda value: None if value in allowed else f"write {' or '.join(map(repr, allowed))}"


def written_as(pattern: str, hint: str) -> Check:
    """Return a check that takes text of a form; numbers (of what may be either) pass."""
    form = re.compile(pattern)
    return lambda value: None if not isinstance(value, str) or form.fullmatch(value) else f"write {hint}"


def whole(least: int, most: int | None = None) -> Check:
    """Return a check that takes numbers from `least` to `most`; text (of what may be either) passes."""
    bounds = f"{least} or more" if most is None else f"a number from {least} to {most}"

    def check(value: Any) -> str | None:
        fits = not isinstance(value, int | float) or (least <= value and (most is None or value <= most))
        return None if fits else f"write {bounds}"

    return check


def each(check: Check, keys: Check | None = None) -> Check:
    """Return a check of all values, and keys, of a map; it tells the first that is wrong."""

    def of_map(value: Any) -> str | None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            hint = (keys(key) if keys else None) or (None if inner is None else check(inner))
            if hint:
                return f"{key}: {inner}: {hint}"
        return None

    return of_map


label = written_as(_LABEL, "at most 63 of a-z, 0-9 and '-', a letter or digit at both ends")
subdomain = written_as(
    rf"(?=.{{1,253}}$){_DOTTED}", "at most 253 of a-z, 0-9, '-' and '.', a letter or digit at both ends"
)
# The name of a service as the IANA registers them.
port_name = written_as(
    r"(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?",
    "at most 15 of a-z, 0-9 and single '-', of them a letter, a letter or digit at both ends",
)
label_key = written_as(
    _KEY.pattern, "a key of at most 63 of A-Z, a-z, 0-9, '-', '_' and '.', after a domain and '/' or nothing"
)
label_value = written_as(
    rf"({_WORD})?", "at most 63 of A-Z, a-z, 0-9, '-', '_' and '.', a letter or digit at both ends"
)
data_key = written_as(r"(?!\.$|\.\.)[-._A-Za-z0-9]{1,253}", "a key of A-Z, a-z, 0-9, '-', '_' and '.'")
variable = written_as(r"[ -<>-~]+", "a name of printable ASCII without '='")
percentage = written_as(r"\d+%", "a count, or a percentage like 25%")


def amount(value: Any) -> Decimal | None:
    """Return a quantity as a number in its base unit (cores, bytes), or None if it is none."""
    found = _QUANTITY.fullmatch(str(value))
    if not found:
        return None
    number = Decimal(found["number"])
    return (
        number.scaleb(int(found["exponent"]))
        if found["exponent"]
        else number * _SCALES.get(found["suffix"], 1)
    )


def quantity(value: Any) -> str | None:
    """Check a quantity of what a pod or volume may have."""
    found = amount(value)
    if found is None:
        return "write a quantity like 500m, 2 or 1.5Gi"
    return "write a quantity of 0 or more" if found < 0 else None


def schedule(value: str) -> str | None:
    """Check a schedule of cron, in the dialect of CronJobs."""
    fields = value.split()
    if _MACRO.fullmatch(value):
        return None
    if len(fields) != len(_FIELDS):
        return "write five fields (minute, hour, day of the month, month, day of the week) or one like @daily"
    for field, (name, least, most, names) in zip(fields, _FIELDS, strict=True):
        if not all(_is_part(part, least, most, names) for part in field.split(",")):
            return f"write the {name} as * or with {least} to {most}: one, a range, a list, or with a /step"
    return None


def _is_part(part: str, least: int, most: int, names: dict[str, int]) -> bool:
    found = _PART.fullmatch(part)
    if not found or (found["step"] and int(found["step"]) == 0):
        return False
    if not found["first"]:
        return True
    ends = [
        names.get(end.lower(), int(end) if end.isdecimal() else -1)
        for end in (found["first"], found["last"] or found["first"])
    ]
    return least <= ends[0] <= ends[1] <= most
