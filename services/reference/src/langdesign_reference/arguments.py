"""Splits what follows a verb into its object and what the verb takes beside it."""

from langdesign_reference.frames import FRAMES, Part, Slot
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import Kind, find, is_indefinite, phrase, trim, without_directions
from langdesign_reference.plan import Relation
from langdesign_reference.values import split_gift, split_value, without_former, without_purpose
from langdesign_reference.words import Words


def take_apart(frame: str, words: Words, lexicon: Lexicon) -> Part:
    """Split what follows a verb into its object and what it takes beside it."""
    slot = FRAMES[frame].slot
    if slot not in {Slot.PLACE, Slot.GOAL}:  # "the lamp there"
        words = words if slot is Slot.VALUE else trim(words, lexicon)
        there = lexicon.words.places.length_before(words, len(words))
        words = words[: len(words) - there] if there < len(words) and there == 1 else words
        words = _pronoun_alone(words, lexicon)
    if slot in {Slot.PLACE, Slot.GOAL} and (there := lexicon.words.places.length_before(words, len(words))):
        words = [
            *trim(words[: len(words) - there], lexicon),
            *words[len(words) - there :],
        ]  # "eine Vase drauf"
        return _SPLITS[slot](words, lexicon)
    if slot is Slot.PLACE and lexicon.prepositions.anchor.length_at(words, 0):  # "pe pat o pătură"
        return _SPLITS[slot]([*words[:1], *trim(words[1:], lexicon)], lexicon)
    return _SPLITS[slot](trim(words, lexicon) if slot is not Slot.VALUE else words, lexicon)


def _pronoun_alone(words: Words, lexicon: Lexicon) -> Words:
    """Return the pronoun of "it behind a panel", else all."""
    length = lexicon.words.pronouns.length_at(words, 0)
    rest = words[length:]
    places = lexicon.prepositions
    linked = (
        places.result.length_at(rest, 0)
        or places.covering.length_at(rest, 0)
        or places.replacement.length_at(rest, 0)
    )
    return words[:length] if length and places.anchor.length_at(rest, 0) and not linked else words


def _nothing(words: Words, _: Lexicon) -> Part:
    return Part(words)


def _source(words: Words, lexicon: Lexicon) -> Part:
    found = source_of(words, lexicon)
    # "everything from the table" is told by its place.
    if found and phrase(words[: found[0]], lexicon).kind is not Kind.WHOLE:
        return Part(words[: found[0]], aside=words[sum(found) :])
    return Part(words)


def source_of(words: Words, lexicon: Lexicon) -> tuple[int, int] | None:
    """Find where something is taken from; a material ("aus Holz") is no place."""
    found = find(words, lexicon.prepositions.source, lexicon, 1)
    return None if found and all_attributes(words[sum(found) :], lexicon) else found


def split_place(words: Words, lexicon: Lexicon) -> Part:
    """Split "a lamp on the table", "over the bed three pictures"."""
    if (first := lexicon.prepositions.anchor.length_at(words, 0)) and len(words) > first + 1:
        for index in range(first + 1, len(words)):  # "over the bed three pictures"
            article = lexicon.words.indefinite.length_at(words, index)
            known = lexicon.words.determiners.length_at(words, index)
            if article > known or (article == known > 0 and lexicon.noun_at(words, index + article)):
                return Part(words[index:], words[first:index], words[:first])
    found = find(words, lexicon.prepositions.anchor, lexicon, 1)
    if found and _is_made(
        words, found, lexicon
    ):  # "a new sofa in green", "pictures in black frames on the wall"
        found = find(words, lexicon.prepositions.anchor, lexicon, sum(found))
    found = found or _for_spot(words, lexicon)
    if found and sum(found) == len(words):  # "a rug underneath"
        return Part(words[: found[0]], words[found[0] :], words[found[0] :])
    if found:
        new, place = words[: found[0]], words[sum(found) :]
        beside = next((i for i in range(2, len(place) - 1) if _goes_along(place, i, lexicon)), len(place))
        return Part([*new, *place[beside:]], place[:beside], words[found[0] : sum(found)])
    return _with_place_word(words, lexicon)


def _goes_along(words: Words, index: int, lexicon: Lexicon) -> bool:
    """Whether "with some books on it" starts: of the added thing, not of its place."""
    new = is_indefinite(words[index + 1 :], lexicon)
    return words[index].key == "with" and new


def _is_made(words: Words, found: tuple[int, int], lexicon: Lexicon) -> bool:
    """Whether what follows describes a new thing: "in grey wool", "in black frames on the wall"."""
    start = sum(found)
    if lexicon.prepositions.result.length_at(words, found[0]) != found[1]:
        return False
    place = find(words, lexicon.prepositions.anchor, lexicon, start + 1)
    aim = find(words, lexicon.prepositions.purpose, lexicon, start + 1)
    end = min((cut[0] for cut in (place, aim) if cut), default=len(words))
    if all_attributes(words[start:end], lexicon):
        return True
    placed = place is not None and lexicon.words.determiners.length_at(words, sum(place)) > 0
    return placed and lexicon.attribute_length(words, start) > 0


def _for_spot(words: Words, lexicon: Lexicon) -> tuple[int, int] | None:
    """Find the "for" of "a fern for the corner"."""
    found = find(words, lexicon.prepositions.purpose, lexicon, 1)
    return found if found and lexicon.heads.spots.find(words[sum(found) :]) else None


def _with_place_word(words: Words, lexicon: Lexicon) -> Part:
    """Read "the lamp daneben": a word that stands for a place."""
    found = lexicon.words.places.find(words, 1)
    if found:
        return Part(words[: found[0]], words[found[0] : sum(found)], words[found[0] : sum(found)])
    return Part(words)


def _goal(words: Words, lexicon: Lexicon) -> Part:
    found = _destination(words, lexicon)
    moved = words[: found[0]] if found else words
    moved = _without_measure(moved, lexicon) if found else moved
    source = source_of(moved, lexicon)
    moved = moved[: source[0]] if source else moved
    if found:
        return Part(moved, words[sum(found) :], words[found[0] : sum(found)])
    part = _with_place_word(moved, lexicon)
    if part.second:
        return part
    # A side where it goes; before a destination a side tells things apart: "the stool on the right".
    theme = without_directions(moved, lexicon)
    if source:
        return Part(theme, aside=words[sum(source) :])
    return Part(theme, words[len(theme) :] if len(theme) < len(words) else (), ())


def _without_measure(words: Words, lexicon: Lexicon) -> Words:
    """Drop how far something goes: "half a metre further"; in "the stool on the right" nothing is far."""
    far = lexicon.words.measures.length_before(words, len(words))
    rest = words[: len(words) - far]
    if not far or not rest or lexicon.words.determiners.length_before(rest, len(rest)):
        return words
    return _without_measure(rest, lexicon)


def _destination(words: Words, lexicon: Lexicon) -> tuple[int, int] | None:
    source = source_of(words, lexicon)
    found = find(words, lexicon.prepositions.destination, lexicon, 1)
    found = found or find(words, lexicon.prepositions.anchor, lexicon, 1)
    if source and found and found[0] <= source[0] < sum(found):
        strong = lexicon.prepositions.destination.length_at(words, found[0])
        return found if strong else None
    return found


def split_replacement(words: Words, lexicon: Lexicon) -> Part:
    """Split "the lamp with a candle"."""
    found = find(words, lexicon.prepositions.replacement, lexicon, 1)
    if not found:
        return Part(words)
    return Part(words[: found[0]], words[sum(found) :], words[found[0] : sum(found)], linked=True)


def _value(words: Words, lexicon: Lexicon) -> Part:
    if denied := _denied_value(words, lexicon):
        return denied
    words = without_former(words, lexicon, lexicon.prepositions.instead)
    words = without_purpose(words, lexicon)
    split = split_value(words, lexicon)
    value = split.value if not split.value else without_former(split.value, lexicon)
    return Part(split.theme, value, split.link, split.linked)


def _denied_value(words: Words, lexicon: Lexicon) -> Part | None:
    """Split "the bed not red", "the lamp not so bright": nothing says what else it should be."""
    found = lexicon.keeping.nots.find(words, 1)
    if not found or not all_attributes(words[sum(found) :], lexicon):
        return None
    thing = words[: found[0]]
    plain = bool(trim(thing, lexicon)) and not split_value(thing, lexicon).value
    return Part(thing, words[found[0] :]) if plain else None


def _gift(words: Words, lexicon: Lexicon) -> Part:
    split = split_gift(words, lexicon)
    return Part(split.theme, split.value, split.link, linked=True)


def _covering(words: Words, lexicon: Lexicon) -> Part:
    found = find(words, lexicon.prepositions.covering, lexicon, 1)
    if not found:
        return Part(words)
    return Part(words[: found[0]], words[sum(found) :], words[found[0] : sum(found)], linked=True)


def _purpose(words: Words, lexicon: Lexicon) -> Part:
    far = lexicon.words.measures.length_before(words, len(words))
    if far > 1 and far < len(words):  # "shrink the table by half"
        far += words[-far - 1].key == "by"
        return Part(words[:-far], words[-far:])
    made = find(words, lexicon.prepositions.result, lexicon, 1)
    if made and all_attributes(words[sum(made) :], lexicon):  # "frame the mirror in gold"
        return Part(words[: made[0]], words[sum(made) :], words[made[0] : sum(made)])
    found = lexicon.prepositions.purpose.find(words, 1)
    if not found:
        return Part(words)
    return Part(words[: found[0]], words[sum(found) :], words[found[0] : sum(found)])


_SPLITS = {
    Slot.NOTHING: _nothing,
    Slot.SOURCE: _source,
    Slot.PLACE: split_place,
    Slot.GOAL: _goal,
    Slot.REPLACEMENT: split_replacement,
    Slot.VALUE: _value,
    Slot.GIFT: _gift,
    Slot.COVERING: _covering,
    Slot.PURPOSE: _purpose,
}


def relation_of(link: Words, lexicon: Lexicon) -> Relation:
    """Return where a preposition puts a thing, seen from what follows it."""
    lengths = {name: found.length_before(link, len(link)) for name, found in lexicon.relations.sets()}
    name = max(lengths, key=lambda one: lengths[one])
    return Relation(name) if lengths[name] else Relation.UNSPECIFIED


def coordinate(words: Words, lexicon: Lexicon) -> list[Words]:
    """Cut "the bed, the lamp and a rug" at commas and conjunctions before a phrase, else not at all."""
    parts, start, index = list[Words](), 0, 1
    while index < len(words):
        after = index + (words[index].key == ",")
        after += lexicon.words.conjunctions.length_at(words, after)
        if after > index and after < len(words):
            noun = lexicon.noun_at(words, after) > lexicon.attribute_length(words, after)
            if lexicon.starts_phrase(words, after) or noun or not lexicon.definite_by_article:
                parts.append(words[start:index])
                start = index = after
        index += 1
    return [*parts, words[start:]]
