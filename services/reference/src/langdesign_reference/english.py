"""An English instruction for one edit alone, from its parts: nothing of the other edits is in it."""

import re
from collections.abc import Iterable

from langdesign_reference.asked import Asked, avoiding
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import Operation, Relation, Role
from langdesign_reference.prepositions import PREPOSITIONS
from langdesign_reference.values import goes_along
from langdesign_reference.words import PUNCTUATION, Word, Words


def text_of(words: Iterable[Word], lexicon: Lexicon) -> str:
    """Return the words as a text, slips corrected, a sentence's capital made small."""
    text, end = "", -1
    for word in words:
        glued = not text or word.key in PUNCTUATION or word.key.startswith("'") or word.start == end
        text += word.text if glued else f" {word.text}"
        end = word.end if word.end > word.start else -1  # a word that was not said has no place
    first = text.split(" ", 1)[0]
    small = first[1:] == first[1:].lower() and first.lower() in lexicon.vocabulary
    return text[:1].lower() + text[1:] if small else text


def name_of(words: Words, lexicon: Lexicon) -> str:
    """Return a referring expression as networks were taught it: "sofa" is "the sofa"."""
    text = text_of(words, lexicon)
    named = not words or lexicon.starts_phrase(words, 0) or lexicon.words.possessive.find(words[:3])
    return text if named or lexicon.words.whole.length_at(words, 0) else f"the {text}"


def instruction_of(asked: Asked, lexicon: Lexicon) -> str:
    """Return what to do for one edit: "make the sofa blue"."""
    parts = _Parts(asked, lexicon)
    text = avoiding(asked.operation, parts.thing, parts.value) if asked.avoided else ""
    return " ".join((text or _COMPOSE[asked.operation](parts)).split())


_VERBS = ("look", "feel", "match", "go with", "blend in", "fit for", "somewhere", "a ")
"""How likenesses start that are verbs."""

_EXCESS = re.compile(r"^(?:(?:way |far |much |a bit |a little |a touch |rather |just )*too|so) ")


def _reversed(text: str) -> str:
    """Return what a complaint asks for: "too dark" is "less dark"."""
    return _EXCESS.sub("less ", text)


class _Parts:
    """The texts of an edit's parts."""

    def __init__(self, asked: Asked, lexicon: Lexicon) -> None:
        texts = {
            role: [name_of(one.words, lexicon) for one in asked.arguments if one.role is role]
            for role in Role
        }
        self.targets = _listed(texts[Role.TARGET]) or text_of(asked.whole, lexicon)
        self.places = _listed(texts[Role.ANCHOR])
        self.verb = text_of(asked.verb, lexicon)
        self.link = text_of(asked.link, lexicon)
        self.value = _listed(_reversed(text_of(value, lexicon)) for value in (asked.value, *asked.more))
        self.avoided = asked.avoided
        self.frame = asked.frame
        self.named = bool(asked.verb) and lexicon.verbs.longest_at(asked.verb, 0) is not None
        self.wish = asked.wish
        self.anchor = next((one for one in asked.arguments if one.role is Role.ANCHOR), None)
        self.like = bool(asked.value) and lexicon.attributes.likeness.length_at(asked.value, 0) > 0
        self.compared = bool(asked.value) and lexicon.attributes.more.length_at(asked.value, 0) > 0
        self.noun = bool(asked.value) and _names(asked, lexicon)

    @property
    def thing(self) -> str:
        """The thing that changes; the room where none is named."""
        return (
            self.targets if self.targets not in {"", "it", "this", "that", "me", "us", "you"} else "the room"
        )

    @property
    def place(self) -> str:
        """Where something goes, with its preposition."""
        if not self.places:
            return ""
        relation = self.anchor.relation if self.anchor else Relation.UNSPECIFIED
        if self.frame in {"cover", "give", "enliven", "adjust", "other"}:
            return f"{PREPOSITIONS.get(relation, 'to')} {self.places}"
        link = (
            self.link
            if self.link and self.link not in {"there", self.places}
            else PREPOSITIONS.get(relation, "at")
        )
        return f"{link} {self.places}"


def _names(asked: Asked, lexicon: Lexicon) -> bool:
    value = asked.value
    along = next((at for at in range(1, len(value)) if goes_along(value, at, lexicon)), len(value))
    value = value[:along]  # "brighter with soft light" is no light
    heads = (lexicon.heads.light, lexicon.heads.style, lexicon.heads.condition)
    if any(head.length_before(value, len(value)) for head in heads):
        return True
    some = lexicon.words.some.length_at(value, 0)
    if some:
        return True
    article = lexicon.words.indefinite.length_at(value, 0)
    graded = lexicon.attributes.more.length_at(value, 0) or lexicon.attributes.degrees.length_at(value, 0)
    compared = lexicon.attributes.more.length_at(value, 0)
    coloured = lexicon.heads.colour.length_before(value, len(value))
    return bool(
        (coloured and not compared)
        or (article and not graded and asked.frame in {"give", "want", "put", "move"})
    )


def _listed(texts: Iterable[str]) -> str:
    found = [text for text in texts if text]
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else "".join(found)


def _add(parts: _Parts) -> str:
    return f"add {parts.value} {parts.place}"


def _remove(parts: _Parts) -> str:
    return f"remove {parts.targets}"


def _replace(parts: _Parts) -> str:
    return f"replace {parts.targets} with {parts.value}" if parts.value else f"replace {parts.targets}"


def _recolour(parts: _Parts) -> str:
    if not parts.value:
        return f"{parts.verb or 'recolour'} {parts.thing}"
    return f"{'give' if parts.noun else 'make'} {parts.thing} {parts.value}"


def _restyle(parts: _Parts) -> str:
    if not parts.value:
        return f"{parts.verb or 'restyle'} {parts.thing}"
    if parts.like:
        look = "" if parts.value.startswith(_VERBS) else "look "
        return f"make {parts.thing} {look}{parts.value}"
    if parts.frame in {"restyle", "recolour", "cover", "enliven", "strip"} and parts.verb and parts.named:
        return f"{parts.verb} {parts.thing} {parts.link or 'with'} {parts.value}"
    if parts.noun:
        return f"give {parts.thing} {parts.value}"
    return f"make {parts.thing} {parts.value}"


def _move(parts: _Parts) -> str:
    return f"move {parts.targets} {parts.place or parts.value}"


def _other(parts: _Parts) -> str:
    if parts.wish and parts.frame in {"move", "take", "put"}:  # "bring a bit of spring into the flat"
        return f"give {parts.thing} {parts.value}"
    if parts.frame not in {"change", "bare", "give", "want", "add"} and parts.verb:
        return f"{parts.verb} {parts.thing} {parts.link if parts.value else ''} {parts.value}"
    if parts.noun:
        return f"give {parts.thing} {parts.value}"
    if not parts.value:
        return f"{parts.verb or 'change'} {parts.thing}"
    return f"make {parts.thing} {parts.value}"


_COMPOSE = {
    Operation.ADD: _add,
    Operation.REMOVE: _remove,
    Operation.REPLACE: _replace,
    Operation.RECOLOUR: _recolour,
    Operation.RESTYLE: _restyle,
    Operation.MOVE: _move,
    Operation.OTHER: _other,
}
