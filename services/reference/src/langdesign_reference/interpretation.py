"""Says what a verb with its objects asks for: what comes, goes and moves."""

from collections.abc import Sequence
from dataclasses import replace

from langdesign_reference.additions import add_draft, anchors_of, named_as, plain
from langdesign_reference.arguments import take_apart
from langdesign_reference.changes import (
    adjust_draft,
    attribute_of,
    change_draft,
    cover_draft,
    enliven_draft,
    give_draft,
    other_draft,
    recolour_draft,
    restyle_draft,
    shade_draft,
)
from langdesign_reference.frames import Draft, Named, Part
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes, meaning, names_attribute
from langdesign_reference.phrases import Kind, find, is_definite, is_indefinite, phrase, trim
from langdesign_reference.plan import Operation, Role
from langdesign_reference.values import without_purpose
from langdesign_reference.words import Words


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


def _remove(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    found = [phrase(theme, lexicon) for theme in themes]
    if all(
        one.kind is Kind.WHOLE and lexicon.heads.style.length_before(one.words, len(one.words))
        for one in found
    ):
        # What goes is how the room is: "get rid of the gloomy mood".
        return Draft(Operation.RESTYLE, tuple(Named(one, Role.TARGET) for one in found), wish=True)
    # "everything" is a thing where it goes
    things = (replace(one, kind=Kind.THING) if one.kind is Kind.WHOLE else one for one in found)
    return Draft(Operation.REMOVE, tuple(Named(one, Role.TARGET) for one in things))


def _deny(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "no carpet", which goes, and "no red", "no patterns on the cushions", which is another look."""
    words = trim(themes[0], lexicon)
    placed = find(words, lexicon.prepositions.anchor, lexicon, 1)
    how, place = (words[: placed[0]], words[sum(placed) :]) if placed else (words, [])
    how = how[lexicon.words.excess.length_at(how, 0) :] or how  # "not so much yellow on the walls"
    only = len(themes) == 1 and all_attributes(how, lexicon) and not lexicon.noun_before(how, len(how))
    if not only or lexicon.starts_phrase(how, 0):
        return _remove(themes, part, lexicon)
    named = plain([place], lexicon) if place else ()
    whole = all(one.phrase.kind is Kind.WHOLE for one in named)
    operation, _ = meaning(how, lexicon, linked=False, whole=whole)
    return Draft(operation, named, value=tuple(how), avoided=True, wish=whole)


def _clear(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "clear the desk", which stays, and "clear the dishes", which do not."""
    of = lexicon.words.of.find(themes[-1], 1)
    if of and lexicon.heads.surfaces.length_before(themes[-1], of[0]):  # "clear the counter of everything"
        themes = [*themes[:-1], themes[-1][: of[0]]]
    head = trim(themes[-1], lexicon)
    if lexicon.keeping.everything.length_at(themes[0], 0):  # "clear everything off the shelf"
        return _remove(themes, part, lexicon)
    place = (
        lexicon.heads.surfaces.length_before(head, len(head)) or phrase(head, lexicon).kind is Kind.PRONOUN
    )
    return other_draft(themes, Part(themes[-1]), lexicon) if place else _remove(themes, part, lexicon)


def _strip(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "strip the floorboards", which stay; the posters of "strip the wall of posters" go."""
    theme = themes[-1]
    of = lexicon.words.of.find(theme, 1)
    bared = trim(theme[: of[0]] if of else theme, lexicon)
    placed = find(bared, lexicon.prepositions.anchor, lexicon, 1)
    bared = bared[: placed[0]] if placed else bared
    again = phrase(bared, lexicon).kind is Kind.PRONOUN  # "don't paint the door, strip it"
    if part.aside or not (again or lexicon.heads.bared.length_before(bared, len(bared))):
        return _remove(themes, part, lexicon)
    if of and phrase(theme, lexicon).kind is not Kind.WHOLE:  # "strip the wall of posters"
        return _remove([*themes[:-1], theme[sum(of) :]], part, lexicon)
    made = take_apart("restyle", theme, lexicon)
    return replace(restyle_draft([*themes[:-1], made.theme], made, lexicon), link=tuple(made.link))


def _take(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    places = lexicon.prepositions.destination
    goes = part.second and places.length_at(part.link, 0) == len(part.link) > 0
    if goes:
        return _move(themes, part, lexicon)
    whole = [*themes[:-1], _whole_theme(part)]
    return _remove([take_apart("remove", theme, lexicon).theme for theme in whole], part, lexicon)


def _whole_theme(part: Part) -> Words:
    return [*part.theme, *part.link, *part.second] if part.link else part.theme


def _put(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    first = themes[0]
    covered = trim(part.second, lexicon)
    if names_attribute(first, lexicon) and lexicon.heads.structure.length_before(covered, len(covered)):
        return Draft(
            Operation.RESTYLE, plain([part.second], lexicon), value=tuple(first)
        )  # "put tiles on the wall"
    if not is_definite(first, lexicon):
        return add_draft(themes, part, lexicon)
    if not part.second:
        part = take_apart("move", themes[-1], lexicon)  # "a little higher"
        themes = [*themes[:-1], part.theme]
    if not part.second:  # "set the table for dinner"
        part = replace(part, theme=without_purpose(part.theme, lexicon))
        themes = [*themes[:-1], part.theme]
    moved = _move(themes, part, lexicon)
    goes = (
        moved.of(Role.ANCHOR) or lexicon.prepositions.directions.find(part.theme) is not None or part.second
    )
    return moved if goes else replace(moved, operation=Operation.OTHER)


def _add(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "hang up a clock", which is new, and "hang it up on the wall", which is there already."""
    again = phrase(themes[0], lexicon).kind is Kind.PRONOUN
    return _put(themes, part, lexicon) if again else add_draft(themes, part, lexicon)


def _throw(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    """Read "chuck the rug", which goes, and "chuck the rug on the bed", "toss a throw over it"."""
    goes = trim(part.second, lexicon)
    if goes and not lexicon.heads.waste.length_before(goes, len(goes)):
        return _put(themes, part, lexicon)
    return _remove([take_apart("remove", theme, lexicon).theme for theme in themes], part, lexicon)


def _move(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    targets = tuple(named_as(theme, Role.TARGET, lexicon) for theme in themes)
    if is_indefinite(themes[0], lexicon) and part.link:  # "bring a chair to the table"
        return add_draft(themes, part, lexicon)
    whole = all(one.phrase.kind is Kind.WHOLE for one in targets)
    head = trim(themes[-1], lexicon)
    whole = whole or (not part.link and lexicon.heads.structure.length_before(head, len(head)) > 0)
    anchors = anchors_of(part, lexicon) if part.link else ()
    operation = Operation.OTHER if whole else Operation.MOVE
    value = () if part.link else tuple(part.second)
    return Draft(operation, (*targets, *anchors), value=value)


def _replace(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    attribute = attribute_of(themes[0], lexicon)
    value = tuple(trim(part.second, lexicon))
    if attribute:
        return Draft(attribute[0], plain([attribute[1], *themes[1:]], lexicon), value=value)
    named = tuple(named_as(theme, Role.TARGET, lexicon) for theme in themes)
    return Draft(Operation.REPLACE, named, value=value)


def _lift(themes: Sequence[Words], part: Part, lexicon: Lexicon) -> Draft:
    head = trim(themes[-1], lexicon)
    if not part.link and lexicon.heads.adjustable.length_before(head, len(head)):
        return other_draft(themes, Part(themes[-1]), lexicon)
    return _move(themes, part, lexicon)


_MEANINGS = {
    "remove": _remove,
    "deny": _deny,
    "clear": _clear,
    "adjust": adjust_draft,
    "shade": shade_draft,
    "lift": _lift,
    "take": _take,
    "add": _add,
    "put": _put,
    "throw": _throw,
    "move": _move,
    "replace": _replace,
    "change": change_draft,
    "recolour": recolour_draft,
    "restyle": restyle_draft,
    "enliven": enliven_draft,
    "strip": _strip,
    "other": other_draft,
    "give": give_draft,
    "cover": cover_draft,
    "bare": change_draft,
}
