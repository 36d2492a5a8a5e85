"""What something is made: where the complement of a verb starts, and what it means."""

import difflib
from collections.abc import Sequence

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import find, trim
from langdesign_reference.plan import Operation
from langdesign_reference.words import Word

_MEANINGS = {
    "removal": Operation.REMOVE,
    "colours": Operation.RECOLOUR,
    "materials": Operation.RESTYLE,
    "patterns": Operation.RESTYLE,
    "styles": Operation.RESTYLE,
    "states": Operation.OTHER,
}
Split = tuple[Sequence[Word], Sequence[Word], bool]
"""Thing, complement, and whether a preposition or article links them."""


def split_complement(words: Sequence[Word], lexicon: Lexicon) -> Split:
    """Split "the brown couch cream", "the tub into a shower", "the table a rustic look" at the complement.

    The complement is empty when there is none.
    """
    return (
        _leading(words, lexicon)
        or _linked(words, lexicon)
        or _second_phrase(words, lexicon)
        or _suffix(words, lexicon)
    )


def _leading(words: Sequence[Word], lexicon: Lexicon) -> Split | None:
    """Reads "aus dem Tisch einen Schrank": the source first."""
    source = lexicon.prepositions["made_from"].length_at(words, 0)
    if not source:
        return None
    rest = words[source:]
    return _second_phrase(rest, lexicon) or (rest, (), False)


def _linked(words: Sequence[Word], lexicon: Lexicon) -> Split | None:
    index = 1
    while found := find(words, lexicon.prepositions["result"], lexicon, index):
        at, length = found
        complement = words[at + length :]
        strong = lexicon.prepositions["strong_result"].length_at(words, at)
        if strong or attribute_noun(complement, lexicon) or all_attributes(complement, lexicon):
            return _without_former(words[:at], lexicon), complement, bool(strong)
        index = at + length
    return None


def _without_former(words: Sequence[Word], lexicon: Lexicon) -> Sequence[Word]:
    """Drop what the thing was before: "the pillows from white"."""
    former = find(words, lexicon.prepositions["source"], lexicon, 1)
    if former and all_attributes(words[former[0] + former[1] :], lexicon):
        return words[: former[0]]
    return words


def _content_start(words: Sequence[Word], lexicon: Lexicon) -> int:
    """Return the index of the first word after the determiners; "everything" is its own noun."""
    if lexicon.heads["global"].length_at(words, 0):
        return 0
    return lexicon.words["determiners"].length_at(words, 0)


def _second_phrase(words: Sequence[Word], lexicon: Lexicon) -> Split | None:
    for index in range(_content_start(words, lexicon) + 1, len(words)):
        marks = lexicon.words["indefinite"].length_at(words, index) or lexicon.words["likeness"].length_at(
            words, index
        )
        if marks and not _after_preposition(words, index, lexicon):
            return words[:index], words[index:], True
    return None


def _after_preposition(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    kinds = ("anchor", "source", "replacement", "purpose")
    before = (lexicon.prepositions[kind].length_before(words, index) for kind in kinds)
    return any(before) or bool(lexicon.words["of"].length_before(words, index))


def split_gift(words: Sequence[Word], lexicon: Lexicon) -> Split:
    """Split "the chairs red cushions", "the sofa a rustic look" at what is given."""
    split = split_complement(words, lexicon)
    start = _content_start(words, lexicon) + 1
    marks = (i for i in range(start, len(words)) if lexicon.attribute_length(words, i))
    if split[1] or (at := next(marks, None)) is None:
        return split
    return words[:at], words[at:], True


def _suffix(words: Sequence[Word], lexicon: Lexicon) -> Split:
    words = trim(words, lexicon)
    least = _content_start(words, lexicon) + 1
    start, seen = len(words), False
    while start > least:
        length = _attribute_before(words, start, lexicon)
        seen = seen or bool(length)
        length = length or lexicon.attributes["degrees"].length_before(words, start)
        if not length or start - length < least:
            break
        start -= length
    if seen:
        return words[:start], words[start:], False
    if len(words) > least and _misspelt(words[-1].key, lexicon):
        return words[:-1], words[-1:], False
    return words, (), False


def _attribute_before(words: Sequence[Word], end: int, lexicon: Lexicon) -> int:
    return max(lexicon.attributes[kind].length_before(words, end) for kind in _MEANINGS)


def all_attributes(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether the words only say how something is: "dark green", "of oak"."""
    end = len(trim(words, lexicon))
    seen = False
    while end > 0:
        length = _attribute_before(words, end, lexicon)
        seen = seen or bool(length)
        length = length or lexicon.attributes["degrees"].length_before(words, end)
        if not length:
            return False
        end -= length
    return seen


def attribute_noun(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether a phrase names a material, pattern or style rather than a thing: "a floral pattern"."""
    kind = _head_kind(words, lexicon)
    return kind in {"materials", "patterns", "style"}


def meaning(
    complement: Sequence[Word], lexicon: Lexicon, *, linked: bool, whole: bool
) -> tuple[Operation, bool]:
    """Return what it means to make something `complement`, and whether its head is in a list.

    `linked` says that a preposition or article led to it, so that an unknown head is another thing; `whole`
    says that the picture as a whole becomes it.
    """
    head = _head_kind(complement, lexicon) or _corrected_kind(complement, lexicon)
    kind = head or _any_kind(complement, lexicon)
    thing = linked and lexicon.words["indefinite"].length_at(complement, 0) > 0
    if whole and kind not in {"colours", "colour", "states", "removal"}:
        known = kind is not None
        return (Operation.RESTYLE if known or linked else Operation.OTHER), known
    if kind == "colour":
        return Operation.RECOLOUR, True
    if kind == "style":
        return Operation.RESTYLE, True
    if head is not None and not (thing and head in {"states", "styles"} and not whole):
        return _MEANINGS[head], True
    if linked:
        return Operation.REPLACE, True
    return (_MEANINGS[kind], True) if kind in _MEANINGS else (Operation.OTHER, False)


def _head_kind(words: Sequence[Word], lexicon: Lexicon) -> str | None:
    """The kind of the phrase's head: its last word before a preposition."""
    trimmed = trim(words, lexicon)
    cut = find(trimmed, lexicon.prepositions["anchor"], lexicon, 1)
    head = trimmed[: cut[0]] if cut else trimmed
    of = lexicon.words["of"].find(head, 1)
    noun = head[: of[0]] if of else head
    for kind in ("colour", "style"):
        if lexicon.heads[kind].length_before(noun, len(noun)) or lexicon.heads[kind].length_before(
            head, len(head)
        ):
            return kind
    for kind in _MEANINGS:
        if lexicon.attributes[kind].length_before(head, len(head)):
            return kind
    return None


def _corrected_kind(words: Sequence[Word], lexicon: Lexicon) -> str | None:
    trimmed = trim(words, lexicon)
    return _misspelt(trimmed[-1].key, lexicon) if trimmed else None


def _any_kind(words: Sequence[Word], lexicon: Lexicon) -> str | None:
    for kind in ("colour", "style"):
        if lexicon.heads[kind].find(words):
            return kind
    return next((kind for kind in _MEANINGS if lexicon.attributes[kind].find(words)), None)


def _misspelt(key: str, lexicon: Lexicon) -> str | None:
    """The kind of attribute that a word almost is."""
    if len(key) < 4:
        return None
    known = {
        word: kind for kind in _MEANINGS for word in lexicon.attributes[kind].single_words() if len(word) > 3
    }
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.83)
    # A longer form of a known word is another word: "roses" are no colour.
    return known[close[0]] if close and not key.startswith(close[0]) else None
