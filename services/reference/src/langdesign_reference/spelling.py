"""Slips of the keyboard: a word within one edit (Damerau) of a known one is read as that.

What an English word is a slip of is judged by how often either occurs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.near_words import Near, NearWords
from langdesign_reference.occurrences import Occurrences, english
from langdesign_reference.plan import Correction
from langdesign_reference.translation import is_noun, is_value, nouns
from langdesign_reference.words import PhraseSet, Word

_SHORTEST = 4
"""Letters of the shortest word that is corrected by more than a swap: shorter ones are near too many."""
_COMMON = 1_000_000
"""Occurrences from which an English word is no slip, of 10^12: "parquet" has 300,000, "bold" 18 million."""
_FAR_COMMONER = 1000
"""Ratio from which a word is the slip of another, although it is one itself: "fro" of "for"."""
_NONE = PhraseSet(())
_ENDINGS = ("s", "es", "ed", "ing", "ly")


def corrected(words: Sequence[Word], lexicon: Lexicon) -> tuple[list[Word], tuple[Correction, ...]]:
    """Return the words with slips read as known words, and those slips."""
    speller = _speller(lexicon.language, lexicon.vocabulary, lexicon.verb_words)
    read, corrections = list[Word](), list[Correction]()
    cased = lexicon.language == "de" and any(word.text[:1].isupper() for word in words[1:])
    for index, word in enumerate(words):
        inner = index > 0 and words[index - 1].key not in ".!?:\n"
        name = inner and word.text[:1].isupper() and lexicon.language != "de"
        better = None
        if not name:
            named = lexicon.words.determiners.length_before(words, index) > 0
            preferred = lexicon.nouns if named else _NONE  # "the sofe" is a sofa, not some
            better = speller.read(word.key, preferred, nouns=not cased or word.text[:1].isupper())
        if not inner and lexicon.starts_phrase(words, index + 1):
            better = speller.read_verb(word.key) or better
        if better is None:
            read.append(word)
        else:
            written = better.capitalize() if word.text[:1].isupper() else better
            read.append(replace(word, key=better, text=written))
            corrections.append(Correction(word.start, word.end, word.text, better))
    return read, tuple(corrections)


class _Speller:
    def __init__(self, language: str, vocabulary: Iterable[str], verbs: Iterable[str]) -> None:
        self._language = language
        self._known = frozenset(vocabulary)
        self._occurrences = english() if language == "en" else Occurrences(b"")
        words = (word for word in self._known | nouns(language) if len(word) >= 3 and word.isalpha())
        self._words = NearWords({word: self._occurrences.get(word, 1) for word in words})
        self._verbs = NearWords({word: self._occurrences.get(word, 1) for word in verbs})

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
        likely = [one for one in found if self._may_be(key, own, one.term, one.count, nouns)]
        best = max(likely, key=lambda one: (one.term in preferred, _likelihood(key, one)), default=None)
        return best.term if best else None

    def read_verb(self, key: str) -> str | None:
        """Return the verb that the first word is a slip of, a word of its own or not: "pant the wall"."""
        if not key.isalpha() or len(key) < 2 or key in self._known:
            return None
        found = self._verbs.near(key)
        likely = [one for one in found if one.term[0] == key[0] and len(one.term) > 2]
        return (
            max(likely, key=lambda one: (len(one.term) > len(key), _likelihood(key, one))).term
            if likely
            else None
        )

    def _may_be(self, key: str, own: int, term: str, count: int, nouns: bool) -> bool:
        if own >= _COMMON and not (_swapped(key, term) and count > own * _FAR_COMMONER):
            return False
        if term not in self._known and (not nouns or len(key) <= _SHORTEST or term[0] != key[0]):
            return False
        # Three letters have neighbours everywhere: only what is no word at all, with its first letter right.
        return len(key) >= _SHORTEST or _swapped(key, term) or (own == 0 and term[0] == key[0] < term)

    def _is_word(self, key: str) -> bool:
        if key in self._known or is_noun(key, self._language) or is_value(key, self._language):
            return True
        return any(
            key.endswith(end) and key.removesuffix(end) in self._known for end in _ENDINGS if len(key) > 4
        )


def _likelihood(key: str, found: Near) -> tuple[bool, bool, bool, int]:
    """Order slips: neighbours that changed places, letters doubled, then the first right, then left out."""
    term = found.term
    return _swapped(key, term) or _doubled(key, term), term[0] == key[0], len(term) >= len(key), found.count


def _doubled(key: str, term: str) -> bool:
    """Whether a letter was struck twice: "bedd"."""
    twice = (i for i in range(1, len(key)) if key[i] == key[i - 1])
    return any(key[:i] + key[i + 1 :] == term for i in twice)


def _swapped(one: str, other: str) -> bool:
    """Whether two neighbouring letters changed places."""
    return len(one) == len(other) and sorted(one) == sorted(other)


@lru_cache
def _speller(language: str, vocabulary: frozenset[str], verbs: frozenset[str]) -> _Speller:
    return _Speller(language, vocabulary, verbs)
