"""Words of a context in one form each, so that texts can be compared: "gray" is "grey", a "couch" a sofa."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .context import Context

LOOKS = ("colour", "material", "pattern")
THING = "thing"

_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_SILENT = frozenset({"a", "an", "the", "and"})
_LIST = re.compile(r"[,;.]| and ")
_GROUND = re.compile(r" (?:on|against|before|in front of) (?=[^,]*\b(?:background|backdrop)\b)")
_RELATION = frozenset(
    (
        "next",
        "beside",
        "near",
        "above",
        "below",
        "on",
        "under",
        "over",
        "behind",
        "between",
        "by",
        "at",
        "across",
    )
)
_POSITION = frozenset(
    (
        "left",
        "right",
        "closest",
        "nearest",
        "farthest",
        "furthest",
        "middle",
        "other",
        "second",
        "last",
        "front",
    )
)
_IRREGULAR = ("ss", "us", "is")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words of one context."""

    forms: Mapping[
        tuple[str, ...], str
    ]  # phrase to token, such as ("coffee", "table") to "thing:coffee table"
    longest: int  # words of the longest phrase

    def tokens(self, text: str) -> list[str]:
        """Return a text's words, each in one form; articles and "and" go.

        A word of the ontology comes as "CLASS:NAME", where CLASS is thing, colour, material or pattern.
        """
        words = [word for word in _WORD.findall(text.lower()) if word not in _SILENT]
        return list(self._matched(words))

    def _matched(self, words: Sequence[str]) -> Iterator[str]:
        at = 0
        while at < len(words):
            for length in range(min(self.longest, len(words) - at), 0, -1):
                token = self.forms.get(tuple(words[at : at + length]))
                if token:
                    yield token
                    at += length
                    break
            else:
                yield _singular(words[at])
                at += 1

    def phrases(self, caption: str) -> list[set[str]]:
        """Return what a caption lists, the tokens of each thing together."""
        text = _GROUND.sub(", ", caption.lower())
        first, _, rest = text.partition(" with ")
        named = {one.split(":")[0] for one in self.tokens(first)}
        parts = _LIST.split(text) if THING in named or not rest else [first, *_LIST.split(rest)]
        return [set(self.tokens(part)) for part in parts if part.strip()]

    def head(self, expression: str) -> str:
        """Return the token of what an expression is about; "" of an empty one."""
        tokens = self.named_by(expression)
        things = [token for token in tokens if class_of(token) == THING]
        return things[0] if things else tokens[-1] if tokens else ""

    def named_by(self, expression: str) -> list[str]:
        """Return the tokens by which an expression names a thing, without those that say where it is."""
        kept: list[str] = []
        for token in self.tokens(expression):
            if kept and token in _RELATION:
                break
            if token not in _POSITION:
                kept.append(token)
        return kept

    def names(self, caption: str, expression: str) -> bool:
        """Whether a caption names what an expression refers to, with all that it says of it."""
        wanted = set(self.named_by(expression)) - {"with", "in"}
        return bool(wanted) and any(wanted <= phrase for phrase in self.phrases(caption))

    def excludes(self, caption: str, expression: str) -> bool:
        """Whether a caption shows nothing that an expression could mean.

        A thing of the same kind is allowed where the caption says another colour, material or pattern of it.
        """
        head, wanted = self.head(expression), self.named_by(expression)
        same = [phrase for phrase in self.phrases(caption) if head in phrase]
        return all(_contradicts(phrase, wanted) for phrase in same)


def class_of(token: str) -> str:
    """Return "thing", "colour", "material" or "pattern"; "" of a word that the context does not know."""
    return token.partition(":")[0] if ":" in token else ""


def _contradicts(phrase: set[str], wanted: Sequence[str]) -> bool:
    for look in LOOKS:
        asked = {token for token in wanted if class_of(token) == look}
        told = {token for token in phrase if class_of(token) == look}
        if asked and told and not asked & told:
            return True
    return False


@lru_cache(maxsize=16)
def vocabulary(context: Context) -> Vocabulary:
    """Return the words of a context."""
    forms: dict[tuple[str, ...], str] = {}
    for text, token in _known(context):
        words = tuple(word for word in _WORD.findall(text.lower()) if word not in _SILENT)
        forms.setdefault(words, token)
    return Vocabulary(forms, max(map(len, forms)))


def _known(context: Context) -> Iterator[tuple[str, str]]:
    ontology = context.ontology
    nouns = {name: (*thing.nouns, thing.plural) for name, thing in ontology.things.items()}
    materials = {name: (name, one.adjective, *one.stuff) for name, one in ontology.materials.items()}
    patterns = {name: (name, *one.marks) for name, one in ontology.patterns.items()}
    yield from _forms(THING, nouns)
    yield from _forms(THING, {noun: (noun, f"{noun}s") for noun in ontology.strangers})
    yield from _forms("colour", ontology.colours)
    yield from _forms("material", materials)
    yield from _forms("pattern", {**patterns, "plain": ("plain",)})
    yield "backdrop", "background"


def _forms(kind: str, words: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    yield from ((word, f"{kind}:{name}") for name, known in words.items() for word in known)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(_IRREGULAR) else word
