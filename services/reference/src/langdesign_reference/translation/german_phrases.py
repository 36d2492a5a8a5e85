"""Noun phrases of German in English: much the same order, but for materials and relative clauses."""

from collections.abc import Sequence
from dataclasses import replace

from langdesign_reference.translation.drafts import Draft, English, at
from langdesign_reference.translation.german import GermanWords
from langdesign_reference.translation.reading import PhraseReader, Place
from langdesign_reference.translation.vocabulary import Entry, Part, Table, Vocabulary
from langdesign_reference.words import Word, fold

_GENITIVE = frozenset(
    {"des", "der", "eines", "einer", "meines", "meiner", "deines", "deiner", "unseres", "unserer"}
    | {"dieses", "dieser", "aller", "beider", "seines", "ihrer"}
)
_RELATIVE = frozenset({"der", "die", "das", "den", "dem", "denen", "welche", "welcher", "welches", "welchen"})
_PLURAL_FORM = frozenset(
    {"die", "diese", "jene", "meine", "deine", "seine", "ihre", "unsere", "unsre", "eure", "keine"}
    | {"alle", "beide"}
)
_CONJUNCTIONS = {"and": "and", "und": "and", "u": "and", "oder": "or", "sowie": "and", "plus": "and"}
_SAME_IN_PLURAL = ("kissen", "streifen", "balken", "rahmen", "haken", "laken", "tupfen", "polster")
"""Ends of nouns that are rather a plural where nothing determines them."""
_SUBSTANCES = frozenset({Part.COLOUR, Part.MATERIAL, Part.PATTERN, Part.STYLE, Part.SHADE})


class GermanPhrases(PhraseReader):
    """Puts German noun phrases into English.

    Args:
        vocabulary: The words.

    """

    ordered = True

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary, GermanWords(vocabulary))
        self._before = (
            self._skip_punctuation,
            self._end_before_noun,
            self._determiner,
            self._numeral,
            self._joined_adjectives,
            self._degree,
            self._content,
            self._other,
        )
        self._after = (
            self._comma,
            self._place_or_adverb,
            self._joined_phrase,
            self._relative_pronoun,
            self._genitive,
            self._skip_determiner,
            self._degree,
            self._content_after,
            self._other,
        )

    def read(self, words: Sequence[Word], *, article: str, quality: bool = False) -> English:
        """Translate a phrase, see `PhraseReader.read`."""
        return super().read(_expanded(words, self._tables["contractions"]), article=article, quality=quality)

    def _end_before_noun(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Stop where a phrase has no noun: "dem am Kopfende", "das rechte der Bilder"."""
        place = self._place(words, index) and draft.started
        return index if place or (words[index].key in _GENITIVE and draft.modifiers) else None

    def _determiner(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        found = self._tables["determiners"].at(words, index)
        if not found or (draft.determiner and found[0] == "the") or self._degree_at(words, index):
            return None
        draft.determine(found[0], many=words[index].key in _PLURAL_FORM)
        return index + found[1]

    def _numeral(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        found = self._tables["numerals"].at(words, index)
        if found:
            draft.count(found[0])
        return index + found[1] if found else None

    def _joined_adjectives(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        if words[index].key not in _CONJUNCTIONS or (draft.started and not draft.modifiers):
            return None
        if not draft.started:
            return index + 1
        draft.joins = _CONJUNCTIONS[words[index].key]
        return index + 1

    def _degree(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        found = self._degree_at(words, index)
        if found:
            draft.degree = found[0]
        return index + found[1] if found else None

    def _degree_at(self, words: Sequence[Word], index: int) -> Place | None:
        """Find an adverb that says how much: "etwas" before an adjective, not before a noun."""
        found = self._tables["degrees"].at(words, index)
        if found is None or index + found[1] >= len(words):
            return None
        entries = self.words.entries(words[index + found[1]].key)
        return found if entries and not entries[0].nominal else None

    def _content(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read an adjective or the noun."""
        entries = self.words.entries(words[index].key)
        if not entries:
            return None
        noun = next((entry for entry in entries if entry.nominal), None)
        described = [entry for entry in entries if not entry.nominal]
        followed = self._continues(words, index + 1)
        if described and (noun is None or followed or (draft.quality and described[0].part in _SUBSTANCES)):
            chosen = self._meant(words, index, described, compares=not followed and not draft.determiner)
            if not followed and self._shaded(described, draft):
                return index + 1
            if chosen.part is Part.MATERIAL and not followed and not draft.quality:
                draft.name(replace(chosen, part=Part.MASS))  # "das Parkett"
                return index + 1
            draft.modify(chosen.part, chosen.modifier if followed else chosen.english)
        elif noun is not None:
            # "mit Streifen": without an article such a form is a plural.
            draft.loose = noun.plural is None and words[index].key.endswith(_SAME_IN_PLURAL)
            draft.name(noun)
        return index + 1

    def _meant(
        self, words: Sequence[Word], index: int, described: Sequence[Entry], *, compares: bool
    ) -> Entry:
        """Choose what an adjective means: "moderner" may compare, "hell" may be a shade."""
        if self._coloured(words, index + 1):
            return next((entry for entry in described if entry.part is Part.SHADE), described[0])
        return next((one for one in described if (one.part is Part.STATE) is compares), described[0])

    def _shaded(self, described: Sequence[Entry], draft: Draft) -> bool:
        """Read "Eiche hell" as "light oak"."""
        shade = next((entry for entry in described if entry.part is Part.SHADE), None)
        return shade is not None and draft.shade(shade.english)

    def _coloured(self, words: Sequence[Word], index: int) -> bool:
        """Whether a colour or material follows, or a noun for one ("Holzton")."""
        entries = self.words.entries(words[index].key) if index < len(words) else ()
        return any(
            entry.part in {Part.COLOUR, Part.MATERIAL} or entry.english.endswith(("tone", "colour"))
            for entry in entries
        )

    def _continues(self, words: Sequence[Word], index: int) -> bool:
        """Whether a noun follows at `index`, perhaps after further adjectives."""
        while index < len(words):
            if words[index].key in _CONJUNCTIONS or words[index].key == ",":
                index += 1
                continue
            entries = () if self._place(words, index) else self.words.entries(words[index].key)
            if not entries or entries[0].nominal:
                return bool(entries)
            index += 1
        return False

    def _comma(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        after = self._skip_punctuation(words, index, draft)
        relative = after is not None and after < len(words) and words[after].key in _RELATIVE
        return after + 1 if after is not None and relative else after

    def _place_or_adverb(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read "neben dem Bett", "aus Holz", or "links"."""
        adverb = self._tables["adverbs"].at(words, index)
        place = self._place(words, index)
        if place and not (adverb and adverb[1] > place[1]):
            if place[0] == "made of":
                return self._made_of(words, index + place[1], draft)
            return self._place_after(words, index, place, draft)
        if adverb:
            draft.follow(adverb[0])
        return index + adverb[1] if adverb else None

    def _made_of(self, words: Sequence[Word], index: int, draft: Draft) -> int:
        """Put a material before the noun: "Tisch aus hellem Holz" is "light wooden table"."""
        phrase, after = self._phrase(words, index, "", quality=True)
        if phrase.unknown or phrase.part not in _SUBSTANCES:
            draft.take(phrase, lambda one: at("made of", one))
            return after
        entries = self.words.entries(words[after - 1].key)
        material = next((entry for entry in entries if entry.part is Part.MATERIAL), None)
        text = phrase.text
        if material and material.attributive and text.endswith(material.english):
            text = text.removesuffix(material.english) + material.attributive
        draft.modify(Part.MATERIAL, text)
        return after

    def _joined_phrase(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        if words[index].key not in _CONJUNCTIONS or index + 1 == len(words):
            return None
        phrase, after = self._phrase(words, index + 1, draft.article, quality=draft.quality)
        conjunction = _CONJUNCTIONS[words[index].key]
        draft.take(phrase, lambda one: f"{conjunction} {one.text}")
        return after

    def _relative_pronoun(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Skip the pronoun of "der am Fenster steht": the place alone tells the thing apart."""
        if words[index].key not in _RELATIVE or index + 1 == len(words):
            return None
        where = self._place(words, index + 1) or self._tables["adverbs"].at(words, index + 1)
        return index + 1 if where else None

    def _genitive(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        if words[index].key not in _GENITIVE:
            return None
        phrase, after = self._phrase(words, index, "the")
        draft.take(phrase, lambda one: f"of {one.text}")
        return after

    def _skip_determiner(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        found = self._tables["determiners"].at(words, index)
        return index + found[1] if found else None

    def _content_after(self, words: Sequence[Word], index: int, draft: Draft) -> int | None:
        """Read a noun after a noun, or an adjective of a relative clause ("die kaputt ist")."""
        entries = self.words.entries(words[index].key)
        if not entries:
            return None
        noun = next((entry for entry in entries if entry.nominal), None)
        if noun is not None:
            draft.name(noun)
        else:
            draft.modify(entries[0].part, entries[0].modifier)
        return index + 1


def _expanded(words: Sequence[Word], contractions: Table[str]) -> list[Word]:
    """Write "am" as "an dem", "zur" as "zu der"."""
    return [
        replace(word, key=key)
        for word in words
        for key in fold(contractions.get(word.key) or word.key).split()
    ]
