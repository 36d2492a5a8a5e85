"""Words of an instruction with their places, and sets of phrases to look for among them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Brackets of markup and code end a phrase like a full stop does, and so does an empty line.
_TOKEN = re.compile(r"['\u2019][^\W_]+|[^\W_]+(?:-[^\W_]+)*|[,.;:!?{}\[\]<>|=]|\n\s*\n")
SENTENCE_END = frozenset(".;:!?{}[]<>|=\n")
PUNCTUATION = SENTENCE_END | {","}


@dataclass(frozen=True)
class Word:
    """A word or punctuation mark: `key` is lower case without diacritics; `start`, `end` are code points."""

    key: str
    start: int
    end: int


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics, so that "Șterge" and "sterge" are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("\u2019", "'")


def split_words(text: str) -> list[Word]:
    """Return the words and punctuation marks of `text`, in order; "lamp's" is "lamp" and "'s"."""
    return [Word(fold(m.group().strip()) or "\n", m.start(), m.end()) for m in _TOKEN.finditer(text)]


class PhraseSet:
    """Phrases of one or more words, matched longest first."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            keys = tuple(word.key for word in split_words(phrase))
            self._by_first.setdefault(keys[0], []).append(keys)
        for candidates in self._by_first.values():
            candidates.sort(key=len, reverse=True)

    def __contains__(self, key: str) -> bool:
        """Whether `key` alone is a phrase."""
        return (key,) in self._by_first.get(key, ())

    def single_words(self) -> list[str]:
        """Return the phrases of one word."""
        return [key for key in self._by_first if key in self]

    def length_at(self, words: Sequence[Word], index: int) -> int:
        """Return how many words the longest phrase that starts at `index` has; 0 when none does."""
        if index >= len(words):
            return 0
        for keys in self._by_first.get(words[index].key, ()):
            if tuple(w.key for w in words[index : index + len(keys)]) == keys:
                return len(keys)
        return 0

    def length_before(self, words: Sequence[Word], end: int) -> int:
        """Return how many words the longest phrase that ends before `end` has; 0 when none does."""
        return max(
            (n for n in range(1, min(end, 6) + 1) if self.length_at(words[:end], end - n) == n), default=0
        )

    def find(self, words: Sequence[Word], start: int = 0) -> tuple[int, int] | None:
        """Return (index, length) of the first phrase at or after `start`, None when there is none."""
        for index in range(start, len(words)):
            if length := self.length_at(words, index):
                return index, length
        return None
