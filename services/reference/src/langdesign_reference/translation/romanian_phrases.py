"""Noun phrases of Romanian in English: what describes a noun moves before it, genitives come after "of"."""

from collections.abc import Sequence
from dataclasses import replace

from langdesign_reference.translation.drafts import Draft, English
from langdesign_reference.translation.english import comparative, superlative
from langdesign_reference.translation.reading import PhraseReader, Place
from langdesign_reference.translation.romanian import RomanianWords
from langdesign_reference.translation.vocabulary import Entry, Part, Vocabulary
from langdesign_reference.words import Word

_CONJUNCTIONS = {"and": "and", "si": "and", "sau": "or", "ori": "or"}
_OF_GENITIVE = frozenset({"al", "a", "ai", "ale", "lui"})
_AFTER_NOUN = frozenset({"this", "these", "that", "those", "my", "our", "your", "his", "her", "the other"})
_PRONOUNS = {
    "unul": False,
    "una": False,
    "unii": True,
    "unele": True,
    "altul": False,
    "alta": False,
    "altele": True,
}
"""Pronouns that stand for a noun, and whether they stand for several."""
_PLURAL_FORM = frozenset({"cei", "cele", "celor"})
_MADE_OF = frozenset({"de", "din"})
Content = tuple[tuple[Entry, ...], int]
"""What a phrase may mean, and how many words it has."""


class RomanianPhrases(PhraseReader):
    """Puts Romanian noun phrases into English.

    Args:
        vocabulary: The words.

    """

    ordered = False

    def __init__(self, vocabulary: Vocabulary) -> None:
        words = RomanianWords(vocabulary)
        super().__init__(vocabulary, words)
        self._phrases = words.phrases
        self._before = (
            self._skip_punctuation,
            self._less,
            self._pronoun,
            self._superlative,
            self._numeral,
            self._determiner,
            self._end_before_noun,
            self._compared,
            self._joined_adjectives,
            self._content,
            self._other,
        )
        self._after = (
            self._skip_punctuation,
            self._less,
            self._joined,
            self._long_content,
            self._adverb,
            self._genitive_article,
            self._made_of,
            self._place_rule,
            self._superlative,
            self._determiner_after,
            self._compared,
            self._content_after,
            self._other,
        )

    def read(self, words: Sequence[Word], *, article: str, quality: bool = False) -> English:
        """Translate a phrase, see `PhraseReader.read`."""
        return super().read(self._split(words), article=article, quality=quality)

    def _split(self, words: Sequence[Word]) -> list[Word]:
        """Read an unknown "verde-închis" as two words."""
        return [
            replace(word, key=key)
            for word in words
            for key in ([word.key] if self._phrases.get(word.key) else word.key.split("-"))
            if key
        ]

    def _pronoun(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        if words[index].key not in _PRONOUNS or draft.started:
            return None
        another = words[index].key.startswith("alt")
        draft.determine("another" if another else "a", many=_PRONOUNS[words[index].key])
        return index + 1

    def _less(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read "mai puțin luminos", and "less", which the rules put there: before a quality, not a thing."""
        said = [word.key for word in words[index : index + 2]]
        length = 2 if said == ["mai", "putin"] else int(said[0] == "less")
        found = self._adjective_at(words, index + length) if length else None
        if found is None:
            return None
        draft.degree = "less"
        draft.modify(found[0].part, found[0].english)
        return index + length + found[1]

    def _superlative(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read "cel mai mare"."""
        article = words[index].key in {"cel", "cea", "cei", "cele"}
        if not article or index + 1 == len(words) or words[index + 1].key != "mai":
            return None
        found = self._adjective_at(words, index + 2)
        if found is None:
            return None
        draft.modify(Part.SIZE, superlative(found[0].english))
        if not draft.determiner:
            draft.determine("the", many=words[index].key in _PLURAL_FORM)
        return index + 2 + found[1]

    def _compared(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read "foarte mic", "mai deosebit"; what has a word of its own ("mai mare") is content."""
        degree = self._tables["degrees"].at(words, index)
        if degree is None or self._is_state(words, index):
            return None
        found = self._adjective_at(words, index + degree[1])
        if found is None:
            return None
        entry, length = found
        if degree[0] == "more":
            draft.modify(Part.SIZE, comparative(entry.english))
        else:
            draft.degree = degree[0]
            draft.modify(entry.part, entry.english)
        return index + degree[1] + length

    def _is_state(self, words: Sequence[Word], index: int) -> bool:
        content = self._phrases.at(words, index)
        return content is not None and content[0][0].part is Part.STATE

    def _adjective_at(self, words: Sequence[Word], index: int) -> tuple[Entry, int] | None:
        content = self._phrases.at(words, index)
        entry = next((one for one in content[0] if not one.nominal), None) if content else None
        return (entry, content[1]) if content and entry else None

    def _longer_content(self, words: Sequence[Word], index: int, found: Place) -> bool:
        """Whether a phrase with a meaning of its own starts here and is longer than `found`."""
        content = self._phrases.at(words, index)
        return content is not None and content[1] > found[1]

    def _numeral(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        found = self._tables["numerals"].at(words, index)
        if not found or self._longer_content(words, index, found):
            return None
        draft.count(found[0])
        if words[index].key in _PLURAL_FORM:
            draft.determine("the", many=True)
        return index + found[1]

    def _determiner(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        found = self._tables["determiners"].at(words, index)
        if not found or self._longer_content(words, index, found) or self._says_how_much(words, index):
            return None
        if not draft.determiner or draft.determiner == "the" or found[0] in _AFTER_NOUN:
            draft.determine(found[0], many=words[index].key in _PLURAL_FORM)
        return index + found[1]

    def _says_how_much(self, words: Sequence[Word], index: int) -> bool:
        """Whether "puțin", "mult" stand before an adjective and say how much, not how many."""
        degree = self._tables["degrees"].at(words, index)
        content = self._phrases.at(words, index + degree[1]) if degree else None
        return content is not None and not any(entry.nominal for entry in content[0])

    def _end_before_noun(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Stop where a phrase has no noun: "cel de lângă fereastră"."""
        place = self._place(words, index)
        return index if place and draft.started and not self._longer_content(words, index, place) else None

    def _joined_adjectives(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        if words[index].key not in _CONJUNCTIONS or (draft.started and not draft.modifiers):
            return None
        if not draft.started:
            return index + 1
        draft.joins = _CONJUNCTIONS[words[index].key]
        return index + 1

    def _content(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read an adjective or the noun; before a noun "noua" describes it."""
        content = self._phrases.at(words, index)
        place = self._place(words, index)
        if content is None or (place and place[1] >= content[1]):
            return None
        entries, length = content
        noun = next((entry for entry in entries if entry.nominal), None)
        described = next((entry for entry in entries if not entry.nominal), None)
        following = self._phrases.at(words, index + length)
        followed = following is not None and any(entry.nominal for entry in following[0])
        if described and (noun is None or draft.quality or followed):
            _describe(described, entries, draft)
        elif noun is not None:
            draft.name(noun)
        return index + length

    def _joined(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read "și ...": another quality of the thing, or another thing."""
        if words[index].key not in _CONJUNCTIONS or index + 1 == len(words):
            return None
        conjunction = _CONJUNCTIONS[words[index].key]
        content = self._phrases.at(words, index + 1)
        if content and not any(entry.nominal for entry in content[0]) and draft.modifiers:
            draft.joins = conjunction
            return index + 1
        phrase, after = self._phrase(words, index + 1, draft.article, quality=draft.quality)
        draft.take(phrase, lambda one: f"{conjunction} {one.text}")
        return after

    def _long_content(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read what has a meaning only as several words: "cu flori", "mai mare"."""
        content = self._phrases.at(words, index)
        return self._described_by(words, index, content, draft) if content and content[1] > 1 else None

    def _adverb(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read "din dreapta" where it ends the phrase: before a genitive it is a preposition."""
        adverb = self._tables["adverbs"].at(words, index)
        place = self._place(words, index)
        if adverb is None or (place and place[1] > adverb[1]):
            return None
        if place and place[1] == adverb[1]:
            content = self._phrases.at(words, index + adverb[1])
            if content and any(entry.genitive for entry in content[0]):
                return None
        draft.follow(adverb[0])
        return index + adverb[1]

    def _genitive_article(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        place = self._place(words, index)
        if words[index].key not in _OF_GENITIVE or (place and place[1] > 1):
            return None
        return self._genitive(words, index + 1, draft)

    def _genitive(self, words: Sequence[Word], index: int, draft: Draft) -> int:
        phrase, after = self._phrase(words, index, "the")
        draft.take(phrase, lambda one: f"of {one.text}")
        return after

    def _made_of(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Put "de sticlă", "din lemn", "de cafea" before the noun."""
        place = self._place(words, index)
        content = self._phrases.at(words, index + 1)
        if words[index].key not in _MADE_OF or (place and place[1] > 1) or content is None:
            return None
        material = next((entry for entry in content[0] if entry.part is Part.MATERIAL), None)
        noun = next((entry for entry in content[0] if entry.nominal), None)
        if material is not None:
            if draft.modifiers and draft.modifiers[-1][1] in {"wooden", "wood"}:
                draft.modifiers.pop()  # "din lemn de stejar"
            before = draft.modifiers.pop() if draft.modifiers and draft.head is None else None
            draft.modify(Part.MATERIAL, material.modifier)
            draft.modifiers += [before] if before else []  # "parchet de stejar"
        elif noun is not None and words[index].key == "de":
            draft.modify(Part.ATTRIBUTE, noun.english)
        else:
            return None
        return index + 1 + content[1]

    def _place_rule(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        place = self._place(words, index)
        return self._place_after(words, index, place, draft) if place else None

    def _determiner_after(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        found = self._tables["determiners"].at(words, index)
        if not found or self._says_how_much(words, index):
            return None
        if found[0] in _AFTER_NOUN:
            draft.determine(found[0])
        return index + found[1]

    def _content_after(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        content = self._phrases.at(words, index)
        return self._described_by(words, index, content, draft) if content else None

    def _described_by(self, words: Sequence[Word], index: int, content: Content, draft: Draft) -> int:
        """Read an adjective, a genitive or a noun that describes the noun."""
        entries, length = content
        genitive = any(entry.genitive for entry in entries)
        described = next((entry for entry in entries if not entry.nominal and not entry.genitive), None)
        if described is not None:
            _describe(described, entries, draft)
        elif genitive and draft.head is not None:
            return self._genitive(words, index, draft)
        elif draft.head is None:
            draft.name(entries[0])
        else:
            draft.modify(Part.ATTRIBUTE, entries[0].english)
        return index + length

    def _phrase(
        self, words: Sequence[Word], index: int, article: str, *, quality: bool = False
    ) -> tuple[English, int]:
        # "în stil rustic" has no article, though nouns after a preposition are definite without one.
        content = self._phrases.at(words, index)
        styled = content is not None and content[0][0].english in {"style", "colour"}
        return super()._phrase(words, index, "" if styled and index else article, quality=quality)


def _describe(entry: Entry, entries: Sequence[Entry], draft: Draft) -> None:
    """Put an adjective before the noun; after a colour or material "închis" is its shade."""
    shade = next((one for one in entries if one.part is Part.SHADE), None)
    if shade is None or not draft.shade(shade.english):
        draft.modify(entry.part, entry.english if draft.quality and draft.head is None else entry.modifier)
