"""The words of an English expression that name the thing: its head nouns.

In a noun phrase the head is the last word before whatever follows and narrows it down: a preposition ("the
lamp on the desk"), a relative clause ("the chair that is red", "the sofa you see"), or a participle with what
belongs to it ("the man wearing a hat", "a chair covered with cloth"). What stands before it (articles,
adjectives, possessives, other nouns) describes it. Exceptions, each a list in `heads.toml`: "one of the
chairs" is about chairs, "a pair of curtains" about curtains, "the chair left of the door" and "the lamp at
the top left" end in a direction. Several things joined by "and" have a head each.

A parser of English would know more, and none is small enough to sit in front of every mask; where this rule
errs, what is meant is answered by the network as before.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from importlib import resources

_WORDS = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(
        resources.files(__package__).joinpath("heads.toml").read_text("utf-8")
    ).items()
}
_PREPOSITIONS = _WORDS["prepositions"]
_RELATIVES = _WORDS["relatives"]
_DETERMINERS = _WORDS["determiners"]
_COUNTS = _WORDS["counts"]
_GROUPS = _WORDS["groups"]
_DIRECTIONS = _WORDS["directions"]
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[,;:.()]")
_PARTICIPLES = _WORDS["participles"]


_PRONOUNS = _WORDS["pronouns"]


def names_unknown(expression: str, unknown: Sequence[str]) -> bool:
    """Whether a word that names what an expression means is among the words that a network does not know.

    Args:
        expression: A noun phrase in English.
        unknown: The unknown words, as they are written there; a part of a hyphenated word is one.

    """
    strange = {word.lower() for word in unknown}
    heads = (head.lower() for head in head_nouns(expression))
    return any(head not in _PRONOUNS and {head, head.rpartition("-")[2]} & strange for head in heads)


def head_nouns(expression: str) -> tuple[str, ...]:
    """Return the words that name what an expression means, as they are written; none where it holds no word.

    Args:
        expression: A noun phrase in English, perhaps several joined by "and".

    """
    heads = (_head(phrase) for phrase in _phrases(_TOKEN.findall(expression.translate(_APOSTROPHES))))
    return tuple(dict.fromkeys(head for head in heads if head))


def _phrases(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Yield the phrases that are joined, at "and" or a comma before an article: colours stay together."""
    phrase: list[str] = []
    for place, token in enumerate(tokens):
        following = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
        joins = token.lower() in {"and", "or", "plus"} or not token[0].isalnum()
        if joins and following in _DETERMINERS:
            yield phrase
            phrase = []
        elif not joins or token[0].isalnum():
            phrase.append(token)
    yield phrase


def _head(phrase: Sequence[str]) -> str:
    """Return the head of one phrase; "" for an empty one."""
    words = _of_group(list(phrase))
    end = next((place for place in range(len(words)) if _ends(words, place)), len(words))
    named = words[:end]
    while len(named) > 1 and named[-1].lower() in _DIRECTIONS and not _describes(named[-2]):
        named.pop()
    return _bare(named[-1]) if named else ""


def _of_group(words: list[str]) -> list[str]:
    """Return a phrase without the count or the group in front of what it is about: "two of", "a pair of"."""
    lower = [word.lower() for word in words]
    while "of" in lower:
        place = lower.index("of")
        last = lower[place - 1] if place else ""
        counted = last in _COUNTS and place == 1
        grouped = last in _GROUPS and all(word in _DETERMINERS | _COUNTS for word in lower[: place - 1])
        if not (counted or grouped) or place + 1 == len(lower):
            break
        words, lower = words[place + 1 :], lower[place + 1 :]
    return words


def _ends(words: Sequence[str], place: int) -> bool:
    """Whether what names the thing is over before a word; no phrase begins with what narrows it down."""
    word = words[place].lower()
    before = [one.lower() for one in words[:place]]
    if not any(one not in _DETERMINERS for one in before):
        return False
    if word in _PREPOSITIONS or word in _RELATIVES or word in _DETERMINERS:
        return True
    following = words[place + 1].lower() if place + 1 < len(words) else ""
    return word in _PARTICIPLES and (following in _PREPOSITIONS or following in _DETERMINERS)


def _describes(word: str) -> bool:
    return word.lower() in _DETERMINERS | _DIRECTIONS


def _bare(word: str) -> str:
    """Return a word without its possessive ending: "the bed's" alone means the bed."""
    return re.sub(r"'s?$", "", word)
