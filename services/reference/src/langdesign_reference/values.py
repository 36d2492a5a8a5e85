"""What something is made: where the value of a change starts, and what it means."""

from dataclasses import dataclass

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes, names_attribute, trim_end
from langdesign_reference.phrases import direction_at, find, is_indefinite, names_noun, trim
from langdesign_reference.words import PhraseSet, Word, Words


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
        _of_person(words, lexicon)
        or _leading(words, lexicon)
        or _after_pronoun(words, lexicon)
        or _seeming(words, lexicon)
        or _as_much(words, lexicon)
        or _accompanied(words, lexicon)
        or _linked(words, lexicon)
        or _second_phrase(words, lexicon)
        or _suffix(words, lexicon)
    )
    return found or Split(words)


def _leading(words: Words, lexicon: Lexicon) -> Split | None:
    """Read "aus dem Tisch einen Schrank": the source first."""
    source = lexicon.prepositions.made_from.length_at(words, 0)
    if not source:
        return None
    rest = words[source:]
    return _second_phrase(rest, lexicon) or Split(rest)


def _of_person(words: Words, lexicon: Lexicon) -> Split | None:
    """Read "people want to stay": what people are to do is how the room should be."""
    person = lexicon.statements.persons.length_at(words, 0)
    owned = lexicon.words.possessive.length_at(words, person) or lexicon.noun_at(words, person)
    if (
        not person
        or owned
        or lexicon.keeping.everything.length_at(words, 0)
        or not trim(words[person:], lexicon)
    ):
        return None
    seems = lexicon.attributes.seeming.length_at(words, person) == 1
    return Split(words[:person], words[person + seems :])


def _seeming(words: Words, lexicon: Lexicon) -> Split | None:
    """Read "the photo look more professional"."""
    found = lexicon.attributes.seeming.find(words, 1)
    if not found or not trim(words[sum(found) :], lexicon):
        return None
    theme = words[: found[0]]
    like = lexicon.attributes.likeness.length_at(words, found[0])
    value = words[found[0] :] if like else words[sum(found) :]
    return Split(theme, value) if not lexicon.words.indefinite.find(theme) else None


def _after_pronoun(words: Words, lexicon: Lexicon) -> Split | None:
    """Read "it pop": after a pronoun all else is a value."""
    length = lexicon.words.pronouns.length_at(words, 0)
    if lexicon.words.determiners.length_at(words, 0) > length:  # "one of them"
        return None
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


def _as_much(words: Words, lexicon: Lexicon) -> Split | None:
    """Read "the lamp as tall as the shelf"."""
    for index in range(1, len(words) - 2):
        described = lexicon.attribute_length(words, index + 1)
        if words[index].key == words[min(index + 1 + described, len(words) - 1)].key == "as" and described:
            return Split(words[:index], words[index:])
    return None


def _accompanied(words: Words, lexicon: Lexicon) -> Split | None:
    """Read "the bed red with soft light", "the bed red in a cosy style": what goes with a value."""
    for index in range(content_start(words, lexicon) + 2, len(words) - 1):
        if goes_along(words, index, lexicon) and (before := _suffix(words[:index], lexicon)):
            known = all_attributes(before.value, lexicon)
            return Split(before.theme, words[len(before.theme) :]) if known else None
    return None


def goes_along(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether a preposition stands at `index` before what is no thing of the room's: "with soft light"."""
    length = lexicon.prepositions.covering.length_at(words, index)
    return length > 0 and not lexicon.words.determiners.length_at(words, index + length)


def _linked(words: Words, lexicon: Lexicon) -> Split | None:
    index = 1
    while found := find(words, lexicon.prepositions.result, lexicon, index):
        at, length = found
        value = words[at + length :]
        like = next((i for i in range(1, at) if lexicon.attributes.likeness.length_at(words, i) > 1), None)
        if like is not None:  # "somewhere I want to work"
            return None
        if lexicon.attributes.likeness.length_at(words, at) > length:  # "to match the walls"
            return Split(words[:at], words[at:], linked=True)
        strong = lexicon.prepositions.strong_result.length_at(words, at) or _exchanges(
            words, at, length, lexicon
        )
        value = _without_head(value, lexicon)
        if strong or names_attribute(value, lexicon) or all_attributes(value, lexicon):
            return Split(without_former(words[:at], lexicon), value, words[at : at + length], bool(strong))
        index = at + length
    return None


def _without_head(value: Words, lexicon: Lexicon) -> Words:
    """Return "green" of "the colour green"."""
    article = lexicon.words.determiners.length_at(value, 0)
    head = lexicon.heads.colour.length_at(value, article)
    named = value[article + head :]
    return named if head and all_attributes(named, lexicon) else value


def _exchanges(words: Words, at: int, length: int, lexicon: Lexicon) -> bool:
    """Read "change the bath for a shower"."""
    places = lexicon.prepositions
    exchange = places.replacement.length_at(words, at) == length and not places.covering.length_at(words, at)
    return exchange and is_indefinite(words[at + length :], lexicon)


def without_purpose(words: Words, lexicon: Lexicon) -> Words:
    """Drop what for, where that is no thing in a room: "the table for dinner", "festive for Christmas"."""
    found = lexicon.words.aims.find(words, 1)
    if not found or sum(found) >= len(words):
        return words
    rest = words[sum(found) :]
    named = lexicon.starts_phrase(rest, 0) or names_noun(rest, lexicon) or lexicon.attribute_length(rest, 0)
    return words if named else words[: found[0]]


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
    every = max(lexicon.heads.whole.length_at(words, 0), lexicon.words.whole.length_at(words, 0))
    alone = every == length == 1 and lexicon.noun_at(words, 1) == 0
    return 0 if alone else length or lexicon.words.indefinite.length_at(words, 0)


def _second_phrase(words: Words, lexicon: Lexicon) -> Split | None:
    for index in range(content_start(words, lexicon) + 1, len(words)):
        article = lexicon.words.indefinite.length_at(words, index)
        if (
            article
            and lexicon.attributes.degrees.length_at(words, index + article)
            and _is_number(words[index])
        ):
            continue  # "2 metres wide"
        like = lexicon.attributes.likeness.length_at(words, index)
        if article and lexicon.attributes.more.length_before(words, index + article) > article:
            continue  # "mai puțin întunecată"
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


def _is_number(word: Word) -> bool:
    return word.key[0].isdigit()


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
        more = lexicon.attributes.more.length_before(words, start)
        length = max(length, more) if more > 1 or not length else length
        length = length or int(seen and _goes_with_value(words, start, lexicon))
        if not length or start - length < least or lexicon.noun_before(words, start) > length:
            break
        start -= length
    if seen:
        return _unless_place(words, start, lexicon)
    return _more(words, least, lexicon) or _unknown(words, least, lexicon)


def _goes_with_value(words: Words, end: int, lexicon: Lexicon) -> bool:
    """Whether a number or a name stands before a value: "2 metres wide", "Hague blue"."""
    word = words[end - 1]
    if word.key[0].isdigit():
        return True
    return word.text[:1].isupper() and word.start > 0 and not lexicon.noun_before(words, end)


def _unless_place(words: Words, start: int, lexicon: Lexicon) -> Split | None:
    """Return the split before `start`, unless a place stands there: "the lamp on the left" has no value."""
    theme = words[:start]
    article = lexicon.words.determiners.length_before(theme, start)
    if article and lexicon.prepositions.anchor.length_before(
        theme, start - article
    ):  # "light in the evening"
        return None
    direction = lexicon.prepositions.directions.length_before(words, len(words))
    if direction > len(words) - start and direction_at(words, len(words) - direction, lexicon):
        return None
    return Split(words[:start], words[start:])


def _more(words: Words, least: int, lexicon: Lexicon) -> Split | None:
    """Read "more majestic" and other comparisons with a word in no list."""
    for index in range(least, len(words) - 1):
        if length := lexicon.attributes.more.length_at(words, index):
            while index > least and lexicon.attributes.degrees.length_before(words, index):
                index -= 1  # noqa: PLW2901 - "a bit more"
            return Split(words[:index], words[index:]) if length < len(words) - index else None
    return None


def _unknown(words: Words, least: int, lexicon: Lexicon) -> Split | None:
    """Read a last word in no list after a noun that is known: "the wall greige"."""
    if len(words) - least < 1:
        return None
    end = len(words) - 1
    before = lexicon.noun_before(words, end)
    known = lexicon.noun_before(words, len(words)) or words[end].key in lexicon.vocabulary
    return Split(words[:end], words[end:]) if before and not known else None
