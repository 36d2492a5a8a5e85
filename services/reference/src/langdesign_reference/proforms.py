"""What stands for a noun is said by that noun: networks know no "one".

It is a word ("the left one"), the article of what tells the thing apart (Romanian "cel din dreapta"), or
nothing at all ("the left picture red, the right blue", "das linke Bild rot, das rechte blau").
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from langdesign_reference.asked import Argument, Asked
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import find
from langdesign_reference.plan import Role
from langdesign_reference.words import Word, Words


def named_again(edits: Sequence[Asked], lexicon: Lexicon) -> list[Asked]:
    """Return the edits with the noun in place of what stands for it: "the chairs ..., not the left one".

    Args:
        edits: In their order. A proform means the kind of the thing that was named last before it.
        lexicon: The words of the instruction's language.

    """
    places = sorted((one for edit in edits for one in edit.arguments if one.words), key=_place)
    nouns = {_place(one): noun for one in places if (noun := _head(one.words, lexicon))}
    return [replace(edit, arguments=tuple(_renamed(edit.arguments, nouns, lexicon))) for edit in edits]


def _renamed(
    arguments: tuple[Argument, ...], nouns: dict[int, tuple[Word, ...]], lexicon: Lexicon
) -> Iterator[Argument]:
    for one in arguments:
        before = [at for at in nouns if one.words and at < _place(one)]
        place = _proform(one.words, lexicon) or _article(one.words, lexicon) or _nothing(one, lexicon)
        if place is None or not before:
            yield one
            continue
        at, end = place
        stands = one.words[at:end]
        noun = nouns[max(before)]
        if stands and lexicon.language == "en":
            noun = _in_number(noun, lexicon, many=stands[0].key.endswith("s"))
        # A noun that nothing stands for has the place of the word before it: what has no place is not said.
        taken = stands[0] if stands else one.words[-1]
        spoken = [replace(word, start=taken.start, end=taken.end) for word in noun]
        yield replace(one, words=(*one.words[:at], *spoken, *one.words[end:]))


def _place(argument: Argument) -> int:
    return argument.words[0].start


def _proform(words: Words, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return where a proform stands that something describes: "the left one", but not "one of them".

    What describes it may follow: "the one behind the bed".
    """
    found = (at for at in range(1, len(words)) if words[at].key in lexicon.words.proforms)
    at = next(found, None)
    if at is None:
        return None
    described = at > 1 or at + 1 < len(words) or not lexicon.words.determiners.length_at(words, 0)
    return (at, at + 1) if described else None


_DEMONSTRATIVES = frozenset({"cel", "cea", "cei", "cele"})


def _article(words: Words, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return where Romanian says "the" of what tells a thing apart that it does not name: "cel mare"."""
    if lexicon.language != "ro" or words[0].key not in _DEMONSTRATIVES:
        return None
    follows = lexicon.joining.length_at(words, 1) or _tells_apart(words, 1, lexicon)
    return (0, 1) if follows else None


def _nothing(argument: Argument, lexicon: Lexicon) -> tuple[int, int] | None:
    """Return where a noun is left out after all that tells its thing apart: at the end of "the right"."""
    words, at = argument.words, lexicon.words.determiners.length_at(argument.words, 0)
    if lexicon.language == "ro" or not at or at == len(words) or argument.role is Role.ANCHOR:
        return None
    while at < len(words):
        length = _tells_apart(words, at, lexicon)
        thing = (
            lexicon.language == "en" and lexicon.noun_at(words, at) >= length
        )  # "the light"; not "die hohe"
        if not length or thing:
            return None
        at += length
    return at, at


def _tells_apart(words: Words, at: int, lexicon: Lexicon) -> int:
    return max(lexicon.adjectives.length_at(words, at), lexicon.attribute_length(words, at))


def _head(words: Words, lexicon: Lexicon) -> tuple[Word, ...]:
    """Return the noun that a phrase is about; empty where it names none that is known."""
    place = find(words, lexicon.prepositions.anchor, lexicon, 1)
    end = place[0] if place else len(words)
    picture = lexicon.heads.whole.length_before(words, end)  # one of those on the wall: "the left picture"
    if length := lexicon.noun_before(words, end) or picture:
        return tuple(words[end - length : end])
    # What tells it apart may come after it: "tabloul din stânga".
    first = next((at for at in range(end) if lexicon.noun_at(words, at)), end)
    return tuple(words[first : first + lexicon.noun_at(words, first)])


def _in_number(noun: tuple[Word, ...], lexicon: Lexicon, *, many: bool) -> tuple[Word, ...]:
    """Return a noun as one or as several, as far as the lexicon knows the other form."""
    key = noun[-1].key
    for end in lexicon.plurals:
        bare = key.removesuffix(end)
        if not many and bare != key and (bare in lexicon.nouns or bare in lexicon.vocabulary):
            return (*noun[:-1], replace(noun[-1], key=bare, text=bare))
    return noun
