"""Noun phrases within a clause: trimmed, coordinated, and told apart from the picture as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from langdesign_reference.clauses import skip_conjunction
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import PUNCTUATION, PhraseSet, Word


class Kind(Enum):
    """What a noun phrase is."""

    THING = 1
    WHOLE = 2  # the room, the picture, the style...
    PRONOUN = 3
    NOTHING = 4


@dataclass(frozen=True)
class Phrase:
    """A trimmed noun phrase."""

    kind: Kind
    words: tuple[Word, ...]


def trim(words: Sequence[Word], lexicon: Lexicon) -> Sequence[Word]:
    """Return the words without punctuation, politeness and particles at the ends."""
    start, end = 0, len(words)
    while start < end and (
        words[start].key in PUNCTUATION or lexicon.words["leading"].length_at(words, start)
    ):
        start += max(1, lexicon.words["leading"].length_at(words, start))
    while start < end:
        length = (
            1 if words[end - 1].key in PUNCTUATION else lexicon.words["closers"].length_before(words, end)
        )
        if not length or end - length < start:
            break
        end -= length
    return words[start:end]


def phrase(words: Sequence[Word], lexicon: Lexicon) -> Phrase:
    """Trim the words and tell what kind of noun phrase they are."""
    trimmed = tuple(trim(words, lexicon))
    if not trimmed or lexicon.words["conjunctions"].length_at(trimmed, 0):  # "... the above and ..."
        return Phrase(Kind.NOTHING, ())
    if lexicon.words["pronouns"].length_at(trimmed, 0) == len(trimmed):
        return Phrase(Kind.PRONOUN, trimmed)
    return Phrase(Kind.WHOLE if _is_whole(trimmed, lexicon) else Kind.THING, trimmed)


def thing(words: Sequence[Word], lexicon: Lexicon) -> Phrase:
    """As `phrase`, where it must be a thing: the "picture" that one moves hangs on a wall."""
    found = phrase(words, lexicon)
    last = lexicon.heads["ambiguous"].length_before(found.words, len(found.words))
    ambiguous = last and not lexicon.words["of"].find(found.words)
    return Phrase(Kind.THING, found.words) if ambiguous and found.kind is Kind.WHOLE else found


def _is_whole(words: Sequence[Word], lexicon: Lexicon) -> bool:
    whole = lexicon.heads["global"]
    for index in range(len(words)):
        length = whole.length_at(words, index)
        rest = index + length
        if length and (
            rest == len(words) or (_links(words, rest, lexicon) and _is_whole(words[rest + 1 :], lexicon))
        ):
            return True
        # Words in front of the noun: "the whole living room".
        if not any(lexicon.words[k].length_at(words, index) for k in ("determiners", "indefinite", "whole")):
            return False
    return False


def _links(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    return lexicon.words["of"].length_at(words, index) == 1


def is_definite(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether a phrase names something that is there already."""
    if lexicon.words["determiners"].length_at(words, 0) or lexicon.words["pronouns"].length_at(words, 0):
        return True
    return not lexicon.definite_by_article and not lexicon.words["indefinite"].length_at(words, 0)


def find(
    words: Sequence[Word], phrases: PhraseSet, lexicon: Lexicon, start: int = 0
) -> tuple[int, int] | None:
    """Find the first preposition of `phrases` as (index, length).

    It is no mere direction ("on the left") and no part of a longer preposition ("to" in "next to").
    """
    index = start
    while index < len(words):
        direction = _direction_at(words, index, lexicon)
        kinds = (kind for name, kind in lexicon.prepositions.items() if name != "directions")
        longest = max(kind.length_at(words, index) for kind in kinds)
        if longest > direction and phrases.length_at(words, index) == longest:
            return index, longest
        index += max(1, longest, direction)
    return None


def _direction_at(words: Sequence[Word], index: int, lexicon: Lexicon) -> int:
    """Return the length of a direction at `index`; 0 where a noun follows that it would describe."""
    length = lexicon.prepositions["directions"].length_at(words, index)
    after = index + length
    if not length or after >= len(words) or words[after].key in PUNCTUATION:
        return length
    followers = [lexicon.words["conjunctions"], lexicon.words["closers"], *lexicon.prepositions.values()]
    return length if any(kind.length_at(words, after) for kind in followers) else 0


def without_directions(words: Sequence[Word], lexicon: Lexicon) -> Sequence[Word]:
    """Return the words up to a direction at their end: "the lamp to the left" is "the lamp"."""
    trimmed = trim(words, lexicon)
    length = lexicon.prepositions["directions"].length_before(trimmed, len(trimmed))
    return without_directions(trimmed[:-length], lexicon) if length else trimmed


def coordinate(words: Sequence[Word], lexicon: Lexicon) -> list[Sequence[Word]]:
    """Cut "the bed, the lamp and a rug" into parts, but neither "black and white" nor "between A and B"."""
    parts: list[Sequence[Word]] = []
    start, index = 0, 1
    while index < len(words):
        after = skip_conjunction(words, index, lexicon)
        if index < after < len(words) and _part_starts(words, start, index, after, lexicon):
            parts.append(words[start:index])
            start, index = after, after
        index += 1
    return [*parts, words[start:]]


def _part_starts(words: Sequence[Word], start: int, index: int, after: int, lexicon: Lexicon) -> bool:
    between = lexicon.words["between"].find(words[start:index])
    if between is not None and not any(
        lexicon.words["conjunctions"].length_at(words, i) for i in range(start + between[0], index)
    ):
        return False
    return lexicon.starts_phrase(words, after) or not lexicon.attribute_length(words, after)
