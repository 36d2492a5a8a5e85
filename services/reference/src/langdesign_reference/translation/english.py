"""The little English grammar that putting words together takes: plurals, articles, degrees."""

import re

_IRREGULAR = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "mouse": "mice",
    "foot": "feet",
    "shelf": "shelves",
    "bookshelf": "bookshelves",
    "knife": "knives",
    "half": "halves",
    "leaf": "leaves",
    "fish": "fish",
    "cactus": "cacti",
}
_FEW = {"good": ("better", "best"), "bad": ("worse", "worst"), "far": ("further", "furthest")}
_CONSONANT = "bcdfghjklmnpqrstvwxz"


def plural(noun: str) -> str:
    """Return the plural of a noun or compound: "floor lamps", "chests of drawers"."""
    head, of, rest = noun.partition(" of ")
    before, space, last = head.rpartition(" ")
    return f"{before}{space}{_plural_word(last)}{of}{rest}"


def _plural_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if re.search(r"(s|x|z|ch|sh)$", word):
        return word + "es"
    if re.search(rf"[{_CONSONANT}]y$", word):
        return word[:-1] + "ies"
    return word + "s"


def indefinite(phrase: str) -> str:
    """Return the phrase behind "a" or "an"."""
    an = re.match(r"(?!uni|one|eu)[aeiou]|hour|LED|(?-i:IKEA)", phrase, re.IGNORECASE)
    return f"{'an' if an else 'a'} {phrase}"


def comparative(adjective: str) -> str:
    """Return the comparative: "brighter", "more elegant"."""
    if adjective in _FEW:
        return _FEW[adjective][0]
    stem = _short_stem(adjective)
    return f"{stem}er" if stem else f"more {adjective}"


def superlative(adjective: str) -> str:
    """Return the superlative: "brightest", "most elegant"."""
    if adjective in _FEW:
        return _FEW[adjective][1]
    stem = _short_stem(adjective)
    return f"{stem}est" if stem else f"most {adjective}"


def _short_stem(adjective: str) -> str:
    """Return what -er and -est are put to; empty where "more" is said."""
    if not adjective.islower() or not adjective.isalpha():
        return ""
    if re.search(rf"[{_CONSONANT}]y$", adjective) and len(re.findall("[aeiouy]+", adjective)) < 3:
        return adjective[:-1] + "i"
    if len(re.findall("[aeiou]+", re.sub("e$", "", adjective))) > 1:
        return ""
    if re.search(rf"^[{_CONSONANT}]*[aeiou][bdgmnpt]$", adjective):
        return adjective + adjective[-1]
    return adjective.removesuffix("e")
