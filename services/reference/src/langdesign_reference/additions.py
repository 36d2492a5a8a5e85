"""Says what an addition asks for: the thing that is not there yet, and its place."""

from collections.abc import Sequence

from langdesign_reference.arguments import coordinate, relation_of
from langdesign_reference.frames import Draft, Named, Part
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import meaning, names_pattern
from langdesign_reference.phrases import Kind, Phrase, find, phrase, thing, trim
from langdesign_reference.plan import Operation, Relation, Role
from langdesign_reference.words import Word, Words


def named_as(words: Words, role: Role, lexicon: Lexicon, link: Words = ()) -> Named:
    """Return a phrase with its part; what is moved or removed is a thing, also "the picture"."""
    found = thing(words, lexicon) if role is Role.TARGET else phrase(words, lexicon)
    return Named(found, role, relation_of(link, lexicon) if role is Role.ANCHOR else Relation.UNSPECIFIED)


def plain(themes: Sequence[Words], lexicon: Lexicon, role: Role = Role.TARGET) -> tuple[Named, ...]:
    """Return phrases with one part, as they are."""
    return tuple(Named(phrase(theme, lexicon), role) for theme in themes)


def anchors_of(part: Part, lexicon: Lexicon) -> tuple[Named, ...]:
    """Return the places of a part: two of "between"; "there" is a pronoun."""
    if not trim(part.second, lexicon) and not lexicon.words.places.length_at(part.second, 0):
        return ()
    if part.link and part.link == part.second:
        return (
            Named(Phrase(Kind.PRONOUN, tuple(part.second)), Role.ANCHOR, relation_of(part.link, lexicon)),
        )
    pieces = coordinate(part.second, lexicon)
    found = (named_as(one, Role.ANCHOR, lexicon, part.link) for one in pieces)
    return tuple(one for one in found if one.phrase.kind is not Kind.NOTHING)


def add_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "add a lamp on the table", "add some warmth"."""
    anchors = anchors_of(part, lexicon)
    value = tuple(themes[0]) if len(themes) == 1 else _spanning([one for one in themes if one])
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
