"""Slips of the keyboard: a word within one edit (Damerau) of a known one is read as that.

What an English word is a slip of is judged by how often either occurs.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from langdesign_reference.lexicon import Lexicon, load_lexicon
from langdesign_reference.near_words import Near, NearWords
from langdesign_reference.occurrences import Occurrences, english
from langdesign_reference.plan import Correction
from langdesign_reference.translation import is_noun, is_value, nouns
from langdesign_reference.words import PUNCTUATION, PhraseSet, Word

_SHORTEST = 4
"""Letters of the shortest word that is corrected by more than a swap: shorter ones are near too many."""
_COMMON = 1_000_000
"""Occurrences from which an English word is no slip, of 10^12: "parquet" has 300,000, "bold" 18 million."""
_FAR_COMMONER = 1000
"""Ratio from which a word is the slip of another, although it is one itself: "fro" of "for"."""
_FAR_COMMONER_THING = 8
"""As `_FAR_COMMONER`, of a thing after an article: "the dor" of "the door"."""
_ANAGRAM = 5
"""Letters of the shortest word whose letters may stand in any order: "withe" of "white"."""
_NONE = PhraseSet(())
_ENDINGS = ("s", "es", "ed", "ly")
_GERUND = "ing"
"""An ending of verbs alone: "celling" is none of a cell."""


def corrected(words: Sequence[Word], lexicon: Lexicon) -> tuple[list[Word], tuple[Correction, ...]]:
    """Return the words with slips read as known words, and those slips."""
    speller = _speller(lexicon.language)
    read, corrections = list[Word](), list[Correction]()
    cased = lexicon.language == "de" and any(word.text[:1].isupper() for word in words[1:])
    for index, word in enumerate(words):
        inner = index > 0 and words[index - 1].key not in ".!?:\n"
        name = inner and word.text[:1].isupper() and lexicon.language != "de"
        better = None
        if not name:
            named = lexicon.words.determiners.length_before(read, index) > 0
            preferred = lexicon.nouns if named else _NONE  # "the sofe" is a sofa, not some
            if not named and _ends(words, index, lexicon):
                preferred = lexicon.attributes.colours  # "make it wite" is no preposition
            elif _starts(words, index, lexicon):
                preferred = lexicon.words.openers  # "coud you" is no cloud
            better = speller.read(word.key, preferred, nouns=not cased or word.text[:1].isupper())
        if _starts(words, index, lexicon) and lexicon.starts_phrase(words, index + 1):
            better = speller.read_verb(word.key) or better
        if better is None:
            read.append(word)
        else:
            written = better.capitalize() if word.text[:1].isupper() else better
            read.append(replace(word, key=better, text=written))
            corrections.append(Correction(word.start, word.end, word.text, better))
    return read, tuple(corrections)


def _ends(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a word ends a clause or phrase, as no preposition does."""
    after = index + 1
    return (
        after == len(words)
        or words[after].key in PUNCTUATION
        or words[after].key in lexicon.words.conjunctions
    )


def _starts(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a word starts a clause, as a verb does."""
    before = words[index - 1].key if index else "."
    return before in PUNCTUATION or before in lexicon.words.conjunctions


class _Speller:
    def __init__(self, lexicon: Lexicon) -> None:
        language = self._language = lexicon.language
        self._known = lexicon.vocabulary
        self._usual = lexicon.usual_words()
        # By first letter and length, which an anagram shares: by all letters they take three megabytes more.
        self._anagrams: dict[tuple[str, int], list[str]] = {}
        for word in self._known:
            if len(word) >= _ANAGRAM and word.isalpha():
                self._anagrams.setdefault((word[0], len(word)), []).append(word)
        self._occurrences = english() if language == "en" else Occurrences(b"")
        words = (word for word in self._known | nouns(language) if len(word) >= 3 and word.isalpha())
        self._words = NearWords({word: self._occurrences.get(word, 1) for word in words})
        self._verb_words = lexicon.verb_words
        self._verbs = NearWords({word: self._occurrences.get(word, 1) for word in self._verb_words})

    def read(self, key: str, preferred: PhraseSet = _NONE, *, nouns: bool = True) -> str | None:
        """Return the word that `key` is a slip of; None where it is a word, or nobody can tell.

        Args:
            key: The word, folded.
            preferred: Words that are likelier where it stands.
            nouns: Whether it may be a slip of one of the many nouns that are only translated.

        """
        if not key.isalpha() or len(key) < 3 or self._is_word(key):
            return None
        own = self._occurrences.get(key)
        found = self._words.near(key)
        found += [Near(one, self._occurrences.get(one, 1)) for one in self._mixed_up(key)]
        likely = [one for one in found if self._may_be(key, own, one, preferred, nouns)]
        best = max(likely, key=lambda one: (one.term in preferred, self._likelihood(key, one)), default=None)
        return best.term if best else None

    def read_verb(self, key: str) -> str | None:
        """Return the verb that the first word is a slip of, a word of its own or not: "pant the wall"."""
        if not key.isalpha() or len(key) < 2 or key in self._known:
            return None
        found = self._verbs.near(key)
        likely = [one for one in found if one.term[0] == key[0] and len(one.term) > 2]
        return (
            max(likely, key=lambda one: (len(one.term) > len(key), self._likelihood(key, one))).term
            if likely
            else None
        )

    def _mixed_up(self, key: str) -> list[str]:
        letters = sorted(key)
        return [one for one in self._anagrams.get((key[0], len(key)), ()) if sorted(one) == letters]

    def _may_be(self, key: str, own: int, found: Near, preferred: PhraseSet, nouns: bool) -> bool:
        term, swapped = found.term, _swapped(key, found.term)
        thing = term in preferred and (swapped or len(term) > len(key))
        ratio = _FAR_COMMONER_THING if thing else _FAR_COMMONER
        if own >= _COMMON and not ((swapped or thing) and found.count > own * ratio):
            return False
        if term not in self._known and (not nouns or len(key) <= _SHORTEST or term[0] != key[0]):
            return False
        if len(key) == 3 and own * _FAR_COMMONER < found.count and term[0] == key[0] and len(term) > 3:
            return True  # "no moe clutter"
        # Three letters have neighbours everywhere: only what is no word at all, with its first letter right.
        return len(key) >= _SHORTEST or _swapped(key, term) or (own == 0 and term[0] == key[0] < term)

    def _likelihood(self, key: str, found: Near) -> tuple[bool, bool, bool, bool, bool, int, int]:
        """Order slips: neighbours that changed places, letters doubled, then the first right, then left out.

        Words that rooms are spoken of with ("paint", "sofa") are likelier than others ("plant" as a verb,
        "safe"), however common those are elsewhere.
        """
        term = found.term
        slipped = _swapped(key, term) or _doubled(key, term)
        left_out = len(term) > len(key)
        usual = self._usual.get(term, 0)
        mixed = len(term) == len(key) and sorted(term) == sorted(key)
        return slipped, term[0] == key[0], left_out, mixed, len(term) >= len(key), usual, found.count

    def _is_word(self, key: str) -> bool:
        if key in self._known or is_noun(key, self._language) or is_value(key, self._language):
            return True
        if len(key) <= 4:
            return False
        stems = {key.removesuffix(end) for end in _ENDINGS if key.endswith(end)}
        acts = key.endswith(_GERUND) and key.removesuffix(_GERUND) in self._verb_words
        return acts or not stems.isdisjoint(self._known)


def _doubled(key: str, term: str) -> bool:
    """Whether a letter was struck twice: "bedd"."""
    twice = (i for i in range(1, len(key)) if key[i] == key[i - 1])
    return any(key[:i] + key[i + 1 :] == term for i in twice)


def _swapped(one: str, other: str) -> bool:
    """Whether two neighbouring letters changed places."""
    if len(one) != len(other):
        return False
    differing = [i for i in range(len(one)) if one[i] != other[i]]
    return len(differing) == 2 and differing[1] - differing[0] == 1 and sorted(one) == sorted(other)


@cache
def _speller(language: str) -> _Speller:
    return _Speller(load_lexicon(language))
