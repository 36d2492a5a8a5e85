"""The frames of verbs: how a verb takes its arguments, and what it asks for. One table, with a reason each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import (
    Kind,
    Phrase,
    find,
    is_definite,
    is_indefinite,
    names_noun,
    phrase,
    thing,
    trim,
    without_directions,
)
from langdesign_reference.plan import Operation, Relation, Role
from langdesign_reference.values import (
    all_attributes,
    meaning,
    names_attribute,
    names_pattern,
    split_gift,
    split_value,
    without_former,
)
from langdesign_reference.words import Word, Words


class Slot(Enum):
    """What a verb takes beside the thing that it acts on."""

    NOTHING = "nothing"
    SOURCE = "source"  # "remove the books from the shelf"
    PLACE = "place"  # "add a lamp on the table"
    GOAL = "goal"  # "move the lamp to the table"
    REPLACEMENT = "replacement"  # "replace the lamp with a candle"
    VALUE = "value"  # "make the lamp blue"
    GIFT = "gift"  # "give the lamp a shade"
    COVERING = "covering"  # "cover the wall with wallpaper"
    PURPOSE = "purpose"  # "open the door for light"


@dataclass(frozen=True)
class Frame:
    """How a verb takes its arguments.

    Attributes:
        operation: What it asks for; None where its value says.
        slot: What it takes beside its object.
        reason: Why it is a frame of its own.

    """

    operation: Operation | None
    slot: Slot
    reason: str


FRAMES = {
    "remove": Frame(Operation.REMOVE, Slot.SOURCE, "where a thing is taken from is no part of it"),
    "deny": Frame(
        Operation.REMOVE, Slot.SOURCE, "not wanted any more: what is asked for next comes in its place"
    ),
    "clear": Frame(None, Slot.SOURCE, "a desk that is cleared stays, dishes that are cleared go"),
    "adjust": Frame(Operation.OTHER, Slot.PURPOSE, "done to a picture: 'the picture' is the whole of it"),
    "shade": Frame(None, Slot.PURPOSE, "'lighten' is a colour of a thing, a state of the picture or a lamp"),
    "lift": Frame(None, Slot.GOAL, "a picture that is raised moves, blinds and ceilings change"),
    "take": Frame(
        Operation.REMOVE, Slot.GOAL, "taken away, unless it says where to: 'take the lamp to the bed'"
    ),
    "add": Frame(
        Operation.ADD, Slot.PLACE, "its object is not in the picture yet: what is named is the place"
    ),
    "put": Frame(None, Slot.PLACE, "'a lamp' is added, 'the lamp' is moved"),
    "move": Frame(
        Operation.MOVE, Slot.GOAL, "the last place is where it goes, an earlier one tells which thing"
    ),
    "replace": Frame(Operation.REPLACE, Slot.REPLACEMENT, "its second phrase is not in the picture yet"),
    "change": Frame(None, Slot.VALUE, "a colour, a material, a state or another thing: the value says which"),
    "recolour": Frame(Operation.RECOLOUR, Slot.VALUE, "paint is a colour, whatever its name"),
    "restyle": Frame(Operation.RESTYLE, Slot.VALUE, "a trade: its material may be left unsaid"),
    "other": Frame(Operation.OTHER, Slot.PURPOSE, "light, size, state, sharpness"),
    "give": Frame(None, Slot.GIFT, "a look is a style; a thing is an addition to the one who gets it"),
    "cover": Frame(None, Slot.COVERING, "'with wallpaper' is a style, 'with flowers' an addition"),
    "bare": Frame(None, Slot.VALUE, "without a verb: what is said of the thing tells"),
}


@dataclass(frozen=True)
class Part:
    """One object of a verb with what the verb takes beside it; `aside` is where it is taken from."""

    theme: Words
    second: Words = ()
    link: Words = ()
    linked: bool = False
    aside: Words = ()


@dataclass(frozen=True)
class Named:
    """A noun phrase with the part that it plays."""

    phrase: Phrase
    role: Role
    relation: Relation = Relation.UNSPECIFIED


@dataclass(frozen=True)
class Draft:
    """What one clause asks for, pronouns not resolved yet.

    Attributes:
        operation: What is to be done.
        named: The phrases, also those of the whole picture and pronouns.
        verb: The verb as said.
        value: As in `Asked`.
        link: As in `Asked`.
        guessed: Whether its value or theme is in no list.
        denied: Whether it says that something is not wanted, so that what follows replaces it.
        instead: Whether it says that it takes the place of what was named before.
        linked: Whether a preposition or article led to the value.
        wish: Whether it says how the picture as a whole should feel.
        aside: A phrase that a pronoun of place may mean: "off the counter and put a bowl on it".

    """

    operation: Operation
    named: tuple[Named, ...]
    verb: tuple[Word, ...] = ()
    value: tuple[Word, ...] = ()
    link: tuple[Word, ...] = ()
    guessed: bool = False
    denied: bool = False
    instead: bool = False
    linked: bool = False
    wish: bool = False
    aside: Phrase | None = None

    def of(self, *roles: Role) -> list[Named]:
        """Return what plays one of the roles."""
        return [one for one in self.named if one.role in roles]


def take_apart(frame: str, words: Words, lexicon: Lexicon) -> Part:
    """Split what follows a verb into its object and what it takes beside it."""
    slot = FRAMES[frame].slot
    if slot not in {Slot.PLACE, Slot.GOAL}:  # "the lamp there"
        there = lexicon.words.places.length_before(words, len(words))
        words = words[: len(words) - there] if there < len(words) else words
        words = _pronoun_alone(words, lexicon)
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


def _place(words: Words, lexicon: Lexicon) -> Part:
    if (first := lexicon.prepositions.anchor.length_at(words, 0)) and len(words) > first + 1:
        for index in range(first + 1, len(words)):  # "over the bed three pictures"
            if lexicon.words.indefinite.length_at(words, index) > lexicon.words.determiners.length_at(
                words, index
            ):
                return Part(words[index:], words[first:index], words[:first])
    found = find(words, lexicon.prepositions.anchor, lexicon, 1)
    if found and sum(found) == len(words):  # "a rug underneath"
        return Part(words[: found[0]], words[found[0] :], words[found[0] :])
    if found:
        return Part(words[: found[0]], words[sum(found) :], words[found[0] : sum(found)])
    return _with_place_word(words, lexicon)


def _with_place_word(words: Words, lexicon: Lexicon) -> Part:
    """Reads "the lamp daneben": a word that stands for a place."""
    found = lexicon.words.places.find(words, 1)
    if found:
        return Part(words[: found[0]], words[found[0] : sum(found)], words[found[0] : sum(found)])
    return Part(words)


def _goal(words: Words, lexicon: Lexicon) -> Part:
    found = _destination(words, lexicon)
    moved = words[: found[0]] if found else words
    source = source_of(moved, lexicon)
    moved = moved[: source[0]] if source else moved
    if found:
        return Part(moved, words[sum(found) :], words[found[0] : sum(found)])
    part = _with_place_word(moved, lexicon)
    if part.second:
        return part
    # A side where it goes; before a destination a side tells things apart: "the stool on the right".
    theme = without_directions(moved, lexicon)
    return Part(theme, words[len(theme) :] if len(theme) < len(words) else (), ())


def _destination(words: Words, lexicon: Lexicon) -> tuple[int, int] | None:
    source = source_of(words, lexicon)
    found = find(words, lexicon.prepositions.destination, lexicon, 1)
    found = found or find(words, lexicon.prepositions.anchor, lexicon, 1)
    if source and found and found[0] <= source[0] < sum(found):
        strong = lexicon.prepositions.destination.length_at(words, found[0])
        return found if strong else None
    return found


def _replacement(words: Words, lexicon: Lexicon) -> Part:
    found = find(words, lexicon.prepositions.replacement, lexicon, 1)
    if not found:
        return Part(words)
    return Part(words[: found[0]], words[sum(found) :], words[found[0] : sum(found)], linked=True)


def _value(words: Words, lexicon: Lexicon) -> Part:
    words = without_former(words, lexicon, lexicon.prepositions.instead)
    split = split_value(words, lexicon)
    value = split.value if not split.value else without_former(split.value, lexicon)
    return Part(split.theme, value, split.link, split.linked)


def _gift(words: Words, lexicon: Lexicon) -> Part:
    split = split_gift(words, lexicon)
    return Part(split.theme, split.value, split.link, linked=True)


def _covering(words: Words, lexicon: Lexicon) -> Part:
    found = find(words, lexicon.prepositions.covering, lexicon, 1)
    if not found:
        return Part(words)
    return Part(words[: found[0]], words[sum(found) :], words[found[0] : sum(found)], linked=True)


def _purpose(words: Words, lexicon: Lexicon) -> Part:
    found = lexicon.prepositions.purpose.find(words, 1)
    if not found:
        return Part(words)
    return Part(words[: found[0]], words[sum(found) :], words[found[0] : sum(found)])


_SPLITS = {
    Slot.NOTHING: _nothing,
    Slot.SOURCE: _source,
    Slot.PLACE: _place,
    Slot.GOAL: _goal,
    Slot.REPLACEMENT: _replacement,
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


def interpret(frame: str, verb: Words, themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Say what a verb with its objects asks for.

    Args:
        frame: How the verb is used.
        verb: The verb as said.
        themes: Its objects.
        part: The last of its objects with what it takes beside it.
        lexicon: The language's words.

    """
    draft = _MEANINGS[frame](themes, part, lexicon)
    aside = phrase(part.aside, lexicon) if part.aside else None
    return replace(draft, verb=tuple(verb), link=draft.link or tuple(part.link), aside=aside)


def _named(words: Words, role: Role, lexicon: Lexicon, link: Words = ()) -> Named:
    found = thing(words, lexicon) if role is Role.TARGET else phrase(words, lexicon)
    return Named(found, role, relation_of(link, lexicon) if role is Role.ANCHOR else Relation.UNSPECIFIED)


def _plain(themes: Sequence[Words], lexicon: Lexicon, role: Role = Role.TARGET) -> tuple[Named, ...]:
    return tuple(Named(phrase(theme, lexicon), role) for theme in themes)


def _anchors(part: Part, lexicon: Lexicon) -> tuple[Named, ...]:
    """The places of a part: two of "between"; "there" is a pronoun."""
    if not trim(part.second, lexicon) and not lexicon.words.places.length_at(part.second, 0):
        return ()
    if part.link and part.link == part.second:
        return (
            Named(Phrase(Kind.PRONOUN, tuple(part.second)), Role.ANCHOR, relation_of(part.link, lexicon)),
        )
    pieces = coordinate(part.second, lexicon)
    found = (_named(one, Role.ANCHOR, lexicon, part.link) for one in pieces)
    return tuple(one for one in found if one.phrase.kind is not Kind.NOTHING)


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


def _remove(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    found = (phrase(theme, lexicon) for theme in themes)  # "everything" is a thing where it goes
    things = (replace(one, kind=Kind.THING) if one.kind is Kind.WHOLE else one for one in found)
    return Draft(Operation.REMOVE, tuple(Named(one, Role.TARGET) for one in things))


def _clear(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Reads "clear the desk", which stays, and "clear the dishes", which do not."""
    head = trim(themes[-1], lexicon)
    place = (
        lexicon.heads.surfaces.length_before(head, len(head)) or phrase(head, lexicon).kind is Kind.PRONOUN
    )
    return _other(themes, Part(themes[-1]), lexicon) if place else _remove(themes, part, lexicon)


def _take(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    places = lexicon.prepositions.destination
    goes = part.second and places.length_at(part.link, 0) == len(part.link) > 0
    if goes:
        return _move(themes, part, lexicon)
    whole = [*themes[:-1], _whole_theme(part)]
    return _remove([take_apart("remove", theme, lexicon).theme for theme in whole], part, lexicon)


def _whole_theme(part: Part) -> Words:
    return [*part.theme, *part.link, *part.second] if part.link else part.theme


def _add(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    anchors = _anchors(part, lexicon)
    value = tuple(themes[0]) if len(themes) == 1 else _spanning(themes)
    if anchors and all(one.phrase.kind is Kind.WHOLE for one in anchors):
        anchors = ()
        uncounted = lexicon.attributes.more.length_at(value, 0) or lexicon.words.some.length_at(value, 0)
        if uncounted and not lexicon.noun_before(value, len(value)):  # "some Christmas spirit into the room"
            return Draft(meaning(value, lexicon, linked=True, whole=True)[0], (), value=value, wish=True)
    if anchors and names_pattern(themes[-1], lexicon):  # "polka dots on the lampshade"
        targets = tuple(Named(one.phrase, Role.TARGET) for one in anchors)
        return Draft(Operation.RESTYLE, targets, value=value)
    vague = lexicon.words.some.length_at(value, 0) and not lexicon.noun_before(value, len(value))
    if not anchors and (vague or feels(value, lexicon)):  # "add some warmth", "a touch of Paris"
        operation, _ = meaning(value, lexicon, linked=False, whole=True)
        return Draft(operation, (), value=value, wish=True)
    link = tuple(part.link) if anchors else ()
    return Draft(Operation.ADD, anchors, value=tuple(trim(value, lexicon)), link=link)


def feels(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase names no thing, but how a picture is: "some warmth", "more light", "character"."""
    if phrase(words, lexicon).kind is Kind.WHOLE:
        return True
    rest = trim(words[lexicon.words.indefinite.length_at(words, 0) :], lexicon)
    placed = find(rest, lexicon.prepositions.anchor, lexicon, 1)
    rest = rest[: placed[0]] if placed else rest
    heads = (lexicon.heads.condition, lexicon.heads.style, lexicon.attributes.styles, lexicon.heads.colour)
    return any(head.length_before(rest, len(rest)) for head in heads) and not lexicon.noun_before(
        rest, len(rest)
    )


def _spanning(themes: Sequence[Words]) -> tuple[Word, ...]:
    joined = list[Word]()
    for number, theme in enumerate(themes):
        if number:
            last = theme[0].start
            joined.append(Word("and" if number == len(themes) - 1 else ",", last, last, "and"))
        joined += theme
    return tuple(joined)


def _put(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    first = themes[0]
    covered = trim(part.second, lexicon)
    if names_attribute(first, lexicon) and lexicon.heads.structure.length_before(covered, len(covered)):
        return Draft(
            Operation.RESTYLE, _plain([part.second], lexicon), value=tuple(first)
        )  # "put tiles on the wall"
    if not is_definite(first, lexicon):
        return _add(themes, part, lexicon)
    moved = _move(themes, part, lexicon)
    goes = (
        moved.of(Role.ANCHOR) or lexicon.prepositions.directions.find(part.theme) is not None or part.second
    )
    return moved if goes else replace(moved, operation=Operation.OTHER)


def _move(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    targets = tuple(_named(theme, Role.TARGET, lexicon) for theme in themes)
    if is_indefinite(themes[0], lexicon) and part.link:  # "bring a chair to the table"
        return _add(themes, part, lexicon)
    whole = all(one.phrase.kind is Kind.WHOLE for one in targets)
    anchors = _anchors(part, lexicon) if part.link else ()
    operation = Operation.OTHER if whole else Operation.MOVE
    value = () if part.link else tuple(part.second)
    return Draft(operation, (*targets, *anchors), value=value)


def _replace(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    attribute = attribute_of(themes[0], lexicon)
    value = tuple(trim(part.second, lexicon))
    if attribute:
        return Draft(attribute[0], _plain([attribute[1], *themes[1:]], lexicon), value=value)
    return Draft(Operation.REPLACE, _plain(themes, lexicon), value=value)


def attribute_of(words: Words, lexicon: Lexicon) -> tuple[Operation, Words] | None:
    """Reads "the colour of the sofa", "the sofa's colour": the operation, and the thing."""
    kinds = {"colour": Operation.RECOLOUR, "style": Operation.RESTYLE}
    skip = lexicon.words.determiners.length_at(words, 0)
    for kind, operation in kinds.items():
        heads = getattr(lexicon.heads, kind)
        length = heads.length_at(words, skip)
        rest = words[skip + length :]
        link = lexicon.words.of.length_at(rest, 0) or lexicon.prepositions.value_for.length_at(rest, 0)
        if length and rest and (link or not lexicon.definite_by_article):
            return operation, rest[link:]
        before = heads.length_before(words, len(words))
        if before and lexicon.words.possessive.length_before(words, len(words) - before):
            return operation, words[: len(words) - before - 1]
    return None


def _change(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Reads "make A and B white", "turn A into B", "change the colour of A to B", "A should be B"."""
    value = tuple(trim_value(part.second, lexicon))
    attribute = attribute_of(themes[0], lexicon)
    if attribute:
        return Draft(attribute[0], _plain([attribute[1], *themes[1:]], lexicon), value=value)
    named = _plain(themes, lexicon)
    if not value:
        return Draft(Operation.OTHER, named, guessed=True)
    whole = all(one.phrase.kind in {Kind.WHOLE, Kind.PRONOUN} for one in named)
    operation, known = meaning(
        value, lexicon, linked=part.linked, whole=whole, shines=_shines(themes, lexicon)
    )
    if operation is Operation.REPLACE and not names_noun(value, lexicon) and _are_areas(themes, lexicon):
        operation = Operation.RESTYLE  # "turn the corner into a hideaway"
    return Draft(operation, named, value=value, guessed=not known, linked=part.linked)


def for_thing(draft: Draft, meant: Sequence[Phrase], lexicon: Lexicon) -> Draft:
    """Return the draft of a pronoun that turned out to mean a thing: "darker" is a colour then."""
    shines = _shines([one.words for one in meant], lexicon)
    operation, known = meaning(draft.value, lexicon, linked=draft.linked, whole=False, shines=shines)
    return replace(draft, operation=operation, guessed=not known)


def trim_value(words: Words, lexicon: Lexicon) -> Words:
    """Return a value without punctuation at its ends."""
    return trim(words, lexicon) or words


def _are_areas(themes: Sequence[Words], lexicon: Lexicon) -> bool:
    for theme in themes:
        placed = find(theme, lexicon.prepositions.anchor, lexicon, 1)
        head = trim(theme[: placed[0]] if placed else theme, lexicon)
        if not lexicon.heads.areas.length_before(head, len(head)):
            return False
    return True


def _shines(themes: Sequence[Words], lexicon: Lexicon) -> bool:
    for theme in themes:
        found = find(theme, lexicon.prepositions.anchor, lexicon, 1)
        head = theme[: found[0]] if found else trim(theme, lexicon)
        if lexicon.heads.light.length_before(head, len(head)):
            return True
    return False


def _recolour(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    if is_indefinite(themes[0], lexicon) and not part.second:  # "paint a picture on the wall"
        return _add(
            [take_apart("add", themes[0], lexicon).theme], take_apart("add", themes[0], lexicon), lexicon
        )
    return Draft(Operation.RECOLOUR, _plain(themes, lexicon), value=tuple(trim_value(part.second, lexicon)))


def _restyle(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    second, theme = part.second, themes[-1]
    if not second and (found := _replacement(theme, lexicon)).second:
        themes, second = [*themes[:-1], found.theme], found.second
    return Draft(Operation.RESTYLE, _plain(themes, lexicon), value=tuple(trim_value(second, lexicon)))


def _other(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    placed = _place(themes[0], lexicon)
    if is_indefinite(themes[0], lexicon) and placed.second:  # "light a fire in the fireplace"
        anchors = _anchors(placed, lexicon)
        targets = tuple(Named(one.phrase, Role.TARGET) for one in anchors)
        return Draft(Operation.OTHER, targets, value=tuple(placed.theme))
    value = tuple(trim(part.second, lexicon))
    bare = [theme[lexicon.words.determiners.length_at(theme, 0) :] for theme in themes]
    if all(
        lexicon.attributes.styles.length_at(theme, 0) == len(theme) > 0 for theme in bare
    ):  # "turn up the glamour"
        return Draft(Operation.RESTYLE, (), value=tuple(themes[0]), wish=True)
    named = tuple(_named(theme, Role.TARGET, lexicon) for theme in themes)
    return Draft(Operation.OTHER, named, value=value)


def _adjust(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    return Draft(Operation.OTHER, _plain(themes, lexicon), value=tuple(trim(part.second, lexicon)))


def _shade(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    draft = _adjust(themes, part, lexicon)
    whole = all(one.phrase.kind is Kind.WHOLE for one in draft.named)
    changed = Operation.OTHER if whole or _shines(themes, lexicon) else Operation.RECOLOUR
    return replace(draft, operation=changed)


def _lift(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    head = trim(themes[-1], lexicon)
    if not part.link and lexicon.heads.adjustable.length_before(head, len(head)):
        return _other(themes, Part(themes[-1]), lexicon)
    return _move(themes, part, lexicon)


def _give(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Reads "give the sofa a rustic look", "give the sofa some cushions"."""
    value = tuple(trim(part.second, lexicon))
    named = _plain(themes, lexicon)
    whole = all(one.phrase.kind is Kind.WHOLE for one in named)
    operation, known = meaning(value, lexicon, linked=True, whole=whole)
    if operation is Operation.REPLACE and not names_noun(value, lexicon):
        operation = Operation.RESTYLE  # "give the nook some magic": what is no thing that is known is a look
    if operation is Operation.REPLACE:
        anchors = tuple(Named(one.phrase, Role.ANCHOR) for one in named)
        return Draft(Operation.ADD, anchors, value=value)
    return Draft(operation, named, value=value, guessed=not known)


def _cover(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Reads "cover the wall with wallpaper" (a style), "fill the vase with flowers" (an addition)."""
    value = tuple(trim(part.second, lexicon))
    named = _plain(themes, lexicon)
    if value and meaning(value, lexicon, linked=True, whole=False)[0] in {
        Operation.RESTYLE,
        Operation.RECOLOUR,
    }:
        return Draft(Operation.RESTYLE, named, value=value)
    if all(one.phrase.kind is Kind.WHOLE for one in named):
        return Draft(Operation.RESTYLE, named, value=value)
    anchors = tuple(Named(one.phrase, Role.ANCHOR, Relation.ON) for one in named)
    return Draft(Operation.ADD, anchors, value=value)


_MEANINGS = {
    "remove": _remove,
    "deny": _remove,
    "clear": _clear,
    "adjust": _adjust,
    "shade": _shade,
    "lift": _lift,
    "take": _take,
    "add": _add,
    "put": _put,
    "move": _move,
    "replace": _replace,
    "change": _change,
    "recolour": _recolour,
    "restyle": _restyle,
    "other": _other,
    "give": _give,
    "cover": _cover,
    "bare": _change,
}
