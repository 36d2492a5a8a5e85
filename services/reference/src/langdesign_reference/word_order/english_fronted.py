"""Turns of everyday English that name first what something is done to: "the left one I'd keep"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.word_order.english_told import keys_at
from langdesign_reference.words import PUNCTUATION, Word

_LEAVING = frozenset(("leaves", "goes", "go", "leave", "disappears", "moves", "out", "removed", "gone"))


def nothing_leaves(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nothing leaves this room other than the pouffe" as "remove the pouffe"."""
    if keys_at(words, 0, 1) != ["nothing"]:
        return words
    for index in range(2, len(words) - 1):
        but = lexicon.keeping.markers.length_at(words, index) or lexicon.keeping.bare.length_at(words, index)
        if but and {word.key for word in words[1:index]} & _LEAVING:
            return [replace(words[0], key="remove", text="remove"), *words[index + but :]]
    return words


_WE = frozenset(("i", "we", "you"))


def object_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "the left one I'd hang on to", "the shelf I'd like to paint blue" with the verb first."""
    found, start = list[Word](), 0
    while (first := _object_starts(words, start, lexicon)) < len(words):
        end = next((i for i in range(first, len(words)) if words[i].key in PUNCTUATION), len(words))
        found += [*words[start:first], *_turned(words[first:end], lexicon)]
        start = end
    return [*found, *words[start:]]


def _turned(clause: list[Word], lexicon: Lexicon) -> list[Word]:
    for index in range(2, len(clause) - 1):
        if clause[index].key not in _WE:
            continue
        wanted = index + lexicon.verbs.want.length_at(clause, index)
        made = wanted + lexicon.prepositions.result.length_at(clause, wanted)
        if wanted > index and all_attributes(clause[made:], lexicon):  # "the curtains I want in linen"
            return [*clause[:index], *clause[wanted:]]
        verb = _asked_after(clause, index, lexicon)
        length = _verb_length(clause, verb, lexicon) if verb else 0
        rest = clause[verb + length :]
        if length and not lexicon.starts_phrase(rest, 0) and not lexicon.noun_at(rest, 0):
            return [*clause[verb : verb + length], *clause[:index], *rest]
    return clause


def _object_starts(words: list[Word], start: int, lexicon: Lexicon) -> int:
    """Return where the next clause with a phrase in front starts."""
    for index in range(start, len(words)):
        first = index == 0 or words[index - 1].key in PUNCTUATION or words[index - 1].key in {"and", "but"}
        if first and lexicon.words.determiners.length_at(words, index):
            return index
    return len(words)


def _asked_after(words: list[Word], index: int, lexicon: Lexicon) -> int:
    """Return one past "I'd like to" at `index`; 0 where nobody asks there."""
    length = lexicon.words.openers.length_at(words, index)
    return index + length if length > 1 else 0


def _verb_length(words: list[Word], index: int, lexicon: Lexicon) -> int:
    verb = lexicon.verbs.longest_at(words, index)
    return max(verb[1] if verb and verb[0] != "want" else 0, lexicon.keeping.verbs.length_at(words, index))


_LOOKS = frozenset(("look", "be", "work", "do"))


def would_look(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "how would terrazzo look on that floor?" as "terrazzo on that floor"."""
    if keys_at(words, 0, 2) not in (["how", "would"], ["what", "would"], ["how", "might"]):
        return words
    index = next((i for i in range(3, len(words) - 1) if words[i].key in _LOOKS), 0)
    new = words[2:index]
    placed = lexicon.prepositions.anchor.length_at(
        words, index + 1
    ) or lexicon.prepositions.value_for.length_at(words, index + 1)
    if not index or not placed or lexicon.words.determiners.length_at(new, 0):
        return words
    return [*new, *words[index + 1 :]]


def pleases(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "getting rid of the clutter would be great" as asking for that."""
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    length = lexicon.statements.pleasing.length_before(words, end)
    gerund = bool(words) and words[0].key.endswith("ing") and lexicon.verb_form_at(words, 0) is not None
    return [*words[: end - length], *words[end:]] if gerund and 0 < length < end - 1 else words
