"""German words: their inflections, diminutives, spellings without umlauts, and compounds."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from langdesign_reference.translation.english import comparative, superlative
from langdesign_reference.translation.vocabulary import NOMINAL, Entry, Part, Vocabulary
from langdesign_reference.words import fold

# (ending, whether it marks a plural); "s" is told by the noun.
_NOUN_ENDINGS = (
    ("nen", True),
    ("ern", True),
    ("en", True),
    ("er", True),
    ("n", True),
    ("e", True),
    ("es", False),
    ("s", None),
)
_ADJECTIVE_ENDINGS = ("e", "en", "em", "er", "es", "ne", "nen", "nes", "ner")
_LINKS = ("", "s", "n", "en", "er", "es", "e", "ens", "-")
_SPELLINGS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_LONGEST_SHADED = 9
"""Letters of the longest colour that shades are put before."""
_SHORTEST = 3  # letters of the shortest part of a compound that is looked for


class GermanWords:
    """Looks German words up, whatever their form.

    Args:
        vocabulary: The words.

    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._heads: dict[str, Entry] = {}
        self._feminine = vocabulary.lists["feminine"]
        self._parts = vocabulary.functions["compound_parts"]
        self._head_english = vocabulary.functions["compound_heads"]
        self._others = vocabulary.others
        self._english = vocabulary.english()
        for forms, entry in vocabulary.lemmas:
            self._entries.setdefault(fold(forms[0]), []).append(entry)
            for form in forms[1:]:
                self._entries.setdefault(fold(form), []).append(replace(entry, plural=True))
        self.entries = lru_cache(maxsize=4096)(self._find)

    def forms(self) -> Iterator[tuple[str, Entry]]:
        """Yield the words without endings, colours with their shades too: "dunkelgrün"."""
        for key, entries in self._entries.items():
            yield from ((key, entry) for entry in entries)
        shades = [key for key, entries in self._entries.items() if entries[-1].part is Part.SHADE]
        colours = [
            (key, one) for key, found in self._entries.items() for one in found if one.part is Part.COLOUR
        ]
        yield from (
            (shade + key, one) for shade in shades for key, one in colours if len(key) < _LONGEST_SHADED
        )

    def _find(self, key: str) -> tuple[Entry, ...]:
        """Return what a folded word may mean, the likeliest first; nothing where it is unknown."""
        found = self._plain(key)
        if not found:
            found = next((f for other in _respelt(key) if (f := self._plain(other))), ())
        found = found or self._diminutive(key) or self._compound(key)
        if not found and key in self._english and len(key) > _SHORTEST:  # "leg" is no English leg
            found = (self._english[key],)
        return found

    def _plain(self, key: str) -> tuple[Entry, ...]:
        return tuple(dict.fromkeys((*self._nouns(key), *self._modifiers(key))))

    def _nouns(self, key: str) -> Iterator[Entry]:
        for entry in self._entries.get(key, ()):
            if entry.part is Part.NOUN and not entry.plural:
                yield replace(entry, plural=self._own_number(key))
            elif entry.part in NOMINAL:
                yield entry
        for ending, number in _NOUN_ENDINGS:
            if key.endswith(ending):
                lemma = key.removesuffix(ending)
                for entry in self._entries.get(lemma, ()):
                    if entry.part in NOMINAL and not entry.plural:
                        yield (
                            replace(entry, plural=_s_is_plural(lemma) if number is None else number)
                            if entry.part is Part.NOUN
                            else entry
                        )

    def _own_number(self, key: str) -> bool | None:
        """Whether a noun is a plural by itself: "Sessel" may be one or several, and "Tafel" may not."""
        same = re.search("(el|er|en|chen|lein)$", key)
        return None if same and not self._feminine.get(key) else False

    def _modifiers(self, key: str) -> Iterator[Entry]:
        yield from (entry for entry in self._entries.get(key, ()) if entry.part not in NOMINAL)
        for stem in _stems(key):
            yield from (entry for entry in self._entries.get(stem, ()) if entry.part not in NOMINAL)
        for stem, degree in _degrees(key):
            for entry in self._entries.get(stem, ()):
                if entry.part in {Part.ADJECTIVE, Part.SIZE, Part.STYLE, Part.COLOUR}:
                    part = Part.STATE if degree is comparative else Part.ADJECTIVE
                    yield Entry(degree(entry.english), part)

    def _diminutive(self, key: str) -> tuple[Entry, ...]:
        stem = re.sub("(chen|lein|chens|leins|erl)$", "", key)
        if stem == key:
            return ()
        nouns = [e for lemma in (stem, stem + "e", stem + "en") for e in self._nouns(lemma)]
        return tuple(replace(e.called(lambda name: f"small {name}"), plural=None) for e in nouns[:1])

    def _compound(self, key: str) -> tuple[Entry, ...]:
        """Split into the fewest known parts, with the longest first part: "Schlafzimmer-wand"."""
        best: tuple[int, int, Entry] | None = None
        for cut in range(len(key) - _SHORTEST, 1, -1):
            head = self._head(key[cut:].removeprefix("-"))
            if head is None:
                continue
            first = self._first(key[:cut])
            if first is None:
                continue
            cost = (first[1], -cut)
            if best is None or cost < best[:2]:
                best = (*cost, _joined(first[0], head))
        return (best[2],) if best else ()

    def _head(self, key: str) -> Entry | None:
        if len(key) < _SHORTEST:
            return None
        for lemma, number in ((key, self._own_number(key)), *_noun_lemmas(key)):
            if english := self._head_english.get(lemma):
                part = Part.PATTERN if english == "coloured" else Part.NOUN
                return Entry(english, part, plural=number, others=self._others.get(f"-{lemma}", ()))
        return next(iter(self._plain(key)), None)

    def _first(self, key: str) -> tuple[str, int] | None:
        """Return the first part of a compound before a noun, and of how many parts it is."""
        stems = [key.removesuffix(link) for link in _LINKS if key.endswith(link)]
        for stem in stems:
            if english := self._parts.get(stem):
                return english, 1
        for lemma in (stem + ending for stem in stems if len(stem) >= _SHORTEST for ending in ("", "e")):
            if known := self._entries.get(lemma):
                return known[0].modifier, 1
        for stem in stems:
            if len(stem) > 2 * _SHORTEST and (compound := self._compound(stem)):
                return compound[0].english, 2
        return None


def _joined(first: str, head: Entry) -> Entry:
    named = replace(head, english=head.modifier, attributive="")
    return named.called(lambda name: f"{first} {name}")


def _s_is_plural(lemma: str) -> bool:
    """Whether "-s" marks the plural ("Sofas") and not the genitive ("Stuhls")."""
    return lemma[-1] in "aiouy" or lemma.endswith(("d", "ck", "f", "b", "ee"))


def _noun_lemmas(key: str) -> Iterator[tuple[str, bool | None]]:
    for ending, number in _NOUN_ENDINGS:
        if key.endswith(ending):
            yield key.removesuffix(ending), bool(number)


def _stems(key: str) -> Iterator[str]:
    for ending in _ADJECTIVE_ENDINGS:
        if key.endswith(ending):
            stem = key.removesuffix(ending)
            yield stem
            yield stem + "e"  # "rosé", "beige"
            if re.search("[^aeiou][lr]$", stem):  # "dunkle", "saubre"
                yield f"{stem[:-1]}e{stem[-1]}"
    if key.endswith("r") and re.search("u[er]r", key):
        yield key


def _degrees(key: str) -> Iterator[tuple[str, Callable[[str], str]]]:
    match = re.fullmatch("(.{2,}?)er(e|en|em|er|es)?", key)
    if match:
        yield match[1], comparative
    match = re.fullmatch("(.{2,}?)e?st(e|en|em|er|es)", key)
    if match:
        yield match[1], superlative


def _respelt(key: str) -> Iterator[str]:
    """Spell "ae", "oe", "ue" as the letters that umlauts are folded to: "stuehle" is "stuhle"."""
    text = key
    for written, folded in _SPELLINGS:
        text = text.replace(written, folded)
    if text != key:
        yield text
