"""Particles of direction apart from their verbs: "tu die Kissen runter", "darf der Teppich weg", "drauf"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_definite
from langdesign_reference.word_order.bounds import by_clause, clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_AWAY = frozenset({"weg", "raus", "fort", "runter", "herunter", "heraus", "hinaus"})
_TAKING = frozenset({"put", "take", "change", "other", "remove"})
"""Frames of verbs that take a thing away where "weg" or "raus" stands beside them."""
_MODAL = frozenset({"darf", "durfen", "durfte", "kann", "konnen", "konnte", "konnten", "soll", "sollen"}) | {
    "muss",
    "mussen",
    "sollte",
    "sollten",
}
_DIRECTIONS = frozenset({"oben", "unten", "hinten", "vorne", "vorn", "druben", "links", "rechts"})
_INTO = frozenset({"den", "die", "das", "einen", "eine", "ein", "nen", "ne"})
_INTO_AT_ONCE = frozenset({"ans", "ins", "aufs", "unters", "ubers", "hinters", "vors"})
_THIRD = frozenset({"an", "auf", "in", "neben", "vor", "hinter", "uber", "unter", "zwischen"})
_OUT_OF_IT = frozenset({"draus", "daraus"})
_MAKING = frozenset({"mach", "mache", "machen", "macht", "machst", "bau", "baue", "zauber", "zaubere"})
_FINITE = frozenset({"geht", "ginge", "gibts", "gibt"})


def taken_down(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "tu die Kissen vom Bett runter" as "entferne die Kissen vom Bett"."""
    for index in range(len(words) - 1):
        verb = lexicon.verb_at(words, index)
        starts = index == 0 or words[index - 1].key in PUNCTUATION | {"und", "bitte", "dann"}
        if not verb or not starts or verb[0] not in _TAKING:
            continue
        end = clause_end(words, index + 1, lexicon)
        last = words[end - 1]
        if (
            index + 1 < end - 1
            and last.key in _AWAY
            and not lexicon.verbs.longest_at([words[index], last], 1)
        ):
            return [
                *words[:index],
                replace(words[index], key="entferne"),
                *words[index + 1 : end - 1],
                *words[end:],
            ]
    return words


def asked_away(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "darf der Teppich weg" as "entferne der Teppich"."""
    end = clause_end(words, 1, lexicon) if words else 0
    plain = end > 2 and words[0].key in _MODAL and lexicon.starts_phrase(words, 1)
    if not plain or words[end - 1].key not in _AWAY or lexicon.words.openers.length_at(words, 0) > 1:
        return words
    return [said(words[0], "entferne"), *words[1 : end - 1], *words[end:]]


def taken_up(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nimm die Uhr ab und häng sie über die Tür" without "ab": it is only taken up."""
    first = lexicon.verb_at(words, 0) if words else None
    if not first or first[0] not in {"take", "remove"}:
        return words
    end = clause_end(words, 1, lexicon)
    after = end + 1
    second = lexicon.verb_at(words, after) if after < len(words) else None
    again = second and lexicon.words.pronouns.length_at(words, after + second[1])
    if second and again and second[0] in {"put", "move"} and words[end - 1].key in _AWAY | {"ab"}:
        return [*words[: end - 1], *words[end:]]
    return words


def up_there(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "da oben an die Wand eine Uhr" without "da oben"."""
    start = int(bool(words) and words[0].key in {"da", "dort", "hier"})
    if start and len(words) > 3 and words[1].key in _MODAL:  # "hier soll alles gemütlicher werden"
        return words[1:]
    more = int(len(words) > start and words[start].key in _DIRECTIONS)
    skipped = start + more
    return words[skipped:] if start and place_length(words, skipped, lexicon) else words


def _placed_bare(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "Decke aufs Sofa" as "stelle ein Decke aufs Sofa"."""
    if len(words) < 3 or lexicon.verb_at(words, 0) or lexicon.starts_phrase(words, 0):
        return words
    start = next((i for i in range(len(words)) if not lexicon.attribute_length(words, i)), 0)
    if place_length(words, 0, lexicon) or lexicon.words.openers.length_at(words, 0):
        return words
    noun = start if lexicon.noun_at(words, start) else 0
    for index in range(noun + 1, min(noun + 2, len(words) - 1)):
        into = words[index].key in _THIRD and words[index + 1].key in _INTO
        if lexicon.noun_at(words, noun) and (into or words[index].key in _INTO_AT_ONCE):
            told = any(lexicon.verb_at(words, i) for i in range(index, len(words)))
            return words if told else [said(words[0], "stelle"), said(words[0], "ein"), *words]
    return words


def placed_bare(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read each clause of a sentence as `_placed_bare`."""
    return by_clause(words, lexicon, _placed_bare)


def made_out_of_it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mach was Kleineres draus" as "ersetze es durch was Kleineres"."""
    for index, word in enumerate(words):
        if word.key not in _MAKING:
            continue
        end = clause_end(words, index + 1, lexicon)
        out = next((i for i in range(index + 1, end) if words[i].key in _OUT_OF_IT), None)
        if out is not None and end - index > 2:
            made = [said(word, "ersetze"), said(word, "es"), said(word, "durch")]
            return [*words[:index], *made, *words[index + 1 : out], *words[out + 1 : end], *words[end:]]
    return words


def available(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "geht das Sofa auch in Rot" as "mache das Sofa in Rot"."""
    if len(words) < 4 or words[0].key not in _FINITE:
        return words
    start = 2 if words[1].key in {"es", "'s"} and words[0].key == "gibt" else 1
    if not is_definite(words[start:], lexicon):
        return words
    rest = [word for word in words[start:] if word.key not in {"auch", "nicht", "vielleicht"}]
    for index in range(1, len(rest)):
        link = lexicon.prepositions.result.length_at(rest, index)
        valued = link or lexicon.noun_before(rest, index)
        if valued and all_attributes(rest[index + link :], lexicon) and index + link < len(rest):
            return [said(words[0], "mache"), *rest]
    return words


def demonstrative(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell the pronoun of "mach die weiß", "der kann weg" from the article."""
    found = list[Word]()
    for index, word in enumerate(words):
        after = index + 1
        alone = word.key in {"der", "die", "das", "den", "dem"} and after < len(words)
        verb = index > 0 and lexicon.verb_at(words, index - 1) is not None
        starts = index == 0 and words[after : after + 1] and words[after].key in _MODAL
        object_ = verb and alone and _ends_phrase(words, after, lexicon)
        found.append(replace(word, key="es") if alone and (starts or object_) else word)
    return found


def _ends_phrase(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether no noun follows: a value, a place, a particle or nothing."""
    end = clause_end(words, index, lexicon)
    rest = words[index:end]
    while rest and lexicon.words.closers.length_at(rest, 0):
        rest = rest[1:]
    if any(lexicon.noun_at(rest, i) for i in range(min(2, len(rest)))):
        return False
    return not rest or all_attributes(rest, lexicon) or place_length(rest, 0, lexicon) > 0
