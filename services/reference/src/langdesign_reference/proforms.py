"""What stands for a noun ("the left one") is said by that noun: networks know no "one"."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from langdesign_reference.asked import Argument, Asked
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import find
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
        at = _proform(one.words, lexicon)
        if at is None or not before:
            yield one
            continue
        many = one.words[at].key.endswith("s")
        noun = _in_number(nouns[max(before)], lexicon, many=many)
        spoken = [replace(word, start=one.words[at].start, end=one.words[at].end) for word in noun]
        yield replace(one, words=(*one.words[:at], *spoken, *one.words[at + 1 :]))


def _place(argument: Argument) -> int:
    return argument.words[0].start


def _proform(words: Words, lexicon: Lexicon) -> int | None:
    """Return where a proform stands that something describes: "the left one", but not "one of them"."""
    found = (at for at in range(1, len(words)) if words[at].key in lexicon.words.proforms)
    at = next(found, None)
    described = at is not None and (at > 1 or not lexicon.words.determiners.length_at(words, 0))
    return at if described else None


def _head(words: Words, lexicon: Lexicon) -> tuple[Word, ...]:
    """Return the noun that a phrase is about; empty where it names none that is known."""
    place = find(words, lexicon.prepositions.anchor, lexicon, 1)
    end = place[0] if place else len(words)
    picture = lexicon.heads.whole.length_before(words, end)  # one of those on the wall: "the left picture"
    return tuple(words[end - (lexicon.noun_before(words, end) or picture) : end])


def _in_number(noun: tuple[Word, ...], lexicon: Lexicon, *, many: bool) -> tuple[Word, ...]:
    """Return a noun as one or as several, as far as the lexicon knows the other form."""
    key = noun[-1].key
    for end in lexicon.plurals:
        bare = key.removesuffix(end)
        if not many and bare != key and (bare in lexicon.nouns or bare in lexicon.vocabulary):
            return (*noun[:-1], replace(noun[-1], key=bare, text=bare))
    return noun
