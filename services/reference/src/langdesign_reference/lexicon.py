"""What the parser knows of a language, read from `data/lexicon/<language>.toml`."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from importlib import resources
from typing import Any

from langdesign_reference.conjugation import conjugated
from langdesign_reference.lexicon_tables import (
    Attributes,
    FunctionWords,
    Heads,
    Keeping,
    Modals,
    Predicates,
    Prepositions,
    Relations,
    Retractions,
    Statements,
    Table,
    Telegraph,
    Verbs,
    read_table,
)
from langdesign_reference.translation import attributes, is_noun, is_value, nouns
from langdesign_reference.words import (
    COLOUR_CODE,
    PhraseSet,
    PhraseSets,
    Word,
    Words,
    fold,
    keys,
    split_words,
)

LANGUAGES = ("en", "ro", "de")
"""Languages with a lexicon and a prompt; the first stands in for any other."""


class Lexicon(Table, frozen=True):
    """Phrases of one language by what they do.

    Attributes:
        language: BCP 47 tag.
        verb_final: Whether the verb may stand at the end of a clause.
        definite_by_article: Whether definite nouns carry an article; else those without an indefinite are.
        forms: Verb forms that no ending tells: "taken" = "take".
        endings: Endings of participles and gerunds, each with what stands in the verb instead: "ing:e".
        gerunds: Those of `endings` with which a request may start: "shifting the fridge".
        inflections: Endings that attributes take.
        plurals: Endings of nouns in the plural.
        third_person: Ending of verbs in the third person; empty where none tells them.
        clitics: Pronouns that hang at a verb by a hyphen.
        nouns: Things in a room, so that slips and telegraphic style are read.
        adjectives: Tell things apart: "left", "ugly".

    """

    language: str
    verb_final: bool
    definite_by_article: bool
    clitics: frozenset[str]
    forms: dict[str, str]
    endings: tuple[tuple[str, str], ...]
    gerunds: tuple[tuple[str, str], ...]
    inflections: tuple[str, ...]
    plurals: tuple[str, ...]
    third_person: str
    nouns: PhraseSet
    adjectives: PhraseSet
    words: FunctionWords
    statements: Statements
    retractions: Retractions
    keeping: Keeping
    telegraph: Telegraph
    verbs: Verbs
    predicates: Predicates
    modals: Modals
    prepositions: Prepositions
    relations: Relations
    heads: Heads
    attributes: Attributes

    def starts_phrase(self, words: Words, index: int) -> bool:
        """Whether a noun phrase visibly starts at `index`: with a determiner, numeral or pronoun."""
        function = self.words
        return bool(
            function.determiners.length_at(words, index)
            or function.indefinite.length_at(words, index)
            or function.pronouns.length_at(words, index)
        )

    def attribute_length(self, words: Words, index: int) -> int:
        """Return how many words the longest attribute at `index` has; 0 when none stands there."""
        return self._attributes.length_at(words, index)

    def attribute_before(self, words: Words, end: int) -> int:
        """Return how many words the longest attribute that ends before `end` has; 0 when none does."""
        return max(kind.length_before(words, end) for kind in self.meanings.values())

    def noun_at(self, words: Words, index: int) -> int:
        """Return how many words the longest noun at `index` has; 0 when none that is known stands there."""
        length = self.nouns.length_at(words, index)
        return length or int(0 <= index < len(words) and self._is_noun(words[index].key))

    def noun_before(self, words: Words, end: int) -> int:
        """Return how many words the longest noun before `end` has; 0 when none that is known is there."""
        length = self.nouns.length_before(words, end)
        return length or int(0 < end <= len(words) and self._is_noun(words[end - 1].key))

    def _is_noun(self, key: str) -> bool:
        """Whether a word is a noun in the plural, or one that can be translated."""
        plural = any(key.endswith(end) and key.removesuffix(end) in self.nouns for end in self.plurals)
        return plural or _is_noun(key, self.language)

    def verb_at(self, words: Words, index: int) -> tuple[str, int] | None:
        """Return (frame, length) of the longest verb at `index`."""
        return self.verbs.longest_at(words, index) or self._form_at(words, index, self.gerunds)

    def verb_form_at(self, words: Words, index: int) -> tuple[str, int] | None:
        """As `verb_at`, of participles and gerunds: "taken out", "shifting"."""
        return self._form_at(words, index, self.endings)

    def _form_at(
        self, words: Words, index: int, endings: tuple[tuple[str, str], ...]
    ) -> tuple[str, int] | None:
        if index >= len(words):
            return None
        for base in self._bases(words[index].key, endings):
            part = [Word(base, 0, 0), *words[index + 1 : index + 4]]
            if found := self.verbs.longest_at(part, 0):
                return found
        return None

    def _bases(self, key: str, endings: tuple[tuple[str, str], ...]) -> Iterator[str]:
        if key in self.forms and endings is not self.gerunds:
            yield self.forms[key]
        for ending, instead in endings:
            stem = key.removesuffix(ending)
            if len(stem) > 2 and stem != key:
                yield stem + instead
                if not instead and stem[-1] == stem[-2]:
                    yield stem[:-1]

    def split(self, text: str) -> list[Word]:
        """Return the words of a text; pronouns that hang at a verb by a hyphen are words of their own."""
        return split_words(text, self.clitics, self.verb_words)

    @cached_property
    def verb_words(self) -> frozenset[str]:
        """Every word of every verb."""
        kept = {phrase[0] for phrase in self.keeping.verbs if len(phrase) == 1}
        return frozenset(word for _, phrases in self.verbs.sets() for word in phrases.every_word()) | kept

    def usual_words(self) -> dict[str, int]:
        """Return how usual each word of things, attributes and verbs is: the bits of its phrases' number."""
        verbs = [phrase for _, phrases in self.verbs.sets() for phrase in phrases]
        alone = {phrase[0] for phrase in verbs if len(phrase) == 1}
        counted = Counter(word for phrase in verbs for word in phrase if word in alone)
        for table in (self, self.attributes):
            counted.update(
                word for _, phrases in table.sets() for phrase in phrases for word in set(phrase) - alone
            )
        return {word: count.bit_length() for word, count in counted.items()}

    @cached_property
    def meanings(self) -> dict[str, PhraseSet]:
        """The attributes that say what a thing becomes, by name."""
        kinds = ("colours", "materials", "patterns", "lightness", "styles", "states", "removal")
        return {kind: getattr(self.attributes, kind) for kind in kinds}

    @cached_property
    def _attributes(self) -> PhraseSets:
        return PhraseSets(self.meanings.items())

    @cached_property
    def joining(self) -> PhraseSets:
        """The prepositions that join phrases, which directions do not."""
        return PhraseSets(one for one in self.prepositions.sets() if one[0] != "directions")

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of every phrase."""
        tables = [self, *(getattr(self, name) for name in self.__struct_fields__)]
        found = set[str]()
        for table in tables:
            if isinstance(table, Table):
                for _, phrases in table.sets():
                    found |= phrases.every_word()
        return frozenset(found)


@cache  # it is read in a tenth of a second or more, and nothing changes it
def load_lexicon(language: str) -> Lexicon:
    """Read the lexicon of one of `LANGUAGES`, once a process.

    Raises:
        msgspec.ValidationError: the file is no lexicon; see `read_table`.

    """
    file = resources.files("langdesign_reference").joinpath("data", "lexicon", f"{language}.toml")
    data = tomllib.loads(file.read_text("utf-8"))
    return read_table(Lexicon, _inflected(data))


def _inflected(data: dict[str, Any]) -> dict[str, Any]:
    """Add what translations know to the attributes, then adjectives' endings; fold the verb forms."""
    endings = data["inflections"]
    tables = data["attributes"]
    known = {keys(phrase) for table in tables.values() for phrase in table}
    for name, forms in attributes(data["language"]).items():
        tables[name] = [*tables[name], *(form for form in forms if keys(form) not in known)]
    for name in ("colours", "materials", "patterns", "styles", "states", "lightness", "degrees"):
        plain = tables[name] if endings else ()
        tables[name] = [*tables[name], *(word + ending for word in plain for ending in endings)]
    tables["colours"] = [*tables["colours"], COLOUR_CODE]
    data["verbs"] = _conjugated(data)
    _compose(data)
    data["forms"] = {fold(form): fold(verb) for form, verb in data["forms"].items()}
    return data


def _compose(data: dict[str, Any]) -> None:
    """Add the predicates of modal verbs: "should go", "needs to go"."""
    for kind in ("remove", "move", "give", "change", "keep"):
        told = data["keeping"]["predicates"] if kind == "keep" else data["predicates"][kind]
        told += [f"{modal} {verb}" for modal in data["modals"]["verbs"] for verb in data["modals"][kind]]


def _conjugated(data: dict[str, Any]) -> dict[str, list[str]]:
    """Add the forms of verbs, but for those that are another word too: "planta", the plant."""
    language, verbs = data["language"], data["verbs"]
    tables = (data[name] for name in ("verbs", "attributes", "words", "heads", "prepositions"))
    known = {fold(phrase) for table in tables for phrase in _every(table)} | nouns(language)
    forms = {phrase: list(conjugated(phrase, language)) for phrase in _every(verbs)}
    return {
        frame: phrases
        if frame in {"deny", "want"}  # no verbs of their own
        else [*phrases, *(form for one in phrases for form in forms[one] if _is_free(form, known, language))]
        for frame, phrases in verbs.items()
    }


def _is_free(form: str, known: set[str], language: str) -> bool:
    return fold(form) not in known and not is_value(fold(form), language)


def _every(table: dict[str, list[str]]) -> Iterator[str]:
    return (phrase for phrases in table.values() for phrase in phrases)


@lru_cache(maxsize=8192)
def _is_noun(key: str, language: str) -> bool:
    return is_noun(key, language)
