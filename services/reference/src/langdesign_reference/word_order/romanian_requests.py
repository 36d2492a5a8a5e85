"""Requests of Romanian that are put as questions, and things that are named first."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import names_noun
from langdesign_reference.translation import is_new
from langdesign_reference.word_order.bounds import clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_FOR_ME = frozenset({"sa-mi", "sa-ti", "sa-ne", "sa-si"})
_IT = frozenset({"sa-l", "s-o", "sa-le", "sa-i"})
_GIVING = frozenset({"da", "dai", "dati", "ofera"})
_BEING = frozenset({"e", "este", "sunt", "arata", "pare", "par"})
_ABOUT: tuple[tuple[str, ...], ...] = (
    ("ce", "ziceti", "de"),
    ("ce", "zici", "despre"),
    ("ce", "parere", "ai", "de"),
    ("cum", "ar", "fi", "cu"),
)
_ABOUT += (("ce", "parere", "ai", "despre"), ("ce", "parere", "aveti", "de"), ("ce", "spuneti", "de"))
_WANTED = (("mi-ar", "placea"), ("as", "vrea"), ("as", "prefera"), ("vreau",), ("ne-ar", "placea"))
_MORE = (("mai", "mult"), ("mai", "degraba"), ("mai", "bine"))


def apart(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "să-mi scoți" as "să scoți", "s-o scoți" as "să o scoți"."""
    found = list[Word]()
    for word in words:
        if word.key in _FOR_ME:
            found.append(replace(word, key="sa"))
        elif word.key in _IT:
            found += [replace(word, key="sa"), Word("le", word.end, word.end, "le")]
        else:
            found.append(word)
    return found


def what_about(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ce ziceți de un tablou" as "adaugă un tablou"."""
    for phrase in _ABOUT:
        if tuple(word.key for word in words[: len(phrase)]) == phrase and len(words) > len(phrase):
            return [said(words[0], "adauga"), *words[len(phrase) :]]
    return words


def available(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "merge canapeaua și pe verde" as "fă canapeaua pe verde"."""
    if len(words) < 4 or words[0].key not in {"merge", "merg", "exista"}:
        return words
    rest = [word for word in words[1:] if word.key != "si"]
    for index in range(1, len(rest)):
        link = lexicon.prepositions.result.length_at(rest, index)
        valued = link and len(rest) > index + link and all_attributes(rest[index + link :], lexicon)
        if valued and names_noun(rest[:index], lexicon):
            return [said(words[0], "fa"), *rest]
    return words


def nice_if(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ar fi super dacă blatul ar fi din lemn" as "blatul ar fi din lemn"."""
    keys = [word.key for word in words[:6]]
    if keys[:2] not in (["ar", "fi"], ["n-ar", "fi"]):
        return words
    at = next((i for i in range(2, len(keys)) if keys[i] in {"daca", "ca"}), None)
    return words[at + 1 :] if at is not None and not names_noun(words[:at], lexicon) else words


def wanted_more(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mi-ar plăcea mai mult un covor" without "mai mult"."""
    for phrase in _WANTED:
        length = len(phrase)
        if tuple(word.key for word in words[:length]) != phrase:
            continue
        more = tuple(word.key for word in words[length : length + 2])
        if more in _MORE and lexicon.words.indefinite.length_at(words, length + 2):
            return [*words[:length], *words[length + 2 :]]
    return words


def complained_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "..., e urâtă" after what is asked."""
    at = next((i for i in range(len(words) - 1, 0, -1) if words[i].key == ","), None)
    if at is None or at + 2 > len(words) - 1 or words[at + 1].key not in _BEING:
        return words
    rest = words[at + 2 :]
    verb = any(lexicon.verb_at(words, i) for i in range(min(3, at)))
    return words[:at] if verb and not names_noun(rest, lexicon) else words


def without_but(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fără perdele, jaluzele din lemn" as "..., pune în schimb un jaluzele din lemn"."""
    at = next((i for i, word in enumerate(words) if word.key == ","), None)
    if at is None or at + 1 >= len(words) or words[0].key not in {"fara", "nu"}:
        return words
    denied = words[0].key == "fara" or lexicon.verbs.deny.length_at(words, 0)
    told = any(lexicon.verb_at(words, i) for i in range(at + 1, len(words)))
    if not denied or told or not is_new(words[at + 1], lexicon.language):
        return words
    made = [said(words[at], key) for key in ("pune", "un")]
    instead = [said(words[-1], key) for key in ("in", "schimb")]
    return [*words[: at + 1], *made, *words[at + 1 :], *instead]


def given_to(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "dă-i camerei un aer scandinav" without the pronoun that the genitive says again."""
    for index in range(len(words) - 2):
        gives = words[index].key in _GIVING and words[index + 1].key in {"i", "le"}
        receives = index + 1 + gives
        genitive = words[receives].key.endswith(("ei", "ui", "lor", "ii"))
        new = lexicon.words.indefinite.length_at(words, receives + 1)
        if words[index].key in _GIVING and genitive and (gives or new):
            return [*words[:index], replace(words[index], key="ofera"), *words[receives:]]
    return words


def painted_with(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "dă cu alb pe pereți" as "vopsește pereți alb"."""
    if [word.key for word in words[:2]] not in (["da", "cu"], ["dai", "cu"], ["dam", "cu"]):
        return words
    end = clause_end(words, 2, lexicon)
    at = next((i for i in range(3, end) if words[i].key == "pe"), None)
    if at is None or not all_attributes(words[2:at], lexicon):
        return words
    return [replace(words[0], key="vopseste"), *words[at + 1 : end], *words[2:at], *words[end:]]


def named_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lustra asta veche, dă-o jos" as naming the chandelier."""
    at = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), None)
    if at is None or at + 2 >= len(words) or words[at].key not in {":", ","}:
        return words
    verb = lexicon.verb_at(words, at + 1)
    again = verb and "le" in {word.key for word in words[at + 2 : at + 2 + verb[1]]}
    told = any(lexicon.verb_at(words, i) or lexicon.statements.verbs.length_at(words, i) for i in range(at))
    named = names_noun(words[:at], lexicon) and not lexicon.statements.naming.length_at(words, 0)
    if not again or told or not named or lexicon.words.no.length_at(words, 0):
        return words
    return [said(words[0], "uite"), *words[:at], said(words[at], ","), *words[at + 1 :]]


def stands_there(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lampa să stea pe masă" as "muta lampa pe masă"."""
    for index in range(1, len(words) - 2):
        goes = words[index].key == "sa" and words[index + 1].key in {"stea", "mearga", "vina", "ajunga"}
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        subject = words[start:index]
        placed = place_length(words, index + 2, lexicon)
        new = lexicon.words.indefinite.length_at(subject, 0)
        if goes and placed and names_noun(subject, lexicon) and not lexicon.verb_at(subject, 0):
            return [
                *words[:start],
                said(words[start], "pune" if new else "muta"),
                *subject,
                *words[index + 2 :],
            ]
    return words
