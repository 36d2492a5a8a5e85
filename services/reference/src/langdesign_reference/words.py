"""Words of an instruction with their places, and sets of phrases to look for among them."""

import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

_ARROWS = r"[-=~]*>|\u2192|\u21d2|\u27a1|="
_COLOUR_CODE = (
    r"#[0-9a-fA-F]{3,8}\b|\b[Rr][Aa][Ll] ?\d{4}\b|\b(?:[Rr][Gg][Bb]|[Hh][Ss][Ll])[Aa]?\s?\([\d\s.,%/]+\)"
)
_COLOUR = re.compile(_COLOUR_CODE)
_TOKEN = re.compile(
    r"(?<!\S)\d{1,2}[.)](?=\s)"  # the number of a list
    rf"|{_COLOUR_CODE}"
    r"|\b[A-Z]\w+ & [A-Z]\w+"  # a maker's name
    r"|['\u2019][^\W_]+|[^\W_]+(?:-[^\W_]+)*"
    rf"|\n\s*|{_ARROWS}|[-\u2013\u2014]+|[,.;:!?(){{}}\[\]<>|+/&]"
)
# Brackets of markup and code end a phrase like a full stop does.
SENTENCE_END = frozenset(".;!?{}[]<>|\n")
ARROW, DASH = "->", "-"
COLOUR_CODE = "#abc"
"""The key of every colour that is told by a number, of the web or of paints."""
PUNCTUATION = SENTENCE_END | {",", ":", "(", ")", "+", "/", ARROW, DASH}


@dataclass(frozen=True)
class Word:
    """A word or punctuation mark.

    Attributes:
        key: The word in lower case without diacritics, a slip corrected.
        start: First character, in code points.
        end: One past the last.
        text: The word as written, a slip corrected.

    """

    key: str
    start: int
    end: int
    text: str = ""


Words = Sequence[Word]


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics, so that "Șterge" and "sterge" are one word."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("\u2019", "'")


def split_words(text: str, clitics: Collection[str] = (), hosts: Collection[str] = ()) -> list[Word]:
    """Return the words and punctuation marks of `text`, in order.

    "lamp's" is "lamp" and "'s"; with the clitic "o" and the host "pune", "pune-o" is "pune" and "o". A line
    break ends a sentence only where a line is empty or begins like a list.
    """
    found = list[Word]()
    for match in _TOKEN.finditer(text):
        written, start, end = match.group(), match.start(), match.end()
        key = COLOUR_CODE if _COLOUR.fullmatch(written) else _key(written, text, end)
        if not key:
            continue
        head, hyphen, tail = key.rpartition("-")
        if hyphen and head in hosts and tail in clitics:
            cut = end - len(tail)
            found += [
                Word(head, start, cut - 1, written[: cut - 1 - start]),
                Word(tail, cut, end, text[cut:end]),
            ]
        else:
            found.append(Word(key, start, end, written))
    return found


def _key(written: str, text: str, end: int) -> str:
    if written[-1] in ".)" and len(written) > 1:
        return "\n"
    if written == ">" and text[end - 2 : end + 1] == " > ":
        return ARROW
    if written[0] == "\n":
        listed = text[end : end + 1] in {"-", "*", "+", "\u2022"}
        return "\n" if written.count("\n") > 1 or listed else ""
    if not any(c.isalnum() for c in written):
        if re.fullmatch(_ARROWS, written) and written != ">":
            return ARROW
        return DASH if written[0] in "-\u2013\u2014" else written
    return fold(written)


def keys(phrase: str) -> tuple[str, ...]:
    """Return the keys of a phrase's words."""
    if phrase.isalpha() and (key := fold(phrase)):  # as most are of the thousands that a lexicon is made of
        return (key,)
    return tuple(word.key for word in split_words(phrase))


_ALONE: tuple[tuple[str, ...], ...] = ((),)
"""What follows most words that start a phrase: nothing. They share it, and each word with all tables."""


class PhraseSet:
    """Phrases of one or more words, matched longest first."""

    def __init__(self, phrases: Iterable[str] = ()) -> None:
        found: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            if not (words := keys(phrase)):
                raise ValueError(f"{phrase!r} holds no words")
            first, *rest = map(sys.intern, words)
            found.setdefault(first, []).append(tuple(rest))
        # What may follow the first word of a phrase, the longest first.
        self._by_first = {first: _longest_first(rests) for first, rests in found.items()}
        self._longest = 1 + max((len(rests[0]) for rests in self._by_first.values()), default=0)

    def __contains__(self, key: str) -> bool:
        """Whether `key` alone is a phrase."""
        return () in self._by_first.get(key, ())

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Yield the keys of each phrase."""
        return ((first, *rest) for first, rests in self._by_first.items() for rest in rests)

    def first_words(self) -> Collection[str]:
        """Return the words that start phrases."""
        return self._by_first.keys()

    def every_word(self) -> set[str]:
        """Return all words of all phrases."""
        return {key for phrase in self for key in phrase}

    def length_at(self, words: Words, index: int) -> int:
        """Return how many words the longest phrase that starts at `index` has; 0 when none does."""
        if not 0 <= index < len(words):
            return 0
        rests = self._by_first.get(words[index].key)
        if rests is None:
            return 0
        after = index + 1
        following = words[after].key if after < len(words) else ""
        for rest in rests:
            if not rest or (rest[0] == following and _stands_at(words, after, rest)):
                return 1 + len(rest)
        return 0

    def length_before(self, words: Words, end: int) -> int:
        """Return how many words the longest phrase that ends before `end` has; 0 when none does."""
        for length in range(min(end, self._longest), 0, -1):
            start = end - length
            for rest in self._by_first.get(words[start].key, ()):
                if len(rest) == length - 1 and _stands_at(words, start + 1, rest):
                    return length
        return 0

    def find(self, words: Words, start: int = 0) -> tuple[int, int] | None:
        """Return (index, length) of the first phrase at or after `start`, None when there is none."""
        for index in range(start, len(words)):
            if length := self.length_at(words, index):
                return index, length
        return None


def _longest_first(rests: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    found = tuple(sorted(dict.fromkeys(rests), key=len, reverse=True))
    return _ALONE if found == _ALONE else found


def _stands_at(words: Words, start: int, found: tuple[str, ...]) -> bool:
    ends = start + len(found)
    return ends <= len(words) and all(words[index].key == key for index, key in enumerate(found, start))


class PhraseSets:
    """Named sets of phrases in which a phrase is looked for at once: most words start none of any.

    Args:
        sets: The name and the phrases of each.

    """

    def __init__(self, sets: Iterable[tuple[str, PhraseSet]]) -> None:
        found: dict[str, list[tuple[str, PhraseSet]]] = {}
        for name, phrases in sets:
            for first in phrases.first_words():
                found.setdefault(first, []).append((name, phrases))
        kept: dict[_Named, _Named] = {}  # words of the same sets share an entry
        self._by_first = {first: kept.setdefault(tuple(some), tuple(some)) for first, some in found.items()}

    def __contains__(self, key: str) -> bool:
        """Whether `key` alone is a phrase of any."""
        return any(key in phrases for _, phrases in self._by_first.get(key, ()))

    def longest_at(self, words: Words, index: int) -> tuple[str, int] | None:
        """Return (name, length) of the longest phrase at `index`, of the first set of equal ones."""
        best, longest = "", 0
        for name, length in self.all_at(words, index):
            if length > longest:
                best, longest = name, length
        return (best, longest) if longest else None

    def all_at(self, words: Words, index: int) -> list[tuple[str, int]]:
        """Return (name, length) of the longest phrase of each set that has one at `index`."""
        if not 0 <= index < len(words):
            return []
        sets = self._by_first.get(words[index].key, ())
        return [(name, length) for name, phrases in sets if (length := phrases.length_at(words, index))]

    def length_at(self, words: Words, index: int) -> int:
        """Return how many words the longest phrase at `index` has; 0 when none stands there."""
        found = self.longest_at(words, index)
        return found[1] if found else 0


_Named = tuple[tuple[str, PhraseSet], ...]
