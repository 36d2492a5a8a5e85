"""What the parser knows of a language, read from `data/lexicon/<language>.toml`."""

import tomllib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from importlib import resources
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from langdesign_reference.translation import attributes, is_noun
from langdesign_reference.words import PhraseSet, Word, Words, fold, keys, split_words

LANGUAGES = ("en", "ro", "de")
"""Languages with a lexicon and a prompt; the first stands in for any other."""

Phrases = Annotated[PhraseSet, BeforeValidator(PhraseSet)]


class _Table(BaseModel):
    """A table of the file: a key that is missing or unknown is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def sets(self) -> Iterator[tuple[str, PhraseSet]]:
        """Yield name and phrases of each key."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, PhraseSet):
                yield name, value

    def longest_at(self, words: Words, index: int) -> tuple[str, int] | None:
        """Return (name, length) of the longest phrase at `index`, the first of equal ones."""
        best: tuple[str, int] | None = None
        for name, phrases in self.sets():
            length = phrases.length_at(words, index)
            if length and (best is None or length > best[1]):
                best = name, length
        return best


class FunctionWords(_Table):
    """Words that build phrases, and words that say nothing.

    Attributes:
        openers: In front of a request: "could you please".
        fillers: Dropped wherever they stand: "please", "um", "maybe".
        closers: After a phrase and no part of it: "away", "as well".
        conjunctions: Between clauses and phrases.
        determiners: In front of what is there: "the".
        indefinite: In front of what is not there yet: "a", "some".
        pronouns: Stand for a phrase: "it".
        places: Stand for a place: "there", "daneben".
        between: Prepositions with two phrases.
        possessive: "'s".
        of: Links nouns.
        whole: "whole", "entire".
        leading: Dropped in front of a phrase: "of".
        reasons: Start what is no request: "because".
        only: Restrict: "only", "just".
        rather: Mark what is preferred: "rather", "instead".
        proforms: Stand for a noun: "ones".
        some: In front of what is not counted: "some".
        no: Deny a thing: "no", "kein".
        contrast: After what is denied: "but" of "not brown but white".
        therefore: Conjunctions only where a request follows: "so".

    """

    openers: Phrases
    fillers: Phrases
    closers: Phrases
    conjunctions: Phrases
    determiners: Phrases
    indefinite: Phrases
    pronouns: Phrases
    places: Phrases
    between: Phrases
    possessive: Phrases
    of: Phrases
    whole: Phrases
    leading: Phrases
    reasons: Phrases
    only: Phrases
    rather: Phrases
    proforms: Phrases
    some: Phrases
    no: Phrases
    therefore: Phrases
    contrast: Phrases


class Statements(_Table):
    """How what is no request is told.

    Attributes:
        naming: Starts that only draw attention to a thing: "look at", "I like".
        verbs: Finite verbs of statements about a thing: "is", "looks".
        wanting: What somebody does whose wish follows: "wants", "would like".
        asking: Starts of questions for information: "how wide".
        surely_asking: Those that need no question mark.
        pleasing: What is said of a thing that one would like to have: "would be nice".
        persons: Who tells something: "we", "my husband".
        cleft: In front of what is meant: "it's the bed I'd like".

    """

    naming: Phrases
    verbs: Phrases
    wanting: Phrases
    asking: Phrases
    surely_asking: Phrases
    pleasing: Phrases
    cleft: Phrases
    persons: Phrases


class Keeping(_Table):
    """How it is said that something stays.

    Attributes:
        markers: In front of a phrase: "except".
        bare: Markers only right after "everything" and the like: "but".
        nots: Deny a phrase: "not".
        refusals: Deny a verb: "don't".
        verbs: "keep", "leave".
        predicates: After a phrase: "stays", "has to remain".
        tails: After the kept phrase and no part of it: "as it is", "alone".
        everything: What a bare marker follows.

    """

    markers: Phrases
    bare: Phrases
    nots: Phrases
    refusals: Phrases
    verbs: Phrases
    predicates: Phrases
    tails: Phrases
    everything: Phrases


class Telegraph(_Table):
    """Words that stand for a verb after a phrase: "carpet out, parquet in"."""

    out: Phrases
    into: Phrases


class Verbs(_Table):
    """Verbs by their frame; see `langdesign_reference.frames`."""

    remove: Phrases
    deny: Phrases
    clear: Phrases
    adjust: Phrases
    shade: Phrases
    lift: Phrases
    take: Phrases
    add: Phrases
    want: Phrases
    put: Phrases
    replace: Phrases
    change: Phrases
    recolour: Phrases
    restyle: Phrases
    move: Phrases
    other: Phrases
    give: Phrases
    cover: Phrases


class Predicates(_Table):
    """Predicates that follow their subject, by frame: "should be", "has to go".

    Where several frames have one, the first whose arguments follow is meant.
    """

    passive: Phrases
    replace: Phrases
    remove: Phrases
    take: Phrases
    move: Phrases
    give: Phrases
    change: Phrases


class Prepositions(_Table):
    """Prepositions by what follows them."""

    anchor: Phrases
    destination: Phrases
    source: Phrases
    replacement: Phrases
    result: Phrases
    instead: Phrases
    where: Phrases
    strong_result: Phrases
    made_from: Phrases
    purpose: Phrases
    covering: Phrases
    directions: Phrases
    value_for: Phrases


class Relations(_Table):
    """Prepositions by where they put a thing, seen from what follows."""

    on: Phrases
    above: Phrases
    below: Phrases
    beside: Phrases
    left: Phrases
    right: Phrases
    in_front: Phrases
    behind: Phrases
    inside: Phrases


class Heads(_Table):
    """Nouns that change an operation's meaning, and nouns of the whole picture.

    Attributes:
        colour: "the colour of".
        style: "the material of".
        ambiguous: Of the whole picture, but things where they are moved or removed: "the picture".
        whole: Of the whole picture.
        light: What shines, so that "darker" is no colour of it; and light itself.
        condition: Nouns of how a picture is, not of a thing in it: "brightness", "order".
        structure: What every room has, so that "a wooden floor" is not added.
        adjustable: What is not moved where it is raised or lowered: "the blinds", "the ceiling".
        areas: Parts of a room, which become another look, not another thing: "the corner".
        surfaces: What stays where it is cleared: "the desk".
        spots: Places that are named without a preposition: "floor lamp, corner".

    """

    colour: Phrases
    style: Phrases
    ambiguous: Phrases
    whole: Phrases
    light: Phrases
    condition: Phrases
    structure: Phrases
    spots: Phrases
    surfaces: Phrases
    areas: Phrases
    adjustable: Phrases


class Attributes(_Table):
    """What things may be made.

    Attributes:
        colours: Of these, `materials`... a thing is made; a word may stand in one list only.
        lightness: A colour of a thing, a state of the whole picture: "darker".
        making: Say how a material is worked, so that a colour's name means the material: "glazed".
        degrees: Go with any of them: "very".
        removal: "vanish".

    """

    colours: Phrases
    materials: Phrases
    patterns: Phrases
    styles: Phrases
    states: Phrases
    lightness: Phrases
    making: Phrases
    degrees: Phrases
    removal: Phrases
    likeness: Phrases
    seeming: Phrases
    more: Phrases
    less: Phrases


class Lexicon(_Table):
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
    nouns: Phrases
    adjectives: Phrases
    words: FunctionWords
    statements: Statements
    keeping: Keeping
    telegraph: Telegraph
    verbs: Verbs
    predicates: Predicates
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
        return max(kind.length_at(words, index) for kind in self.meanings.values())

    def attribute_before(self, words: Words, end: int) -> int:
        """Return how many words the longest attribute that ends before `end` has; 0 when none does."""
        return max(kind.length_before(words, end) for kind in self.meanings.values())

    def noun_at(self, words: Words, index: int) -> int:
        """Return how many words the longest noun at `index` has; 0 when none that is known stands there."""
        length = self.nouns.length_at(words, index)
        return length or int(index < len(words) and self._is_noun(words[index].key))

    def noun_before(self, words: Words, end: int) -> int:
        """Return how many words the longest noun that ends before `end` has; 0 when none that is known does."""
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
        return frozenset(word for _, phrases in self.verbs.sets() for word in phrases.every_word())

    @cached_property
    def meanings(self) -> dict[str, PhraseSet]:
        """The attributes that say what a thing becomes, by name."""
        kinds = ("colours", "materials", "patterns", "lightness", "styles", "states", "removal")
        return {kind: getattr(self.attributes, kind) for kind in kinds}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of every phrase."""
        tables = [self, *(getattr(self, name) for name in type(self).model_fields)]
        found = set[str]()
        for table in tables:
            if isinstance(table, _Table):
                for _, phrases in table.sets():
                    found |= phrases.every_word()
        return frozenset(found)


def load_lexicon(language: str) -> Lexicon:
    """Read the lexicon of one of `LANGUAGES`.

    Raises:
        pydantic.ValidationError: a key of the file is missing or unknown; the message names it.

    """
    file = resources.files("langdesign_reference").joinpath("data", "lexicon", f"{language}.toml")
    data = tomllib.loads(file.read_text("utf-8"))
    return Lexicon.model_validate(_inflected(data))


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
    data["forms"] = {fold(form): fold(verb) for form, verb in data["forms"].items()}
    return data


@lru_cache(maxsize=8192)
def _is_noun(key: str, language: str) -> bool:
    return is_noun(key, language)
