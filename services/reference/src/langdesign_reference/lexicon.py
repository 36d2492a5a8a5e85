"""What the parser knows of a language, read from `data/lexicon/<language>.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from langdesign_reference.words import PhraseSet, Word

LANGUAGES = ("en", "ro", "de")
"""Languages with a lexicon and a prompt; the first stands in for any other."""


@dataclass(frozen=True)
class Lexicon:
    """Phrases of one language by what they do.

    Attributes:
        language: BCP 47 tag.
        verb_final: Whether the verb may stand at the end of a clause.
        definite_by_article: Whether definite nouns carry an article; else those without an indefinite are.
        words: Sets of function words, such as `openers` ("can you please") and `determiners`.
        verbs: Verbs by the frame in which they are used.
        predicates: Predicates that follow their subject ("should be"), by frame.
        prepositions: Prepositions by what follows them.
        relations: Prepositions by where they put a thing, seen from what follows them.
        heads: Nouns that change an operation's meaning ("the colour of"), and whole-picture nouns.
        attributes: What things may be made: colours, materials, patterns, styles, states.

    """

    language: str
    verb_final: bool
    definite_by_article: bool
    words: Mapping[str, PhraseSet]
    verbs: Mapping[str, PhraseSet]
    predicates: Mapping[str, PhraseSet]
    prepositions: Mapping[str, PhraseSet]
    relations: Mapping[str, PhraseSet]
    heads: Mapping[str, PhraseSet]
    attributes: Mapping[str, PhraseSet]

    def starts_phrase(self, words: Sequence[Word], index: int) -> bool:
        """Whether a noun phrase visibly starts at `index`: with a determiner, numeral or pronoun."""
        kinds = ("determiners", "indefinite", "pronouns")
        return any(self.words[kind].length_at(words, index) for kind in kinds)

    def attribute_length(self, words: Sequence[Word], index: int) -> int:
        """Return how many words the longest attribute at `index` has; 0 when none stands there."""
        kinds = ("colours", "materials", "patterns", "styles", "states", "removal")
        return max(self.attributes[kind].length_at(words, index) for kind in kinds)

    def verb_at(self, words: Sequence[Word], index: int) -> tuple[str, int] | None:
        """Return (frame, length) of the longest verb at `index`."""
        lengths = {frame: verbs.length_at(words, index) for frame, verbs in self.verbs.items()}
        frame = max(lengths, key=lambda name: lengths[name])
        return (frame, lengths[frame]) if lengths[frame] else None


def load_lexicon(language: str) -> Lexicon:
    """Read the lexicon of one of `LANGUAGES`."""
    file = resources.files("langdesign_reference").joinpath("data", "lexicon", f"{language}.toml")
    data = tomllib.loads(file.read_text("utf-8"))
    words = {name: value for name, value in data.items() if isinstance(value, list)}
    return Lexicon(
        language=data["language"],
        verb_final=data["verb_final"],
        definite_by_article=data["definite_by_article"],
        words=_sets(words),
        verbs=_sets(data["verbs"]),
        predicates=_sets(data["predicates"]),
        prepositions=_sets(data["prepositions"]),
        relations=_sets(data["relations"]),
        heads=_sets(data["heads"]),
        attributes=_sets(data["attributes"]),
    )


def _sets(table: Mapping[str, Any]) -> Mapping[str, PhraseSet]:
    return {name: PhraseSet(phrases) for name, phrases in table.items()}
