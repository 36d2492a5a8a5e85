"""Romanian before its other rules: clitics said twice, places between verb and thing, complaints."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.word_order.bounds import clause_end, said
from langdesign_reference.words import PUNCTUATION, Word

_CLITICS = frozenset(("o", "l", "le", "i", "il", "ii"))
_SAME = frozenset(("cea", "cel", "cele", "cei", "asta", "acesta", "aceasta", "acestea", "acestia"))


def said_once(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "aprinde-o pe cea din dreapta" as "aprinde cea din dreapta"."""
    for index in range(1, len(words) - 2):
        twice = (
            words[index].key in _CLITICS and words[index + 1].key == "pe" and words[index + 2].key in _SAME
        )
        if twice and words[index - 1].key in lexicon.verb_words:
            return [*words[:index], *words[index + 2 :]]
    return words


def place_after(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune acolo un tablou" and "pune în schimb tablouri" with the thing first."""
    for index in range(len(words) - 2):
        verb = lexicon.verbs.longest_at(words, index)
        if not verb or verb[0] not in {"put", "add", "move"}:
            continue
        after = index + verb[1]
        length = lexicon.words.places.length_at(words, after) or lexicon.words.rather.length_at(words, after)
        end = clause_end(words, after, lexicon)
        if lexicon.prepositions.anchor.length_at(words, after) >= length:
            continue
        if length and after + length < end:
            return [
                *words[:after],
                *words[after + length : end],
                *words[after : after + length],
                *words[end:],
            ]
    return words


def would_suit(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "deasupra chiuvetei ar merge o oglindă" as "pune o oglindă deasupra chiuvetei"."""
    for index in range(2, len(words) - 2):
        suits = words[index].key == "ar" and words[index + 1].key in {
            "merge",
            "sta",
            "incapea",
            "trebui",
            "lipsi",
        }
        after = index + 2 + (words[index + 2].key in {"bine", "frumos", "si"})
        if not suits or not lexicon.words.indefinite.length_at(words, after):
            continue
        if lexicon.prepositions.anchor.length_at(words, 0):
            end = next((i for i in range(after, len(words)) if words[i].key in PUNCTUATION), len(words))
            return [said(words[0], "pune"), *words[after:end], *words[:index], *words[end:]]
    return words


def complained(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "e cam întuneric aici" as "mai puțin întuneric", "prea aglomerat aici" alike."""
    start = 1 if words[0].key in {"e", "este", "pare", "arata"} else 0
    told = (
        words[start].key in ({"prea", "cam", "foarte", "asa"} if start else {"prea"})
        if start < len(words)
        else False
    )
    rest = words[start + 1 :]
    rest = rest[rest[0].key == "de" :] if rest else rest
    while rest and (rest[-1].key in {"aici", "inauntru", "acum"} or rest[-1].key in PUNCTUATION):
        rest = rest[:-1]
    if not told or not rest or not all_attributes(rest, lexicon):
        return words
    return [said(words[start], "mai"), said(words[start], "putin"), *rest]


def let_in(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lasă soarele să intre" as wanting it, "nu vreau ca pereții ..." without "ca"."""
    keys = [word.key for word in words]
    if keys[0] == "lasa" and keys[-2:] == ["sa", "intre"] and len(words) > 3:
        return [said(words[0], "vreau"), said(words[0], "mai"), said(words[0], "mult"), *words[1:-2]]
    for index in range(2, len(words) - 1):
        denied = keys[index - 2] == "nu" and keys[index - 1] in {"vreau", "vrem", "doresc", "imi"}
        if keys[index] == "ca" and denied:
            return [*words[:index], *words[index + 1 :]]
    return words


def without_reason(words: list[Word], _: Lexicon) -> list[Word]:
    """Leave out ", că n-are loc nimeni": because nobody gets past it; "ca" is like, and tells something."""
    for index in range(2, len(words)):
        if words[index].text.casefold() == "că" and words[index - 1].key in PUNCTUATION:
            end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
            return [*words[: index - 1], *words[end:]]
    return words


_NOW = frozenset(("acum", "momentan", "azi"))


def where_now(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "unde e televizorul acum, aș vrea un dulap" as "pune în loc de televizorul un dulap"."""
    comma = next((i for i, word in enumerate(words) if word.key == ","), None)
    stands = comma is not None and words[0].key in {"unde", "acolo"} and comma > 2
    at = 2 if stands and words[0].key == "acolo" else 1
    if not stands or words[at].key not in {"e", "este", "sunt", "sta", "stau"}:
        return words
    new = next(
        (i for i in range(comma or 0, len(words)) if lexicon.words.indefinite.length_at(words, i)), None
    )
    old = [word for word in words[at + 1 : comma] if word.key not in _NOW]
    if new is None or not old:
        return words
    instead = [said(words[0], key) for key in ("pune", "in", "loc", "de")]
    return [*instead, *old, *words[new:]]


PLAIN = (where_now, without_reason, said_once, place_after, would_suit, complained, let_in)
