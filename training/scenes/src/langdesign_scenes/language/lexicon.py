"""The words, read from `lexicon.toml`: nouns and what they name, adjectives, and instruction templates."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from ..vocabulary import SIMILAR_COLOURS

Rng = np.random.Generator


@dataclass(frozen=True)
class Noun:
    """A noun and the classes that it names."""

    text: str
    plural: str
    means: tuple[str, ...]  # classes that it surely names; none for what no scene holds
    maybe: tuple[str, ...] = ()  # classes that a reader might also take it for
    paired: bool = False  # plural in form, one thing in fact ("drapes")


@dataclass(frozen=True)
class PartWords:
    """Which part of a thing bears its colour or material, and how it is joined to the noun."""

    colour: str
    material: str
    link: str  # "in" a red pot, "with" a red frame


@dataclass(frozen=True)
class Lexicon:
    """All words."""

    nouns: tuple[Noun, ...]
    parts: Mapping[str, PartWords]
    colours: Mapping[str, tuple[str, ...]]  # names of a colour, where it has several
    materials: Mapping[str, str]  # adjective of a material, where it is another word
    stuff: Mapping[str, tuple[str, ...]]
    covering: Mapping[str, Mapping[str, tuple[str, ...]]]  # of a wall and of a floor
    patterns: Mapping[str, tuple[str, ...]]
    similar_materials: frozenset[frozenset[str]]
    instructions: Mapping[str, tuple[str, ...]]

    @functools.cached_property
    def _by_kind(self) -> Mapping[str, tuple[Noun, ...]]:
        kinds = sorted({kind for noun in self.nouns for kind in noun.means})
        return {kind: tuple(noun for noun in self.nouns if kind in noun.means) for kind in kinds}

    def names(self, kind: str) -> tuple[Noun, ...]:
        """Return the nouns that surely name a class, the usual one first."""
        return self._by_kind[kind]

    def usual(self, kind: str) -> Noun:
        """Return the noun of a class in captions."""
        return self.names(kind)[0]

    def adjective(self, material: str) -> str:
        """Return the adjective of a material."""
        return self.materials.get(material, material)

    def like(self, one: str, other: str) -> bool:
        """Whether two different colours or materials could be taken for each other."""
        pair = frozenset({one, other})
        return pair in SIMILAR_COLOURS or pair in self.similar_materials


@functools.cache
def lexicon() -> Lexicon:
    """Read the package's words."""
    data = tomllib.loads(resources.files(__package__).joinpath("lexicon.toml").read_text("utf-8"))
    return Lexicon(
        nouns=tuple(_noun(entry) for entry in data["nouns"]),
        parts={
            kind: PartWords(entry.get("colour", ""), entry["material"], entry["link"])
            for kind, entry in data["parts"].items()
        },
        colours=_tuples(data["colours"]),
        materials=data["materials"],
        stuff=_tuples(data["stuff"]),
        covering={name: _tuples(table) for name, table in data["covering"].items()},
        patterns=_tuples(data["patterns"]),
        similar_materials=frozenset(map(frozenset, data["similar"]["materials"])),
        instructions=_tuples(data["instructions"]),
    )


def _noun(entry: Mapping[str, Any]) -> Noun:
    text = entry["text"]
    paired = entry.get("paired", False)
    plural = text if paired else entry.get("plural", text + "s")
    return Noun(text, plural, tuple(entry.get("means", ())), tuple(entry.get("maybe", ())), paired)


def _tuples(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in table.items()}


def pick(rng: Rng, words: tuple[str, ...]) -> str:
    """Draw one of some words."""
    return words[int(rng.integers(len(words)))]


def article(phrase: str) -> str:
    """Return the phrase with its indefinite article; sounds follow letters for all words used here."""
    return f"{'an' if phrase[0].lower() in 'aeiou' else 'a'} {phrase}"
