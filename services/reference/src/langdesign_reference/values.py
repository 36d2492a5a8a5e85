"""What something is made: where the value of a change starts, and what it means."""

from dataclasses import dataclass

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import direction_at, find, is_indefinite, trim
from langdesign_reference.plan import Operation
from langdesign_reference.words import PhraseSet, Words

_MEANINGS = {
    "removal": Operation.REMOVE,
    "colours": Operation.RECOLOUR,
    "materials": Operation.RESTYLE,
    "patterns": Operation.RESTYLE,
    "styles": Operation.RESTYLE,
    "lightness": Operation.RECOLOUR,
    "states": Operation.OTHER,
}


@dataclass(frozen=True)
class Split:
    """A thing and what it becomes; `linked` where a preposition or an article leads to the value."""

    theme: Words
    value: Words = ()
    link: Words = ()
    linked: bool = False


def split_value(words: Words, lexicon: Lexicon) -> Split:
    """Split "the brown couch cream", "the tub into a shower", "the table a rustic look" at the value."""
    found = (
        _leading(words, lexicon)
        or _after_pronoun(words, lexicon)
        or _seeming(words, lexicon)
        or _linked(words, lexicon)
        or _second_phrase(words, lexicon)
        or _suffix(words, lexicon)
    )
    return found or Split(words)


def _leading(words: Words, lexicon: Lexicon) -> Split | None:
    """Reads "aus dem Tisch einen Schrank": the source first."""
    source = lexicon.prepositions.made_from.length_at(words, 0)
    if not source:
        return None
    rest = words[source:]
    return _second_phrase(rest, lexicon) or Split(rest)


def _seeming(words: Words, lexicon: Lexicon) -> Split | None:
    """Reads "the photo look more professional"."""
    found = lexicon.attributes.seeming.find(words, 1)
    if not found or not trim(words[sum(found) :], lexicon):
        return None
    theme = words[: found[0]]
    like = lexicon.attributes.likeness.length_at(words, found[0])
    value = words[found[0] :] if like else words[sum(found) :]
    return Split(theme, value) if not lexicon.words.indefinite.find(theme) else None


def _after_pronoun(words: Words, lexicon: Lexicon) -> Split | None:
    """Reads "it pop": after a pronoun all else is a value."""
    length = lexicon.words.pronouns.length_at(words, 0)
    rest = words[length:]
    places = lexicon.prepositions
    linked = (
        places.anchor.length_at(rest, 0)
        or places.result.length_at(rest, 0)
        or places.source.length_at(rest, 0)
    )
    owned = lexicon.noun_at(rest, 0) or lexicon.adjectives.length_at(rest, 0)  # "this chair", "that old rug"
    seems = lexicon.attributes.seeming.length_at(rest, 0)
    if not length or owned or linked or seems or not trim_end(rest, lexicon):
        return None
    if lexicon.words.determiners.length_at(words, 0) and not all_attributes(rest, lexicon):  # "this zog blue"
        return None
    like = lexicon.attributes.likeness.length_at(rest, 0)
    compared = lexicon.attributes.more.length_at(rest, 0)
    return Split(words[:length], rest, linked=bool(like or (is_indefinite(rest, lexicon) and not compared)))


def _linked(words: Words, lexicon: Lexicon) -> Split | None:
    index = 1
    while found := find(words, lexicon.prepositions.result, lexicon, index):
        at, length = found
        value = words[at + length :]
        strong = lexicon.prepositions.strong_result.length_at(words, at) or _exchanges(
            words, at, length, lexicon
        )
        if strong or names_attribute(value, lexicon) or all_attributes(value, lexicon):
            return Split(without_former(words[:at], lexicon), value, words[at : at + length], bool(strong))
        index = at + length
    return None


def _exchanges(words: Words, at: int, length: int, lexicon: Lexicon) -> bool:
    """Reads "change the bath for a shower"."""
    places = lexicon.prepositions
    exchange = places.replacement.length_at(words, at) == length and not places.covering.length_at(words, at)
    return exchange and is_indefinite(words[at + length :], lexicon)


def without_former(words: Words, lexicon: Lexicon, *marks: PhraseSet) -> Words:
    """Drop what the thing was before: "the pillows from white", "stripes instead of dots"."""
    for former in marks or (lexicon.prepositions.source, lexicon.prepositions.instead):
        found = find(words, former, lexicon, 1)
        if found and all_attributes(words[sum(found) :], lexicon):
            return words[: found[0]]
    return words


def content_start(words: Words, lexicon: Lexicon) -> int:
    """Return the index of the first word after the determiners; "everything" is its own noun."""
    length = lexicon.words.determiners.length_at(words, 0)
    alone = lexicon.heads.whole.length_at(words, 0) == length == 1
    return 0 if alone else length or lexicon.words.indefinite.length_at(words, 0)


def _second_phrase(words: Words, lexicon: Lexicon) -> Split | None:
    for index in range(content_start(words, lexicon) + 1, len(words)):
        article = lexicon.words.indefinite.length_at(words, index)
        like = lexicon.attributes.likeness.length_at(words, index)
        if article and lexicon.words.pronouns.length_at(words, index):  # "the top one"
            described = lexicon.adjectives.length_at(words, index + 1) or lexicon.noun_at(words, index + 1)
            article = article if described else 0
        if (
            (article or like)
            and index + article < len(words)
            and not _after_preposition(words, index, lexicon)
        ):
            if like and (before := _suffix(words[:index], lexicon)):  # "the picture warmer, as if ..."
                return Split(before.theme, words[len(before.theme) :])
            compared = lexicon.attributes.more.length_at(words, index) > 0  # "a bit bigger"
            return Split(words[:index], words[index:], (), linked=not compared or like > 0)
    return None


def _after_preposition(words: Words, index: int, lexicon: Lexicon) -> bool:
    places = lexicon.prepositions
    kinds = (places.anchor, places.source, places.replacement, places.purpose, lexicon.words.of)
    return any(kind.length_before(words, index) for kind in kinds)


def _second_determiner(words: Words, index: int, lexicon: Lexicon) -> bool:
    first = lexicon.words.determiners.length_at(words, 0) or lexicon.words.pronouns.length_at(words, 0)
    starts = index >= first > 0 and lexicon.words.determiners.length_at(words, index) > 0
    return starts and not _after_preposition(words, index, lexicon)


def split_gift(words: Words, lexicon: Lexicon) -> Split:
    """Split "the chairs red cushions", "the sofa a rustic look" at what is given."""
    split = split_value(words, lexicon)
    start = content_start(words, lexicon) + 1
    if not lexicon.definite_by_article or split.link:
        second = None
    else:  # "give the bedroom the mood of a hotel"
        second = next((i for i in range(1, len(words)) if _second_determiner(words, i, lexicon)), None)
    if second:
        return Split(words[:second], words[second:], (), linked=True)
    marks = (i for i in range(start, len(words)) if lexicon.attribute_length(words, i))
    if split.value or (at := next(marks, None)) is None:
        return split
    return Split(words[:at], words[at:], (), linked=True)


def _suffix(words: Words, lexicon: Lexicon) -> Split | None:
    words = trim_end(words, lexicon)
    least = content_start(words, lexicon) + 1
    start, seen = len(words), False
    while start > least:
        length = lexicon.attribute_before(words, start)
        seen = seen or bool(length)
        length = max(length, lexicon.attributes.degrees.length_before(words, start))
        length = length or lexicon.attributes.more.length_before(words, start)
        if not length or start - length < least or lexicon.noun_before(words, start) > length:
            break
        start -= length
    if seen:
        return _unless_place(words, start, lexicon)
    return _more(words, least, lexicon) or _unknown(words, least, lexicon)


def trim_end(words: Words, lexicon: Lexicon) -> Words:
    """As `trim`, but "off" at the end stays where it is a state, not the particle of a verb."""
    trimmed = trim(words, lexicon)
    if not trimmed:
        return trimmed
    after = next(i for i, word in enumerate(words) if word is trimmed[-1]) + 1
    attributes = lexicon.attributes
    state = attributes.states.length_at(words, after) or attributes.removal.length_at(words, after)
    return [*trimmed, *words[after : after + state]]


def _unless_place(words: Words, start: int, lexicon: Lexicon) -> Split | None:
    """The split before `start`, unless a place stands there: in "the lamp on the left" nothing is a value."""
    direction = lexicon.prepositions.directions.length_before(words, len(words))
    if direction > len(words) - start and direction_at(words, len(words) - direction, lexicon):
        return None
    return Split(words[:start], words[start:])


def _more(words: Words, least: int, lexicon: Lexicon) -> Split | None:
    """Reads "more majestic" and other comparisons with a word in no list."""
    for index in range(least, len(words) - 1):
        if length := lexicon.attributes.more.length_at(words, index):
            while index > least and lexicon.attributes.degrees.length_before(words, index):
                index -= 1  # noqa: PLW2901 - "a bit more"
            return Split(words[:index], words[index:]) if length < len(words) - index else None
    return None


def _unknown(words: Words, least: int, lexicon: Lexicon) -> Split | None:
    """Reads a last word in no list after a noun that is known: "the wall greige"."""
    if len(words) - least < 1:
        return None
    end = len(words) - 1
    before = lexicon.noun_before(words, end)
    known = lexicon.noun_before(words, len(words)) or words[end].key in lexicon.vocabulary
    return Split(words[:end], words[end:]) if before and not known else None


def all_attributes(words: Words, lexicon: Lexicon) -> bool:
    """Whether the words only say how something is: "dark green", "of oak"."""
    trimmed = trim_end(words, lexicon)
    end = len(trimmed)
    seen = False
    while end > 0:
        length = lexicon.attribute_before(trimmed, end)
        seen = seen or bool(length)
        length = max(length, lexicon.attributes.degrees.length_before(trimmed, end))
        length = length or lexicon.attributes.more.length_before(trimmed, end)
        if not length:
            return False
        end -= length
    return seen


def names_attribute(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase names a material, pattern or style rather than a thing: "a floral pattern"."""
    return _head_kind(words, lexicon) in {"materials", "patterns", "style"}


def names_pattern(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase names a pattern or style: such is not added to a thing, the thing gets it."""
    return _head_kind(words, lexicon) in {"patterns", "style"}


def meaning(
    value: Words, lexicon: Lexicon, *, linked: bool, whole: bool, shines: bool = False
) -> tuple[Operation, bool]:
    """Return what it means to make something `value`, and whether its head is in a list.

    Args:
        value: What it becomes.
        lexicon: The language's words.
        linked: Whether a preposition or article led to it, so that an unknown head is another thing.
        whole: Whether the picture as a whole becomes it.
        shines: Whether it is a source of light.

    """
    head = _head_kind(value, lexicon)
    if whole and lexicon.heads.light.find(value):
        return Operation.OTHER, True
    if lexicon.attributes.likeness.length_at(value, 0) and (whole or not linked):
        kinds = {"states": Operation.OTHER, "colour": Operation.RECOLOUR}
        return kinds.get(head or "", Operation.RESTYLE), True
    if whole and (lexicon.heads.condition.find(value) or lexicon.heads.light.find(value)):
        return Operation.OTHER, True
    kind = head or _any_kind(value, lexicon)
    if kind == "lightness" and (whole or shines):
        return Operation.OTHER, True
    if whole and kind not in {"colours", "colour", "states", "removal"}:
        known = kind is not None
        compared = bool(lexicon.attributes.more.find(value))
        return Operation.RESTYLE, known or linked or compared
    if whole and kind == "colour" and not lexicon.attributes.colours.find(value):  # "more colour"
        return Operation.RESTYLE, True
    if kind in {"colour", "style"}:
        return (Operation.RECOLOUR if kind == "colour" else Operation.RESTYLE), True
    return _thing_meaning(value, head, kind, lexicon, linked=linked, whole=whole)


def _thing_meaning(
    value: Words, head: str | None, kind: str | None, lexicon: Lexicon, *, linked: bool, whole: bool
) -> tuple[Operation, bool]:
    thing = linked and lexicon.words.indefinite.length_at(value, 0) > 0
    if head is not None and not (thing and head in {"states", "styles"} and not whole):
        if head == "colours" and lexicon.attributes.making.find(value):
            return Operation.RESTYLE, True
        if head in {"lightness", "states"} and lexicon.attributes.colours.find(value):
            return Operation.RECOLOUR, True
        return _MEANINGS[head], True
    if linked:
        return Operation.REPLACE, True
    if kind is None and lexicon.attributes.more.find(value):
        return Operation.RESTYLE, False
    # What is in no list describes rather than it tells a state: "scholarly".
    return (_MEANINGS[kind], True) if kind in _MEANINGS else (Operation.RESTYLE, False)


def _head_kind(words: Words, lexicon: Lexicon) -> str | None:
    """The kind of the phrase's head: its last word before a preposition."""
    trimmed = trim_end(words, lexicon)
    cut = find(trimmed, lexicon.prepositions.anchor, lexicon, 1)
    head = trimmed[: cut[0]] if cut else trimmed
    of = lexicon.words.of.find(head, 1)
    noun = head[: of[0]] if of else head
    for kind in ("colour", "style"):
        heads = getattr(lexicon.heads, kind)
        if heads.length_before(noun, len(noun)) or heads.length_before(head, len(head)):
            return kind
    lengths = {kind: found.length_before(head, len(head)) for kind, found in lexicon.meanings.items()}
    best = max(lengths, key=lambda kind: lengths[kind])
    return best if lengths[best] else None


def _any_kind(words: Words, lexicon: Lexicon) -> str | None:
    for kind in ("colour", "style"):
        if getattr(lexicon.heads, kind).find(words):
            return kind
    return next((kind for kind, found in lexicon.meanings.items() if found.find(words)), None)
