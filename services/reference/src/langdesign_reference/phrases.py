"""Noun phrases: trimmed, told apart from the picture as a whole, and the prepositions between them."""

from dataclasses import dataclass
from enum import Enum

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import PUNCTUATION, PhraseSet, Word, Words


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


def trim(words: Words, lexicon: Lexicon) -> Words:
    """Return the words without punctuation, politeness and particles at the ends."""
    start, end = 0, len(words)
    while start < end:
        length = 1 if words[start].key in PUNCTUATION else lexicon.words.leading.length_at(words, start)
        if not length:
            break
        start += length
    start += _strange_at(words[start:end], lexicon)
    while start < end:
        length = 1 if words[end - 1].key in PUNCTUATION else lexicon.words.closers.length_before(words, end)
        if not length or end - length < start or _told_by_verb(words[start:end], lexicon):
            break
        end -= length
    return words[start:end]


def _told_by_verb(words: Words, lexicon: Lexicon) -> bool:
    """Whether a verb at the end belongs to what tells a thing apart: "the corner where the desks are"."""
    where = lexicon.prepositions.where.find(words, 1)
    return where is not None and lexicon.statements.verbs.length_before(words, len(words)) > 0


def _strange_at(words: Words, lexicon: Lexicon) -> int:
    """Return how many words of no meaning stand before a determiner: "innit the lamp"."""
    if not lexicon.definite_by_article or lexicon.verb_final:
        return 0
    for index in range(min(3, len(words))):
        if lexicon.words.determiners.length_at(words, index):
            return index
        if words[index].key in lexicon.vocabulary or words[index].key in PUNCTUATION:
            return 0
        if lexicon.words.possessive.length_at(words, index + 1):
            return 0
    return 0


def phrase(words: Words, lexicon: Lexicon) -> Phrase:
    """Trim the words and tell what kind of noun phrase they are."""
    trimmed = tuple(trim(words, lexicon))
    if not trimmed or lexicon.words.conjunctions.length_at(trimmed, 0):  # "... the above and ..."
        return Phrase(Kind.NOTHING, ())
    if is_pronoun(trimmed, lexicon):
        return Phrase(Kind.PRONOUN, trimmed)
    person = lexicon.statements.persons.length_at(trimmed, 0) == len(trimmed)
    if person and trimmed[0].key not in lexicon.keeping.everything:  # "make my guests feel welcome"
        return Phrase(Kind.WHOLE, trimmed)
    new = is_indefinite(trimmed, lexicon) and _is_ambiguous(trimmed, lexicon)  # "a picture"
    return Phrase(Kind.WHOLE if _is_whole(trimmed, lexicon) and not new else Kind.THING, trimmed)


def thing(words: Words, lexicon: Lexicon) -> Phrase:
    """As `phrase`, where it must be a thing: the "picture" that one moves hangs on a wall."""
    found = phrase(words, lexicon)
    whole = found.kind is Kind.WHOLE and _is_ambiguous(found.words, lexicon)
    return Phrase(Kind.THING, found.words) if whole else found


def _is_ambiguous(words: Words, lexicon: Lexicon) -> bool:
    """Whether the last word names the whole picture or a thing in it: "picture", "light"."""
    last = lexicon.heads.ambiguous.length_before(words, len(words))
    return bool(last) and not lexicon.words.of.find(words)


def is_pronoun(words: Words, lexicon: Lexicon) -> bool:
    """Whether the words are a pronoun and nothing else."""
    return bool(words) and lexicon.words.pronouns.length_at(words, 0) == len(words)


def _is_whole(words: Words, lexicon: Lexicon) -> bool:
    function = lexicon.words
    if function.whole.length_at(words, 0) == len(words) == function.determiners.length_at(words, 0):
        return True  # "all"
    index = 0
    while index < len(words):
        length = lexicon.heads.whole.length_at(words, index)
        rest = index + length
        if length and (rest == len(words) or _tells_whole(words, rest, lexicon)):
            return True
        # Words in front of the noun: "the whole living room".
        step = max(
            kind.length_at(words, index)
            for kind in (function.determiners, function.indefinite, function.whole)
        )
        if not step and not lexicon.heads.ambiguous.length_before(words, len(words)):  # "my boring bedroom"
            step = max(lexicon.adjectives.length_at(words, index), lexicon.attribute_length(words, index))
        if not step:
            return False
        index += step
    return False


def _tells_whole(words: Words, rest: int, lexicon: Lexicon) -> bool:
    """Whether what follows a noun of the whole names the whole too: "the style of the room"."""
    link = lexicon.words.of.length_at(words, rest) or lexicon.prepositions.anchor.length_at(words, rest)
    return bool(link) and _is_whole(words[rest + link :], lexicon)


def is_definite(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase names something that is there already."""
    function = lexicon.words
    if is_pronoun(words, lexicon):
        return True
    definite, indefinite = function.determiners.length_at(words, 0), function.indefinite.length_at(words, 0)
    if function.pronouns.length_at(words, 0) > indefinite or definite > indefinite:
        return True
    if indefinite:
        return False
    owned = function.possessive.find(words[:4])  # "granny's chair"
    return owned is not None or not lexicon.definite_by_article


def is_indefinite(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase visibly names something new: "a lamp"."""
    return bool(lexicon.words.indefinite.length_at(words, 0)) and not (
        lexicon.words.determiners.length_at(words, 0) > lexicon.words.indefinite.length_at(words, 0)
    )


def find(words: Words, phrases: PhraseSet, lexicon: Lexicon, start: int = 0) -> tuple[int, int] | None:
    """Find the first preposition of `phrases` as (index, length).

    It is no mere direction ("on the left") and no part of a longer preposition ("to" in "next to").
    """
    index = start
    while index < len(words):
        direction = direction_at(words, index, lexicon)
        longest = lexicon.joining.length_at(words, index)
        if longest > direction and phrases.length_at(words, index) == longest:
            return index, longest
        index += max(1, longest, direction)
    return None


def direction_at(words: Words, index: int, lexicon: Lexicon) -> int:
    """Return the length of a direction at `index`; 0 where a noun follows that it would describe."""
    length = lexicon.prepositions.directions.length_at(words, index)
    after = index + length
    if not length or after >= len(words) or words[after].key in PUNCTUATION:
        return length
    function = lexicon.words
    followers = [function.conjunctions, function.closers, function.indefinite]
    follows = lexicon.joining.length_at(words, after) or any(one.length_at(words, after) for one in followers)
    return length if follows else 0


def without_directions(words: Words, lexicon: Lexicon) -> Words:
    """Return the words up to a direction at their end: "the lamp to the left" is "the lamp"."""
    trimmed = trim(words, lexicon)
    length = lexicon.prepositions.directions.length_before(trimmed, len(trimmed))
    if not length or length == len(trimmed):
        return trimmed
    rest = trimmed[:-length]
    return without_directions(rest[: len(rest) - _distance_before(rest, lexicon)], lexicon)


def _distance_before(words: Words, lexicon: Lexicon) -> int:
    """Return the length of a number with its unit at the end: "20 cm"."""
    if len(words) < 3 or not words[-2].key[0].isdigit():
        return 0
    return 2 if lexicon.attributes.degrees.length_before(words, len(words)) else 0


def starts_with_preposition(words: Words, lexicon: Lexicon) -> int:
    """Return the length of a preposition of place in front; 0 without one."""
    places = lexicon.prepositions
    return max(places.anchor.length_at(words, 0), places.destination.length_at(words, 0))


def names_noun(words: Words, lexicon: Lexicon) -> bool:
    """Whether a noun that is known stands in the phrase before any preposition."""
    end = find(words, lexicon.prepositions.anchor, lexicon, 1)
    part = words[: end[0]] if end else words
    return any(lexicon.noun_at(part, index) for index in range(len(part)))
