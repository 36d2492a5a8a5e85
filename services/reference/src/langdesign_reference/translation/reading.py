"""Reads noun phrases by rules, word by word: some before the noun, others after it."""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Protocol

from langdesign_reference.translation.drafts import Draft, English, at, literal
from langdesign_reference.translation.vocabulary import Entry, Part, Vocabulary
from langdesign_reference.words import COLOUR_CODE, PUNCTUATION, Word

Rule = Callable[[Sequence[Word], int, Draft], int | None]
"""Reads what stands at an index into a draft and returns where it ends; the index itself where the rules at
work have to stop there; None where the rule does not fit."""
Place = tuple[str, int]
"""A preposition in English, and how many words it has."""
WITHOUT_ARTICLE = frozenset({"with", "without", "for", "like", "as", "full of"})
"""Prepositions after which a noun without an article has none in English, or "a"."""


class Words(Protocol):
    """Looks words of a language up."""

    def entries(self, key: str) -> tuple[Entry, ...]:
        """Return what a folded word may mean, the likeliest first; nothing where it is unknown."""

    def forms(self) -> Iterator[tuple[str, Entry]]:
        """Yield words and phrases with what each may mean."""


class PhraseReader:
    """Puts noun phrases of one language into English; subclasses say by which rules.

    Args:
        vocabulary: The words.
        words: Looks them up in any form.

    """

    ordered: ClassVar[bool]
    """Whether what describes a noun stands in English order already."""

    def __init__(self, vocabulary: Vocabulary, words: Words) -> None:
        self.words = words
        self._tables = vocabulary.functions
        self._lists = vocabulary.lists
        self._before: tuple[Rule, ...] = ()
        self._after: tuple[Rule, ...] = ()

    def read(self, words: Sequence[Word], *, article: str, quality: bool = False) -> English:
        """Translate a phrase.

        Args:
            words: The phrase.
            article: "the" or "a" where it has no determiner; empty for none.
            quality: Whether it says how a thing is to be.

        """
        return self._phrase(words, 0, article, quality=quality)[0]

    def _phrase(
        self, words: Sequence[Word], index: int, article: str, *, quality: bool = False
    ) -> tuple[English, int]:
        """Translate the phrase at `index`; return it and where it ends."""
        draft = Draft(article=article, quality=quality)
        while index < len(words) and draft.head is None:
            following = _apply(self._before, words, index, draft)
            if following == index:
                break
            index = following
        while index < len(words):
            index = max(index + 1, _apply(self._after, words, index, draft))
        return draft.english(ordered=self.ordered), index

    def _place(self, words: Sequence[Word], index: int) -> Place | None:
        return self._tables["prepositions"].at(words, index)

    def _place_after(self, words: Sequence[Word], index: int, place: Place, draft: Draft) -> int:
        """Read a preposition with its phrase."""
        preposition, length = place
        article = "a" if preposition in WITHOUT_ARTICLE else "the"
        phrase, after = self._phrase(words, index + length, article)
        draft.take(phrase, lambda one: at(preposition, one))
        return after

    def _skip_punctuation(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        return index + 1 if words[index].key in PUNCTUATION else None

    def _other(self, words: Sequence[Word], index: int, draft: Draft) -> int:
        """Read what neither names nor describes: a place, a filler, a number, a word that is unknown."""
        word = words[index]
        place = self._place(words, index)
        adverb = self._tables["adverbs"].at(words, index)
        if place and not (adverb and adverb[1] > place[1]):
            return self._place_after(words, index, place, draft)
        if adverb:
            draft.follow(adverb[0])
            return index + adverb[1]
        for kind in ("fillers", "posture"):
            if skipped := self._lists[kind].at(words, index):
                return index + skipped[1]
        code = word.key == COLOUR_CODE
        text = word.text if code else literal(word.key)
        if code or text.startswith("#"):
            draft.modify(Part.COLOUR, text)
        elif text:
            draft.count(text)
        else:
            draft.unknown.append(word.text)
        return index + 1


def _apply(rules: Sequence[Rule], words: Sequence[Word], index: int, draft: Draft) -> int:
    ends = (rule(words, index, draft) for rule in rules)
    return next(end for end in ends if end is not None)
