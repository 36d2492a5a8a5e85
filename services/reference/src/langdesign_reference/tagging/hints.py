"""What the parser makes of each word, as features of the tagger: it learns when the rules are to be believed.

Such stacking (Wolpert, 1992) asks that the parser was not mended by the sentences from which that is learned.
"""

from bisect import bisect_right
from collections.abc import Iterator

from langdesign_reference.asked import Asked
from langdesign_reference.certainty import NAMES, confidence
from langdesign_reference.parser import Understood
from langdesign_reference.plan import Role
from langdesign_reference.words import Word, Words

START = "r="
"""How the name of a hint starts."""
UNPARSED = f"{START}unparsed"
_ROLES = {Role.TARGET: "T", Role.ANCHOR: "A", Role.KEEP: "K"}
_SURE = (0.5, 0.65, 0.75, 0.85)
"""Where steps of the parser's confidence end."""
_MANY = 4
"""Edits from which it is no matter how many."""
_Place = tuple[int, int]


def hints_of(words: Words, parsed: Understood | None) -> list[list[str]]:
    """Return for each word what the parser takes it for, and what it makes of the whole instruction.

    Args:
        words: Of the instruction, rightly spelt.
        parsed: What the rules make of them; None where no rule fits.

    """
    if parsed is None:
        return [[UNPARSED] for _ in words]
    found: dict[_Place, list[str]] = {_place(word): [] for word in words}
    edits: dict[_Place, int] = {}
    for number, asked in enumerate(parsed.asked):
        for word, name in _told(asked):
            if (place := _place(word)) in found:
                found[place].append(f"{START}{name}:{asked.operation}")
                edits.setdefault(place, number)
        _imply(asked, number, found, edits)
    whole, before = list(_of_all(parsed)), 0
    hints = list[list[str]]()
    for place in map(_place, words):
        own, edit = found[place], edits.get(place, before)
        hints.append([*(own or [f"{START}O"]), *([f"{START}next"] if edit != before else []), *whole])
        before = edit
    return hints


def _told(asked: Asked) -> Iterator[tuple[Word, str]]:
    """Yield the words of an edit, and what each is."""
    for argument in asked.arguments:
        role = _ROLES[argument.role]
        yield from ((word, f"{'I' if at else 'B'}-{role}") for at, word in enumerate(argument.words))
    for value in (asked.value, *asked.more):
        yield from ((word, f"{'I' if at else 'B'}-V") for at, word in enumerate(value))
    yield from ((word, "verb") for word in (*asked.verb, *asked.link))
    yield from ((word, "whole") for word in asked.whole)


def _imply(asked: Asked, number: int, found: dict[_Place, list[str]], edits: dict[_Place, int]) -> None:
    """Note at an edit's own words which of its references were named for another edit before."""
    roles = {
        _ROLES[one.role] for one in asked.arguments if any(edits.get(_place(w)) != number for w in one.words)
    } - {"K"}
    for word in (*asked.verb, *asked.value):
        if roles and _place(word) in found:
            found[_place(word)].append(f"{START}implied-{'+'.join(sorted(roles))}")


def _of_all(parsed: Understood) -> Iterator[str]:
    yield f"{START}edits-{min(len(parsed.asked), _MANY)}"
    yield f"{START}sure-{bisect_right(_SURE, confidence(parsed.evidence))}"
    yield from (f"{START}{name}" for name in NAMES if getattr(parsed.evidence, name))


def _place(word: Word) -> _Place:
    return word.start, word.end


def no_hints(words: Words) -> list[list[str]]:
    """Return no hint for each word: of sentences by which the parser was mended they would flatter it."""
    return [[] for _ in words]
