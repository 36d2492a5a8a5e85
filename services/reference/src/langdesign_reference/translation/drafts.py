"""A noun phrase in the making, and how English writes it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice, product

from langdesign_reference.plan import MAX_ALTERNATIVES
from langdesign_reference.translation.english import indefinite, plural
from langdesign_reference.translation.vocabulary import Entry, Part

_SEVERAL = frozenset({"all the", "both", "some", "several", "many", "these", "those", "a pair of"})
_POINTING = frozenset({"another", "this", "that", "these", "those", "the other"})
_PLURAL_DETERMINERS = {"this": "these", "that": "those", "another": "other", "a": "some"}
_SINGULAR_DETERMINERS = {"these": "this", "those": "that", "many": "much"}
_PREPOSITIONS_BY_NOUN = {"on": r"\b(wall|ceiling|door|hook|rack|rod|floor|side)$", "at": r"\b(end|edge)$"}
_STANDING_ON = re.compile(r"on (?!the (far )?(left|right)\b)")
_FIXED = frozenset({"ceiling", "chimney", "hallway", "office", "stairs"})
"""Parts of a room, and rooms: none of them stands on something, and nobody moves them or brings one in."""
_HEX = re.compile("#?(?=.*[0-9])[0-9a-f]{6}|#[0-9a-f]{3}")


@dataclass(frozen=True)
class English:
    """A phrase in English.

    Attributes:
        text: The phrase; empty where a word is unknown.
        unknown: Words that could not be put into English, as written.
        part: What its head is; None of an empty phrase.
        determined: Whether it has an article or another determiner.
        noun: Its noun, in the singular; empty where it has none.
        others: The phrase by the other meanings of its nouns, up to `MAX_ALTERNATIVES`, the likelier first.

    """

    text: str
    unknown: tuple[str, ...] = ()
    part: Part | None = None
    determined: bool = False
    noun: str = ""
    others: tuple["English", ...] = ()

    def movable(self) -> "English":
        """Return the phrase of what stands loosely in a room: by a meaning that can, where it has one."""
        meant = [one for one in (self, *self.others) if one.noun.rpartition(" ")[2] not in _FIXED]
        return replace(meant[0], others=tuple(meant[1:])) if meant else self


@dataclass
class Draft:
    """A noun phrase in the making.

    Attributes:
        article: "the" or "a" where the phrase has no determiner; empty for none.
        quality: Whether it says how a thing is to be, so that articles of colours and styles are left out.
        determiner: In English; empty where there is none.
        many: Whether the determiner says that there are several.
        numeral: "two"; empty where there is none.
        modifiers: What stands before the noun, with its part.
        head: The noun; None where there is none.
        tail: What follows the noun, each by all that it may mean.
        unknown: Words without English, as written.
        degree: An adverb that waits for its adjective: "very".
        joins: A conjunction that waits for the second of two modifiers.
        loose: Whether a noun whose form does not tell is in the plural where nothing determines it.

    """

    article: str
    quality: bool = False
    determiner: str = ""
    many: bool = False
    numeral: str = ""
    modifiers: list[tuple[Part, str]] = field(default_factory=list)
    head: Entry | None = None
    tail: list[tuple[str, ...]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    degree: str = ""
    joins: str = ""
    loose: bool = False

    @property
    def started(self) -> bool:
        """Whether anything stands in it."""
        return bool(self.determiner or self.numeral or self.modifiers or self.head or self.tail)

    def determine(self, determiner: str, *, many: bool = False) -> None:
        """Set the determiner; a demonstrative replaces an article."""
        self.determiner = determiner
        self.many = self.many or many or determiner in _SEVERAL

    def count(self, numeral: str) -> None:
        """Set how many there are."""
        self.numeral = numeral
        self.many = self.many or numeral not in {"1", "one"}

    def modify(self, part: Part, text: str) -> None:
        """Put a word before the noun, with the adverb of degree said before it."""
        text = f"{self.degree} {text}".lstrip()
        self.degree = ""
        if part is Part.COLOUR and self.modifiers and text.endswith(f" {self.modifiers[-1][1]}"):
            self.modifiers.pop()  # "verde salvie" is "sage green"
        if self.joins and self.modifiers:
            before = self.modifiers.pop()[1]
            self.modifiers.append((part, f"{before} {self.joins} {text}"))
        else:
            self.modifiers.append((part, text))
        self.joins = ""

    def name(self, entry: Entry) -> None:
        """Set the noun; one that stood there already describes it."""
        if self.head is not None:
            self.modifiers.append((Part.ATTRIBUTE, self.head.modifier))
        if (Part.SIZE, "small") in self.modifiers:  # "kleine Tischchen"
            entry = entry.called(lambda name: name.removeprefix("small "))
        self.head = entry

    def follow(self, text: str) -> None:
        """Let a text follow the noun."""
        self.tail.append((text,))

    def take(self, phrase: English, write: Callable[[English], str]) -> None:
        """Let a phrase follow the noun, as it is written by each of its meanings."""
        self.unknown += phrase.unknown
        if not phrase.unknown and phrase.text:
            self.tail.append(tuple(map(write, (phrase, *phrase.others))))

    def english(self, *, ordered: bool) -> English:
        """Write the phrase; `ordered` says whether its modifiers stand in English order already."""
        if self.unknown:
            return English("", tuple(dict.fromkeys(self.unknown)))
        self.many = self.many or (self.loose and not self.determiner)
        meant = ((head, tail) for head in self._heads() for tail in product(*self.tail))
        first, *others = (
            replace(self, head=head)._written(tail, ordered=ordered)
            for head, tail in islice(meant, 1 + MAX_ALTERNATIVES)
        )
        phrase = replace(first, others=tuple(others))
        return phrase.movable() if self._is_movable() else phrase

    def _heads(self) -> list[Entry | None]:
        """Return the noun by each of its meanings."""
        if self.head is None:
            return [None]
        names = (self.head.english, *self.head.others)
        return [replace(self.head, english=name, others=()) for name in names]

    def _is_movable(self) -> bool:
        """Whether it is one of several, or on something: "eine Decke", "die Decke auf dem Bett"."""
        one_of_several = (self.determiner or self.article) == "a" or bool(self.numeral)
        return one_of_several or any(_STANDING_ON.match(texts[0]) for texts in self.tail)

    def _written(self, tail: tuple[str, ...], *, ordered: bool) -> English:
        modifiers = self.modifiers if ordered else sorted(self.modifiers, key=lambda one: one[0].value)
        several, head = self._head()
        degree = "" if self.modifiers else self.degree
        core = " ".join(" ".join([self.numeral, degree, *(text for _, text in modifiers), head]).split())
        determiner = self._determiner(several=several) if core or self.determiner else ""
        if determiner == "a" and core == "one":
            determiner = ""
        if determiner == "a" and core.startswith("other "):
            determiner, core = "another", core.removeprefix("other ")
        text = indefinite(core) if determiner == "a" and core else f"{determiner} {core}".strip()
        return English(
            " ".join([text, *tail]).strip(),
            part=self._part(),
            determined=bool(self.determiner),
            noun=self.head.english if self.head else "",
        )

    def _part(self) -> Part | None:
        """Return what the phrase is: of qualities a material, where one is among them, else the last."""
        if self.head is not None:
            return self.head.part
        parts = [part for part, _ in self.modifiers]
        return Part.MATERIAL if Part.MATERIAL in parts else parts[-1] if parts else None

    def shade(self, shade: str) -> bool:
        """Put a shade before the colour or material said last; return whether there is one."""
        if not self.modifiers or self.modifiers[-1][0] not in {Part.COLOUR, Part.MATERIAL}:
            return False
        part, text = self.modifiers.pop()
        self.modifiers.append((part, f"{shade} {text}"))
        return True

    def _head(self) -> tuple[bool, str]:
        """Return whether there are several, and the noun or what stands for it."""
        if self.head is None:
            if self.determiner == "all the" and not self.modifiers:
                self.determiner = ""
                return False, "everything"
            told = self.modifiers or self.tail or self.determiner in _POINTING
            stands_for_noun = self.determiner and told and not self.quality
            return self.many, ("ones" if self.many else "one") if stands_for_noun else ""
        if self.head.part is not Part.NOUN:
            return self.head.part is Part.PLURAL, self.head.english
        several = self.many if self.head.plural is None else self.head.plural
        return several, plural(self.head.english) if several else self.head.english

    def _determiner(self, *, several: bool) -> str:
        named = self.head is not None and self.head.part is not Part.MATERIAL
        counts = named and self.head is not None and self.head.part in {Part.NOUN, Part.PLURAL}
        if not self.determiner:
            bare = not named or (self.article == "a" and (several or bool(self.numeral) or not counts))
            return "" if bare else self.article
        if self.quality and not named:
            return ""
        if self.determiner == "a" and self.numeral:
            return ""
        if self.determiner == "a" and named and not counts:
            return "some"
        if self.determiner == "all the" and not several and self.head and self.head.part is Part.NOUN:
            return "the whole"
        table = _PLURAL_DETERMINERS if several else _SINGULAR_DETERMINERS
        return table.get(self.determiner, self.determiner)


def at(preposition: str, phrase: English) -> str:
    """Return the phrase behind its preposition: "by" a window, but "on" a wall."""
    if preposition == "by":
        fits = (one for one, nouns in _PREPOSITIONS_BY_NOUN.items() if re.search(nouns, phrase.noun))
        preposition = next(fits, preposition)
    return f"{preposition} {phrase.text}"


def literal(key: str) -> str:
    """Return what needs no dictionary: numbers and hexadecimal colours; empty for anything else."""
    if _HEX.fullmatch(key) and not key.isdigit():
        return f"#{key.removeprefix('#')}"
    return key if key.isdigit() else ""
