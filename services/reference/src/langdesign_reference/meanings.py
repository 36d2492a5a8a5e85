"""What it means to make something a value: a colour, a material, a state, another thing."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import find, trim
from langdesign_reference.plan import Operation
from langdesign_reference.words import Words

_MEANINGS = {
    "removal": Operation.REMOVE,
    "colours": Operation.RECOLOUR,
    "materials": Operation.RESTYLE,
    "patterns": Operation.RESTYLE,
    "styles": Operation.RESTYLE,
    "lightness": Operation.RECOLOUR,
    "states": Operation.OTHER,
}


def trim_end(words: Words, lexicon: Lexicon) -> Words:
    """As `trim`, but "off" at the end stays where it is a state, not the particle of a verb."""
    trimmed = trim(words, lexicon)
    if not trimmed:
        return trimmed
    after = next(i for i, word in enumerate(words) if word is trimmed[-1]) + 1
    attributes = lexicon.attributes
    state = attributes.states.length_at(words, after) or attributes.removal.length_at(words, after)
    return [*trimmed, *words[after : after + state]]


def all_attributes(words: Words, lexicon: Lexicon) -> bool:
    """Whether the words only say how something is: "dark green", "of oak"."""
    trimmed = trim_end(words, lexicon)
    end = len(trimmed)
    seen = False
    while end > 0:
        length = lexicon.attribute_before(trimmed, end)
        seen = seen or bool(length)
        length = max(length, lexicon.attributes.degrees.length_before(trimmed, end))
        more = lexicon.attributes.more.length_before(trimmed, end)
        length = max(length, more) if more > 1 or not length else length
        if not length:
            return False
        end -= length
    return seen


def names_attribute(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase names a material, pattern or style rather than a thing: "a floral pattern"."""
    return _head_kind(words, lexicon) in {"materials", "patterns", "style", "colour"}


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
    if whole:
        return _whole_meaning(value, lexicon, linked=linked)
    head = _head_kind(value, lexicon)
    if like := lexicon.attributes.likeness.length_at(value, 0):
        tinted = lexicon.heads.colour.find(value[:like]) or lexicon.attributes.colours.length_at(value, like)
        return Operation.RECOLOUR if tinted else _LIKE.get(head or "", Operation.RESTYLE), True
    kind = head or _any_kind(value, lexicon)
    if kind == "lightness" and shines:
        return Operation.OTHER, True
    if kind in {"colour", "style"}:
        return (Operation.RECOLOUR if kind == "colour" else Operation.RESTYLE), True
    return _thing_meaning(value, head, kind, lexicon, linked=linked)


_LIKE = {"states": Operation.OTHER, "colour": Operation.RECOLOUR}
"""What a likeness means where it is none of style: "like a sunny morning", "the same colour as"."""


def _whole_meaning(value: Words, lexicon: Lexicon, *, linked: bool) -> tuple[Operation, bool]:
    """As `meaning`, of the picture as a whole: what is no colour, light or state is a style."""
    head = _head_kind(value, lexicon)
    if head != "colours" and lexicon.heads.light.find(value):  # not "light grey"
        return Operation.OTHER, True
    if lexicon.attributes.likeness.length_at(value, 0):
        return _LIKE.get(head or "", Operation.RESTYLE), True
    kind = head or _any_kind(value, lexicon)
    lit = head != "colours" and lexicon.heads.condition.find(value)
    if lit or kind in {"lightness", "states"}:
        return Operation.OTHER, True
    if kind == "colours" or (kind == "colour" and lexicon.attributes.colours.find(value)):
        return Operation.RECOLOUR, True
    if kind == "removal":
        return Operation.REMOVE, True
    return Operation.RESTYLE, kind is not None or linked or lexicon.attributes.more.find(value) is not None


def _thing_meaning(
    value: Words, head: str | None, kind: str | None, lexicon: Lexicon, *, linked: bool
) -> tuple[Operation, bool]:
    thing = linked and lexicon.words.indefinite.length_at(value, 0) > 0
    if head is not None and not (thing and head in {"states", "styles"}):
        if head == "colours" and lexicon.attributes.making.find(value):
            return Operation.RESTYLE, True
        if head in {"lightness", "states"} and lexicon.attributes.colours.find(value):
            return Operation.RECOLOUR, True
        return _MEANINGS[head], True
    if linked:
        return Operation.REPLACE, True
    # What is in no list describes rather than it tells a state: "scholarly".
    return (_MEANINGS[kind], True) if kind in _MEANINGS else (Operation.RESTYLE, False)


def _head_kind(words: Words, lexicon: Lexicon) -> str | None:
    """Return the kind of the phrase's head: its last word before a preposition."""
    trimmed = trim_end(words, lexicon)
    places = lexicon.prepositions
    cuts = [cut[0] for kind in (places.anchor, places.purpose) if (cut := find(trimmed, kind, lexicon, 1))]
    head = trimmed[: min(cuts)] if cuts else trimmed
    if lexicon.heads.colour.length_before(trimmed, len(trimmed)) > 1:  # "a bit warmer in colour"
        return "colour"
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
