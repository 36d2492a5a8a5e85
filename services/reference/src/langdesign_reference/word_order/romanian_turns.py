"""Turns of Romanian around what is asked: complaints, what is there, what could be."""

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import names_noun
from langdesign_reference.word_order.bounds import (
    dropped_rest,
    exception_last,
    place_length,
    said,
)
from langdesign_reference.word_order.romanian_changes import (
    another,
    brought_near,
    curtains,
    given,
    in_its_place,
    needed,
    one_of_them,
)
from langdesign_reference.word_order.romanian_requests import (
    available,
    complained_last,
    given_to,
    named_first,
    nice_if,
    painted_with,
    stands_there,
    wanted_more,
    what_about,
    without_but,
)
from langdesign_reference.word_order.romanian_values import (
    a_little,
    changed_for,
    instead_of,
    left_to_be,
    lighter,
    made_to,
    made_up,
    material_last,
    tidied,
    turned_into,
)
from langdesign_reference.word_order.romanian_views import (
    inverted,
    liked,
    no_longer_wanted,
    not_first,
    not_to_see,
    of_it,
    refused,
    so_that,
    treated,
    wanted_there,
)
from langdesign_reference.words import PUNCTUATION, Word

_OBJECTS = frozenset({"o", "il", "le", "ii", "le-as", "l-as", "i-as", "le-am", "l-am"})


def there_is(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pe pat e o pătură, scoate-o" as naming the blanket."""
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    again = any(word.key == "le" and lexicon.verb_at(words, i - 1) for i, word in enumerate(words) if i > end)
    if not place_length(words, 0, lexicon) or not again:
        return words
    for index in range(2, end - 1):
        named = lexicon.words.indefinite.length_at(words, index + 1)
        if words[index].key in {"e", "este", "sunt", "sta", "stau", "atarna", "zace"} and named:
            return [said(words[0], "uite"), *words[index + 1 :]]
    return words


def seen_with(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "cum ar arăta camera cu un șemineu" as "adaugă un șemineu"."""
    keys = [word.key for word in words]
    if keys[:3] != ["cum", "ar", "arata"]:
        return words
    for index in range(4, len(words) - 1):
        whole = lexicon.heads.whole.length_at(words, index - 1)
        if keys[index] == "cu" and whole and lexicon.words.indefinite.length_at(words, index + 1):
            return [said(words[0], "adauga"), *words[index + 1 :]]
    return words


def there_stands(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "e un scaun lângă ușă", told and not asked, as naming the chair."""
    exists = words[0].key in {"e", "este", "sunt", "exista"}
    new = lexicon.words.indefinite.length_at(words, 1)
    return [said(words[0], "uite"), *words[1:]] if exists and new else words


def could_be(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ar putea raftul să fie din metal" as "raftul să fie din metal"."""
    for plain in (("pot", "fi"), ("poate", "fi"), ("ar", "putea", "fi")):
        if tuple(word.key for word in words[: len(plain)]) == plain:
            return words[len(plain) :]
    for fits in (("ar", "merge"), ("ar", "incapea"), ("ar", "intra")):
        new = lexicon.words.indefinite.length_at(words, len(fits))
        if tuple(word.key for word in words[: len(fits)]) == fits and new:
            return [said(words[0], "vreau"), *words[len(fits) :]]
    for phrase in (("ar", "putea"), ("n", "ar", "putea"), ("n-ar", "putea"), ("ar", "trebui"), ("poate",)):
        if tuple(word.key for word in words[: len(phrase)]) != phrase:
            continue
        for index in range(len(phrase) + 1, len(words)):
            if lexicon.predicates.change.length_at(words, index) > 1:
                return words[len(phrase) :]
    return words


def wanted_gone(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "vreau un covor și să dispară masa" with a comma before what is wanted next."""
    found = list[Word]()
    index = 0
    while index < len(words):
        joins = words[index].key in {"si", "iar", ","} and index
        following = words[index + 1].key if index + 1 < len(words) else ""
        if joins and following == "sa" and lexicon.verb_at(words, index + 2):
            found.append(said(words[index], ","))
            index += 2
        else:
            found.append(words[index])
            index += 1
    return found


def complained(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out a complaint in front: "e prea rece aici, fă-o mai caldă"."""
    comma = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), None)
    if comma is None or comma + 2 >= len(words) or words[0].key not in {"e", "este", "pare", "arata"}:
        return words
    says = lexicon.verb_at(words, comma + 1) or lexicon.words.openers.length_at(words, comma + 1)
    return words[comma + 1 :] if says and not names_noun(words[:comma], lexicon) else words


def both_of_them(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "scoate-le pe amândouă" as "scoate-le"."""
    keys = [word.key for word in words]
    for index in range(2, len(words)):
        if (
            keys[index - 1] == "pe"
            and keys[index - 2] == "le"
            and keys[index] in {"amandoua", "amandoi", "toate"}
        ):
            return [*words[: index - 1], *words[index + 1 :]]
    return words


def only_named(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "m-am săturat de covor, scoate-l" as naming the rug first."""
    denied = lexicon.verbs.deny.length_at(words, 0)
    again = any(
        word.key == "le" and index and lexicon.verb_at(words, index - 1) for index, word in enumerate(words)
    )
    return [said(words[0], "uite"), *words[denied:]] if denied and again else words


def without_rest(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "restul rămâne la fel": it goes without saying."""
    return dropped_rest(words, lexicon, frozenset({"restul"}))


def named_and_done(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lampa veche o schimbăm cu una modernă" as "schimbăm lampa veche cu una modernă"."""
    for index in range(1, len(words) - 2):
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        verb = lexicon.verb_at(words, index + 1)
        named = index > start and not lexicon.verb_at(words, start) and lexicon.noun_at(words, start)
        if words[index].key in _OBJECTS and verb and named and verb[0] not in {"want", "deny"}:
            after = index + 1 + verb[1]
            return [*words[:start], *words[index + 1 : after], *words[start:index], *words[after:]]
    return words


def without_it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "camera fără covor" as "fără covor"."""
    for index in range(1, len(words) - 1):
        if words[index].key == "fara" and lexicon.heads.whole.length_before(words, index):
            return words[index:]
    return words


TURNS = (
    what_about,
    available,
    nice_if,
    wanted_more,
    complained_last,
    without_but,
    given_to,
    painted_with,
    named_first,
    liked,
    not_to_see,
    refused,
    no_longer_wanted,
    wanted_there,
    so_that,
    not_first,
    inverted,
    treated,
    of_it,
    made_up,
    lighter,
    made_to,
    without_it,
    changed_for,
    instead_of,
    there_is,
    brought_near,
    a_little,
    left_to_be,
    named_and_done,
    exception_last,
    material_last,
    complained,
    only_named,
    another,
    one_of_them,
    seen_with,
    curtains,
    tidied,
    given,
    needed,
    could_be,
    turned_into,
    wanted_gone,
    both_of_them,
    in_its_place,
    stands_there,
)
"""Turns that are read before the words are put in order."""
