"""Romanian words: definite and genitive forms of nouns, agreement of adjectives."""

import re
from collections.abc import Iterator
from dataclasses import replace

from langdesign_reference.translation.vocabulary import NOMINAL, Entry, Part, Table, Vocabulary
from langdesign_reference.words import split_words

_INFLECTED = frozenset(
    {Part.ADJECTIVE, Part.SIZE, Part.COLOUR, Part.SHADE, Part.STYLE, Part.PATTERN, Part.POSITION}
)
_COLLECTIVE = frozenset({Part.MASS, Part.MATERIAL, Part.PLURAL})


class RomanianWords:
    """Looks Romanian words and phrases up, in all their forms.

    Args:
        vocabulary: The words.

    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        forms: dict[str, list[Entry]] = {}
        for lemma, entry in vocabulary.lemmas:
            for form, one in _forms(lemma, entry, vocabulary.lists["masculine"]):
                known = forms.setdefault(form, [])
                if one not in known:
                    known.append(one)
        for key, entry in vocabulary.english().items():
            forms.setdefault(key, [entry])
        self.phrases = Table((form, tuple(entries)) for form, entries in forms.items())

    def forms(self) -> Iterator[tuple[str, Entry]]:
        """Yield the words and phrases in all their forms, folded."""
        for form, entries in self.phrases.items():
            yield from ((form, entry) for entry in entries)
            if entries[0].part is Part.MATERIAL and " " not in form:
                yield from ((f"{form} {shade}", entries[0]) for shade in ("inchis", "deschis"))

    def entries(self, key: str) -> tuple[Entry, ...]:
        """Return what a folded word may mean, the likeliest first; nothing where it is unknown."""
        return self.phrases.get(key) or ()


def _forms(lemma: tuple[str, ...], entry: Entry, masculine: Table[bool]) -> Iterator[tuple[str, Entry]]:
    first, *others = (" ".join(word.key for word in split_words(form)) for form in lemma)
    if entry.part in NOMINAL or entry.part is Part.MATERIAL:
        yield from _noun_forms(first, others[0] if others else "", entry, masculine)
        for other in others[1:]:
            yield other, replace(entry, plural=True)
    elif entry.part in _INFLECTED and not others and " " not in first:
        yield from ((form, entry) for form in _adjective_forms(first))
    else:
        yield from ((form, entry) for form in (first, *others))


def _noun_forms(one: str, many: str, entry: Entry, masculine: Table[bool]) -> Iterator[tuple[str, Entry]]:
    """Inflect the first word of a noun phrase: "scaun de birou" has "scaunul de birou"."""
    singular, space, rest = one.partition(" ")
    several, _, _ = many.partition(" ")
    tail = space + rest
    feminine = bool(re.search("(a|ie|e)$", singular)) and not masculine.get(singular)
    counted = entry if entry.part in _COLLECTIVE else replace(entry, plural=True)
    yield singular + tail, replace(entry, definite=False)
    yield from (
        (form + tail, replace(entry, definite=True)) for form in _definite(singular, feminine=feminine)
    )
    yield from (
        (form + tail, replace(entry, genitive=True, definite=True))
        for form in _genitive(singular, several, feminine=feminine)
    )
    if several:
        yield several + tail, replace(counted, definite=False)
        yield several + "le" + tail, replace(counted, definite=True)
        yield several + "lor" + tail, replace(counted, genitive=True, definite=True)
        if not feminine:
            yield several + "i" + tail, replace(counted, definite=True)


def _definite(singular: str, *, feminine: bool) -> Iterator[str]:
    if singular.endswith("ie") and feminine:
        yield singular[:-1] + "a"
    elif singular.endswith("ea"):
        yield singular + "ua"
    elif singular.endswith("e"):
        yield singular + ("a" if feminine else "le")
    elif singular.endswith("a"):  # "masă" and "masa" are one when folded
        yield singular + "ua"
    elif singular.endswith("u"):
        yield singular + "l"
    else:
        yield singular + "ul"
        yield singular + "u"  # "scaunu'", as it is said


def _genitive(singular: str, several: str, *, feminine: bool) -> Iterator[str]:
    if not feminine:
        yield singular + ("lui" if singular[-1] in "eu" else "ului")
    elif singular.endswith("ie"):
        yield singular + "i"
    elif several:
        yield several + "i"
    else:
        yield singular[:-1] + "ei"
        yield singular[:-1] + "ii"


def _adjective_forms(word: str) -> Iterator[str]:
    """Agree by rule: "luminos" has "luminoasă", "portocaliu" "portocalie", "rotund" "rotunzi"."""
    yield word
    if word.endswith("iu"):
        yield from (word[:-1] + "e", word[:-1] + "i")
    elif word.endswith("u"):
        yield from (word[:-1] + ending for ending in "aie")
    elif word.endswith("e"):
        yield word[:-1] + "i"
    elif word.endswith("os"):
        yield from (word[:-2] + ending for ending in ("oasa", "osi", "oase"))
    elif word.endswith("esc"):
        yield from (word[:-3] + ending for ending in ("easca", "esti"))
    elif word[-1] not in "aio":
        yield from (word + ending for ending in "aie")
        if word.endswith("d"):
            yield word[:-1] + "zi"
