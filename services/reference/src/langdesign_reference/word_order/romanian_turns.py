"""Turns of Romanian around what is asked: complaints, what is there, what could be."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import names_noun
from langdesign_reference.translation import is_new
from langdesign_reference.word_order.bounds import (
    clause_end,
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
)
from langdesign_reference.word_order.romanian_requests import (
    available,
    complained_last,
    given_to,
    named_first,
    nice_if,
    painted_with,
    wanted_more,
    what_about,
    without_but,
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


def made_up(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fă patul", where nothing follows, as "ordonează patul"; "fă patul roșu" paints it."""
    for index in range(len(words) - 1):
        end = clause_end(words, index, lexicon)
        if words[index].key in {"fa", "faci"} and words[index + 1].key == "patul" and end == index + 2:
            return [*words[:index], replace(words[index], key="ordoneaza"), *words[index + 1 :]]
    return words


def lighter(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mai închisă la culoare" as "mai închisă"."""
    for index in range(1, len(words) - 1):
        shade = words[index - 1].key.startswith(("inchis", "deschis"))
        if shade and [word.key for word in words[index : index + 2]] == ["la", "culoare"]:
            return [*words[:index], *words[index + 2 :]]
    return words


def there_stands(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "e un scaun lângă ușă", told and not asked, as naming the chair."""
    exists = words[0].key in {"e", "este", "sunt", "exista"}
    new = lexicon.words.indefinite.length_at(words, 1)
    return [said(words[0], "uite"), *words[1:]] if exists and new else words


def tidied(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fă ordine în cameră" as "fă ordine"."""
    for index in range(2, len(words) - 1):
        place = place_length(words, index, lexicon)
        order = words[index - 1].key in {"ordine", "curat", "curatenie"}
        if place and order and lexicon.heads.whole.length_at(words, index + place):
            return [*words[:index], *words[index + place + 1 :]]
    return words


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


def turned_into(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "transformă dormitorul în cameră de copii" as "... într-o cameră ..."."""
    if not words or not words[0].key.startswith(("transform", "preschimb", "convert", "pref")):
        return words
    return [
        replace(word, key="intr-un")
        if word.key == "in" and index + 1 < len(words) and is_new(words[index + 1], lexicon.language)
        else word
        for index, word in enumerate(words)
    ]


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


def a_little(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave "puțin" out of "coboară puțin lustra", "mai" out of "mai spre perete"."""
    found = list[Word]()
    for index, word in enumerate(words):
        verb = index and lexicon.verb_at(words, index - 1)
        noun = index + 1 < len(words) and lexicon.noun_at(words, index + 1)
        little = word.key in {"putin", "nitel", "oleaca"} and verb and noun
        nearer = word.key == "mai" and place_length(words, index + 1, lexicon)
        if not little and not (nearer and not place_length(words, index, lexicon)):
            found.append(word)
    return found


def left_to_be(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lasă scaunele să fie albastre" as "scaunele să fie albastre"."""
    if not words or words[0].key not in {"lasa", "fa"}:
        return words
    start = 2 if len(words) > 1 and words[1].key == "ca" else 1
    end = next((i for i, word in enumerate(words) if word.key in PUNCTUATION), len(words))
    becomes = any(lexicon.predicates.change.length_at(words, i) > 1 for i in range(start + 1, end))
    return words[start:] if becomes else words


def named_and_done(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lampa veche o schimbăm cu una modernă" as "schimbăm lampa veche cu una modernă"."""
    for index in range(1, len(words) - 2):
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        verb = lexicon.verb_at(words, index + 1)
        named = index > start and not lexicon.verb_at(words, start) and lexicon.noun_at(words, start)
        if words[index].key in {"o", "il", "le", "ii"} and verb and named and verb[0] not in {"want", "deny"}:
            after = index + 1 + verb[1]
            return [*words[:start], *words[index + 1 : after], *words[start:index], *words[after:]]
    return words


def material_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "din catifea verde" as "din verde catifea": the material tells what is asked."""
    verb = lexicon.verb_at(words, 0) if words else None
    if verb and verb[0] not in {"change", "restyle", "recolour", "want"}:
        return words
    for index in range(1, len(words) - 1):
        made = words[index - 1].key in {"din", "de", "cu", "in"}
        kinds = lexicon.attributes
        if (
            made
            and kinds.materials.length_at(words, index) == 1
            and kinds.colours.length_at(words, index + 1) == 1
        ):
            return [*words[:index], words[index + 1], words[index], *words[index + 2 :]]
    return words


def made_to(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "poți face ca lustra să fie mai mare" as "poți lustra să fie mai mare"."""
    for index in range(len(words) - 2):
        if words[index].key in {"face", "faci", "fa", "facem", "faceti"} and words[index + 1].key == "ca":
            return [*words[:index], *words[index + 2 :]]
    return words


def without_it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "camera fără covor" as "fără covor"."""
    for index in range(1, len(words) - 1):
        if words[index].key == "fara" and lexicon.heads.whole.length_before(words, index):
            return words[index:]
    return words


def changed_for(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "schimbă scaunele cu unele din lemn" as "înlocuiește ..."."""
    for index in range(1, len(words) - 1):
        if words[index].key == "cu" and not _only_described(words, index + 1, lexicon):
            verb = next((i for i in range(index) if words[i].key.startswith("schimb")), None)
            if verb is not None:
                return [*words[:verb], replace(words[verb], key="inlocuieste"), *words[verb + 1 :]]
    return words


def _only_described(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether a clause's rest says how something is, and names no thing or material to change it for."""
    rest = words[index : clause_end(words, index, lexicon)]
    swapped = any(
        lexicon.noun_at(rest, i) or lexicon.words.indefinite.length_at(rest, i) for i in range(len(rest))
    )
    material = any(lexicon.attributes.materials.length_at(rest, i) for i in range(len(rest)))
    return all_attributes(rest, lexicon) and not swapped and not material


def instead_of(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "în loc de perdele, jaluzele" with "mai bine" for its comma."""
    comma = next((i for i, word in enumerate(words) if word.key == ","), None)
    instead = lexicon.prepositions.instead.length_at(words, 0)
    if not instead or comma is None or any(lexicon.verb_at(words, i) for i in range(len(words))):
        return words
    return [*words[:comma], said(words[comma], "mai"), said(words[comma], "bine"), *words[comma + 1 :]]


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
)
"""Turns that are read before the words are put in order."""
