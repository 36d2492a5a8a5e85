"""Turns of everyday English that say what is not to be, or not to be done."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import said
from langdesign_reference.word_order.english_told import clause_ends, keys_at
from langdesign_reference.words import PUNCTUATION, Word

_STOPPING = frozenset(("stop", "prevent", "keep", "stops", "prevents"))
_SEEMING = frozenset(("being", "looking", "getting", "becoming", "seeming", "feeling", "appearing"))


def stopped(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "stop the bed from being red" as "the bed should not be red"."""
    for index in range(len(words) - 3):
        if words[index].key not in _STOPPING or not lexicon.starts_phrase(words, index + 1):
            continue
        end = next((i for i in range(index, len(words)) if clause_ends(words, i, lexicon)), len(words))
        being = next((i for i in range(index + 2, end - 1) if words[i].key in _SEEMING), None)
        if being is None:
            continue
        from_ = words[being - 1].key == "from"
        if not from_ and words[index].key == "keep":  # "keep the walls looking fresh"
            continue
        told = [said(words[being], key) for key in ("should", "not", "be")]
        start = _opened(words, index, lexicon)
        return [*words[:start], *words[index + 1 : being - from_], *told, *words[being + 1 :]]
    return words


def _opened(words: list[Word], index: int, lexicon: Lexicon) -> int:
    """Return where the politeness in front of `index` starts: "can you | stop ..."."""
    while length := lexicon.words.openers.length_before(words, index):
        index -= length
    return index


def nothing_changes(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nothing should change except the wall, which should be blue" as "the wall should be blue"."""
    if keys_at(words, 0, 1) != ["nothing"]:
        return words
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    which = end + 1 if keys_at(words, end, 1) == [","] else end
    if keys_at(words, which, 1) not in (["which"], ["that"]):
        return words
    for index in range(2, end - 1):
        but = lexicon.keeping.markers.length_at(words, index) or lexicon.keeping.bare.length_at(words, index)
        if but and {word.key for word in words[1:index]} & {"change", "changes", "changed", "changing"}:
            return [*words[index + but : end], *words[which + 1 :]]
    return words


_MADE = frozenset(("change", "recolour", "restyle", "remove", "replace", "move"))


def neither_made(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "make neither the bed nor the wall red" as "don't make the bed, don't make the wall red"."""
    keys = [word.key for word in words]
    for index in range(len(words)):
        made = lexicon.verb_at(words, index)
        if made is None or made[0] not in _MADE:
            continue
        neither = index + made[1]
        stop = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        if keys_at(words, neither, 1) == ["neither"] and "nor" in keys[neither + 2 : stop]:
            verb, first = words[index:neither], neither + 1
            nor = keys.index("nor", neither + 2)
        elif index > 1 and keys[index - 2 : index] == ["don", "'t"] and "or" in keys[neither + 2 : stop]:
            verb, first = words[index:neither], neither  # "don't make the bed or the wall red"
            nor = keys.index("or", neither + 2)
        else:
            continue
        both = all(lexicon.words.determiners.length_at(words, at) for at in (first, nor + 1))
        if not both:
            continue
        refused = [said(words[index], "don"), said(words[index], "'t")]
        before = words[: index - (2 if first == neither else 0)]
        again = [said(words[nor], ","), *(said(words[nor], one.key) for one in [*refused, *verb])]
        return [*before, *refused, *verb, *words[first:nor], *again, *words[nor + 1 :]]
    return words


def unless_already(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out the "unless it is already red" of "make the bed red unless it is already red"."""
    for index in range(2, len(words) - 2):
        if words[index].key not in {"unless", "if"}:
            continue
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        told = {word.key for word in words[index:end]}
        denied = words[index].key == "unless" or told & {"not", "'t"}
        if denied and "already" in told:
            before = index - (words[index - 1].key == ",")
            return [*words[:before], *words[end:]]
    return words


DENIED = (stopped, nothing_changes, neither_made, unless_already)
"""Each reads one turn."""
