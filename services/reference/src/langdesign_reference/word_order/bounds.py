"""Where clauses start and end, for rules that move words within them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.words import PUNCTUATION, Word

Rule = Callable[[list[Word], Lexicon], list[Word]]
"""Puts the words of a sentence or clause in order."""


@dataclass(frozen=True)
class Order:
    """The rules of a language, one after another.

    Attributes:
        rules: Of every sentence.
        asked: Before those, of a sentence that ends with a question mark.
        told: Before those, of any other.

    """

    rules: tuple[Rule, ...]
    asked: tuple[Rule, ...] = ()
    told: tuple[Rule, ...] = ()


def said(word: Word, key: str) -> Word:
    """Return a word that was not said, in the place of one that was."""
    return Word(key, word.start, word.start, key)


def clause_start(words: Sequence[Word], index: int, lexicon: Lexicon, finite: frozenset[str]) -> int:
    """Return where the clause with its verb at `index` starts; "and" may join its subjects."""
    start = index
    while start > 0:
        before = words[start - 1].key
        if before in PUNCTUATION and not _in_relative_clause(words, start - 1, lexicon):
            return start
        if before in lexicon.words.conjunctions and _has_verb(words[: start - 1], lexicon, finite):
            return start
        start -= 1
    return 0


def _in_relative_clause(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a comma closes what only tells a thing apart: "the lamp, which stands there, ..."."""
    opening = next((i for i in range(index - 1, -1, -1) if words[i].key == ","), None)
    first = opening + 1 if opening is not None else index
    return opening is not None and words[first].key in lexicon.words.determiners and index - first > 1


def _has_verb(words: Sequence[Word], lexicon: Lexicon, finite: frozenset[str]) -> bool:
    last = next((i + 1 for i in range(len(words) - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
    part = words[last:]
    return any(word.key in finite for word in part) or bool(part and lexicon.verb_at(part, 0))


def clause_end(words: Sequence[Word], index: int, lexicon: Lexicon) -> int:
    """Return one past the clause that goes on at `index`: at punctuation or a conjunction before a verb."""
    for at in range(index, len(words)):
        if words[at].key in PUNCTUATION:
            return at
        joins = lexicon.words.conjunctions.length_at(words, at)
        if joins and at + joins < len(words) and lexicon.verb_at(words, at + joins):
            return at
    return len(words)


def exception_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "all but the plants in white" with what is excepted last: nothing else ends it."""
    marked = next((i for i in range(1, len(words)) if lexicon.keeping.markers.length_at(words, i)), None)
    if marked is None or words[marked - 1].key in PUNCTUATION:
        return words
    length = lexicon.keeping.markers.length_at(words, marked)
    end = next((i for i in range(marked, len(words)) if words[i].key in PUNCTUATION), len(words))
    for index in range(marked + length + 1, end):
        link = lexicon.prepositions.result.length_at(words, index)
        named = link or lexicon.noun_before(words, index)
        if named and all_attributes(words[index + link : end], lexicon):
            return [*words[:marked], *words[index:end], *words[marked:index], *words[end:]]
    return words


def by_clause(words: list[Word], lexicon: Lexicon, rule: Rule) -> list[Word]:
    """Apply a rule to each clause of a sentence: between commas, and from "and" before a verb."""
    found, start = list[Word](), 0
    for index in range(len(words) + 1):
        ends = index == len(words) or words[index].key == ","
        joins = 0 if ends else lexicon.words.conjunctions.length_at(words, index)
        if ends or (joins and lexicon.verb_at(words, index + joins)):
            found += [*rule(words[start:index], lexicon), *words[index : index + 1]]
            start = index + 1
    return found


def placed_new(words: list[Word], lexicon: Lexicon, verb: str) -> list[Word]:
    """Read "on the floor a rug, over the sofa a mirror" as putting each there."""
    found, start = list[Word](), 0
    for index in range(len(words) + 1):
        ends = index == len(words) or words[index].key == ","
        joins = not ends and words[index].key in lexicon.words.conjunctions
        if ends or (joins and _place_at(words, index + 1, lexicon)):
            found += [*_placed(words[start:index], lexicon, verb), *words[index : index + 1]]
            start = index + 1
    return found


def _placed(clause: list[Word], lexicon: Lexicon, verb: str) -> list[Word]:
    place = _place_at(clause, 0, lexicon)
    there = lexicon.words.places.length_at(clause, 0)
    if there and lexicon.words.indefinite.length_at(clause, there):  # "darüber zwei Bilder"
        return [said(clause[0], verb), *clause[there:], *clause[:there]]
    if not place or any(lexicon.verb_at(clause, i) for i in range(place, len(clause))):
        return clause
    for index in range(place + 1, len(clause)):
        new = lexicon.words.indefinite.length_at(clause, index)
        if new and (
            lexicon.noun_before(clause, index) or lexicon.words.pronouns.length_before(clause, index)
        ):
            return [said(clause[0], verb), *clause[index:], *clause[:index]]
    return clause


def _place_at(words: Sequence[Word], index: int, lexicon: Lexicon) -> int:
    """As `place_length`, of a word for a place before a new thing too: "darüber zwei Bilder"."""
    there = lexicon.words.places.length_at(words, index)
    new = lexicon.words.indefinite.length_at(words, index + there) > 0
    return place_length(words, index, lexicon) or (there if new else 0)


def place_length(words: Sequence[Word], index: int, lexicon: Lexicon) -> int:
    """Return the length of a preposition of place at `index`; 0 without one."""
    places = lexicon.prepositions
    return max(places.anchor.length_at(words, index), places.destination.length_at(words, index))


def dropped_rest(words: list[Word], lexicon: Lexicon, rest: frozenset[str]) -> list[Word]:
    """Return the words without a clause that only says that the rest stays."""
    start = 0
    for index in range(len(words) + 1):
        ends = index == len(words) or words[index].key in PUNCTUATION
        if not ends:
            continue
        clause = words[start:index]
        keeps = any(
            lexicon.keeping.verbs.length_at(clause, i) or lexicon.keeping.predicates.length_at(clause, i)
            for i in range(len(clause))
        )
        rested = next((i for i, word in enumerate(clause) if word.key in rest), None)
        of_all = rested is not None and not lexicon.noun_at(clause, rested + 1)  # not "the rest of the walls"
        of_all = of_all and not any(
            lexicon.words.of.length_at(clause, i) for i in range(rested or 0, len(clause))
        )
        if keeps and of_all and len(clause) < len(words):
            return words[: max(start - 1, 0)] + words[index + (start == 0) :]
        start = index + 1
    return words


def covered(words: list[Word], lexicon: Lexicon, verb: str, link: str) -> list[Word]:
    """Read "put wallpaper on the wall" as covering the wall with it, by a verb and a preposition."""
    found = lexicon.verb_at(words, 0) if words else None
    if not found or found[0] not in {"put", "add"}:
        return words
    start = found[1]
    index = next((i for i in range(start + 1, len(words) - 1) if place_length(words, i, lexicon)), None)
    if index is None:
        return words
    end = clause_end(words, index, lexicon)
    material, place = words[start:index], words[index + place_length(words, index, lexicon) : end]
    if not all_attributes(material, lexicon) or not lexicon.heads.structure.find(place):
        return words
    return [said(words[0], verb), *place, said(words[index], link), *material, *words[end:]]
