"""Says what a verb of change asks for: colours, materials, states."""

from collections.abc import Sequence
from dataclasses import replace

from langdesign_reference.additions import add_draft, anchors_of, named_as, plain
from langdesign_reference.arguments import split_place, split_replacement, take_apart
from langdesign_reference.frames import AVOIDED, Draft, Named, Part
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes, meaning, names_attribute, trim_end
from langdesign_reference.phrases import Kind, Phrase, find, is_definite, is_indefinite, names_noun, trim
from langdesign_reference.plan import Operation, Relation, Role
from langdesign_reference.words import Word, Words


def attribute_of(words: Words, lexicon: Lexicon) -> tuple[Operation, Words] | None:
    """Read "the colour of the sofa", "the sofa's colour": the operation, and the thing."""
    kinds = {"colour": Operation.RECOLOUR, "style": Operation.RESTYLE}
    words = trim(words, lexicon)
    skip = lexicon.words.determiners.length_at(words, 0)
    for kind, operation in kinds.items():
        heads = getattr(lexicon.heads, kind)
        length = heads.length_at(words, skip)
        rest = words[skip + length :]
        link = lexicon.words.of.length_at(rest, 0) or lexicon.prepositions.value_for.length_at(rest, 0)
        if length and rest and (link or not lexicon.definite_by_article):
            return operation, rest[link:]
        named = lexicon.attributes.colours.length_at(words, skip)
        after = skip + named
        if kind == "colour" and named and (of := lexicon.words.of.length_at(words, after)):
            return operation, words[after + of :]  # "the brown of the door"
        before = heads.length_before(words, len(words))
        if before and lexicon.words.possessive.length_before(words, len(words) - before):
            return operation, words[: len(words) - before - 1]
    return None


def change_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "make A and B white", "turn A into B", "change the colour of A to B", "A should be B"."""
    value = tuple(trim_value(part.second, lexicon))
    if denied := lexicon.keeping.nots.length_at(value, 0) or int(bool(value) and value[0].key == AVOIDED):
        return _avoiding(themes, replace(part, second=value[denied:]), lexicon)
    attribute = attribute_of(themes[0], lexicon)
    if attribute:
        return Draft(attribute[0], plain([attribute[1], *themes[1:]], lexicon), value=value)
    named = plain(themes, lexicon)
    if not value:
        return _turned(themes, lexicon) or Draft(Operation.OTHER, named, guessed=True)
    whole = all(one.phrase.kind in {Kind.WHOLE, Kind.PRONOUN} for one in named)
    operation, known = meaning(
        value, lexicon, linked=part.linked, whole=whole, shines=_shines(themes, lexicon)
    )
    if operation is Operation.REPLACE and not names_noun(value, lexicon) and _are_areas(themes, lexicon):
        operation = Operation.RESTYLE  # "turn the corner into a hideaway"
    return Draft(operation, named, value=value, guessed=not known, linked=part.linked)


def _avoiding(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "the walls should not be so white" (less so), "make the bed not red" (another colour)."""
    less = lexicon.words.excess.length_at(part.second, 0)
    value = part.second[less:]
    draft = change_draft(themes, replace(part, second=value), lexicon)
    if less and draft.value:
        return replace(draft, value=(Word("less", value[0].start, value[0].start, "less"), *draft.value))
    return replace(draft, avoided=bool(draft.value))


def _turned(themes: Sequence[Words], lexicon: Lexicon) -> Draft | None:
    """Read "turn the armchair to face the window"."""
    goes = take_apart("move", themes[-1], lexicon)
    if not lexicon.prepositions.facing.length_at(goes.link, 0):
        return None
    targets = plain([*themes[:-1], goes.theme], lexicon)
    return Draft(Operation.MOVE, (*targets, *anchors_of(goes, lexicon)), link=tuple(goes.link))


def for_thing(draft: Draft, meant: Sequence[Phrase], lexicon: Lexicon) -> Draft:
    """Return the draft of a pronoun that turned out to mean a thing: "darker" is a colour then."""
    shines = _shines([one.words for one in meant], lexicon)
    operation, known = meaning(draft.value, lexicon, linked=draft.linked, whole=False, shines=shines)
    return replace(draft, operation=operation, guessed=not known)


def trim_value(words: Words, lexicon: Lexicon) -> Words:
    """Return a value without punctuation at its ends."""
    return trim_end(words, lexicon) or words


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


def recolour_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "paint the wall blue", "paint a picture on the wall"."""
    if is_indefinite(themes[0], lexicon) and not part.second:  # "paint a picture on the wall"
        return add_draft(
            [take_apart("add", themes[0], lexicon).theme], take_apart("add", themes[0], lexicon), lexicon
        )
    value = tuple(trim_value(part.second, lexicon))
    denied = lexicon.keeping.nots.length_at(value, 0)  # "paint it any colour but white"
    return Draft(Operation.RECOLOUR, plain(themes, lexicon), value=value[denied:], avoided=denied > 0)


def restyle_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "tile the floor with terrazzo"."""
    second, theme = part.second, themes[-1]
    if not second and (found := split_replacement(theme, lexicon)).second:
        themes, second = [*themes[:-1], found.theme], found.second
    return Draft(Operation.RESTYLE, plain(themes, lexicon), value=tuple(trim_value(second, lexicon)))


def other_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "open the door", "light a fire in the fireplace"."""
    placed = split_place(themes[0], lexicon)
    if is_indefinite(themes[0], lexicon) and placed.second:  # "light a fire in the fireplace"
        anchors = anchors_of(placed, lexicon)
        targets = tuple(Named(one.phrase, Role.TARGET) for one in anchors)
        return Draft(Operation.OTHER, targets, value=tuple(placed.theme))
    value = tuple(trim(part.second, lexicon))
    if added := adding_draft(themes, part, lexicon):
        return added
    bare = [theme[lexicon.words.determiners.length_at(theme, 0) :] for theme in themes]
    if all(
        lexicon.attributes.styles.length_at(theme, 0) == len(theme) > 0 for theme in bare
    ):  # "turn up the glamour"
        return Draft(Operation.RESTYLE, (), value=tuple(themes[0]), wish=True)
    named = tuple(named_as(theme, Role.TARGET, lexicon) for theme in themes)
    if (
        value
        and lexicon.prepositions.strong_result.length_at(part.link, 0)
        and all_attributes(value, lexicon)
    ):
        operation, known = meaning(value, lexicon, linked=False, whole=False)  # "sand it to bare wood"
        return Draft(operation, named, value=value, guessed=not known)
    return Draft(Operation.OTHER, named, value=value)


def enliven_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "liven up the corner with a plant" (an addition), "spruce up the sofa" (another look)."""
    if added := adding_draft(themes, part, lexicon):
        return added
    draft, head = restyle_draft(themes, part, lexicon), trim(themes[-1], lexicon)
    if lexicon.heads.condition.length_before(head, len(head)):  # "do something about the mess"
        return replace(draft, operation=Operation.OTHER)
    return draft


def adding_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft | None:
    """Read "round off the room with a plant": what is done with a new thing adds that."""
    value = trim(part.second, lexicon)
    linked = lexicon.prepositions.covering.length_at(part.link, 0) == len(part.link) > 0
    if not linked or not names_noun(value, lexicon) or names_attribute(value, lexicon):
        return None
    if is_definite(value, lexicon) or all_attributes(value, lexicon):
        return None
    return Draft(Operation.ADD, _laden(themes, lexicon), value=tuple(value))


def _laden(themes: Sequence[Words], lexicon: Lexicon) -> tuple[Named, ...]:
    """Return the things that something is put on, or into where they are a part of the room."""
    anchors = []
    for one in plain(themes, lexicon, Role.ANCHOR):
        inside = lexicon.heads.areas.length_before(one.phrase.words, len(one.phrase.words))
        if one.phrase.kind is not Kind.WHOLE:
            anchors.append(replace(one, relation=Relation.INSIDE if inside else Relation.ON))
    return tuple(anchors)


def adjust_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "sharpen the picture"."""
    if added := adding_draft(themes, part, lexicon):
        return added
    return Draft(Operation.OTHER, plain(themes, lexicon), value=tuple(trim(part.second, lexicon)))


def shade_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "lighten the floor" (a colour), "darken the room" (a state)."""
    draft = adjust_draft(themes, part, lexicon)
    whole = all(one.phrase.kind is Kind.WHOLE for one in draft.named)
    changed = Operation.OTHER if whole or _shines(themes, lexicon) else Operation.RECOLOUR
    return replace(draft, operation=changed)


def give_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "give the sofa a rustic look", "give the sofa some cushions"."""
    value = tuple(trim(part.second, lexicon))
    named = plain(themes, lexicon)
    whole = all(one.phrase.kind is Kind.WHOLE for one in named)
    operation, known = meaning(value, lexicon, linked=True, whole=whole)
    if value and value[-1].key in lexicon.words.proforms and not whole:
        anchors = tuple(Named(one.phrase, Role.ANCHOR) for one in named)
        return Draft(Operation.ADD, anchors, value=value)  # "no handles, give them wooden ones"
    if operation is Operation.REPLACE and lexicon.heads.condition.length_before(value, len(value)):
        operation = Operation.OTHER  # "the curtains could use a wash"
    if operation is Operation.REPLACE and not names_noun(value, lexicon):
        operation = Operation.RESTYLE  # "give the nook some magic": what is no thing that is known is a look
    if operation is Operation.REPLACE:
        anchors = tuple(Named(one.phrase, Role.ANCHOR) for one in named)
        return Draft(Operation.ADD, anchors, value=value)
    return Draft(operation, named, value=value, guessed=not known)


def cover_draft(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "cover the wall with wallpaper" (a style), "fill the vase with flowers" (an addition)."""
    value = tuple(trim(part.second, lexicon))
    named = plain(themes, lexicon)
    if value and meaning(value, lexicon, linked=True, whole=False)[0] in {
        Operation.RESTYLE,
        Operation.RECOLOUR,
    }:
        return Draft(Operation.RESTYLE, named, value=value)
    if not value or all(one.phrase.kind is Kind.WHOLE for one in named):
        return Draft(Operation.RESTYLE, named, value=value)
    return Draft(Operation.ADD, _laden(themes, lexicon), value=value)
