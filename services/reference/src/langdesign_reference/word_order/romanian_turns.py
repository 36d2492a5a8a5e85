"""Turns of Romanian that say with other words what a verb of the rules says: "pune alta"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_indefinite, names_noun
from langdesign_reference.translation import is_new
from langdesign_reference.word_order.bounds import (
    clause_end,
    dropped_rest,
    exception_last,
    place_length,
    said,
)
from langdesign_reference.words import PUNCTUATION, Word

_OTHERS = frozenset({"alta", "altul", "altele", "altii", "altceva"})
_ONES = frozenset({"una", "unul", "unele", "unii"})
_PLACING = frozenset({"pune", "pui", "punem", "puneti", "ia", "alege", "pun"})
_DRAWN = ("draperi", "perdel", "jaluzel", "storur", "rulour")


def another(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune alta", "pune una mai mare" as "înlocuiește-o cu alta"."""
    for index, word in enumerate(words[:-1]):
        end = clause_end(words, index + 1, lexicon)
        placed = any(place_length(words, i, lexicon) for i in range(index + 2, end))
        stands = words[index + 1].key in _OTHERS or words[index + 1].key in _ONES
        if word.key in _PLACING and stands and not placed:
            made = [said(word, "inlocuieste"), said(word, "le"), said(word, "cu")]
            return [*words[:index], *made, *words[index + 1 :]]
    return words


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


def brought_near(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "apropie-le de masă" as bringing them beside the table."""
    near = [i for i, word in enumerate(words) if word.key.startswith("apropi")]
    return [
        replace(word, key="langa") if word.key == "de" and any(0 < index - i < 6 for i in near) else word
        for index, word in enumerate(words)
    ]


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


def curtains(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "trage draperiile" as closing them."""
    return [
        replace(word, key="inchide")
        if word.key in {"trage", "tragi", "tragem"}
        and any(other.key.startswith(_DRAWN) for other in words[index + 1 : index + 2])
        and not any(place_length(words, i, lexicon) for i in range(index + 2, len(words)))
        else word
        for index, word in enumerate(words)
    ]


def tidied(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "fă ordine în cameră" as "fă ordine"."""
    for index in range(2, len(words) - 1):
        place = place_length(words, index, lexicon)
        order = words[index - 1].key in {"ordine", "curat", "curatenie"}
        if place and order and lexicon.heads.whole.length_at(words, index + place):
            return [*words[:index], *words[index + place + 1 :]]
    return words


def given(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "dă canapelei o tapițerie din in" as "fă canapelei din in"."""
    if len(words) < 4 or words[0].key not in {"da", "dai", "ofera"} or words[1].key == "jos":
        return words
    heads = (lexicon.heads.style, lexicon.heads.colour)
    for index in range(2, len(words) - 2):
        if not lexicon.words.indefinite.length_at(words, index):
            continue
        for at in range(index + 1, min(index + 4, len(words) - 1)):
            if any(head.length_at(words, at) for head in heads) and words[at + 1].key in {"din", "in"}:
                return [said(words[0], "fa"), *words[1:index], *words[at + 1 :]]
    return words


def needed(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "camera are nevoie de mai multe plante" as "adaugă mai multe plante"."""
    keys = [word.key for word in words]
    for index in range(1, len(words) - 3):
        if keys[index + 1 : index + 3] != ["nevoie", "de"] or not lexicon.heads.whole.length_before(
            words, index
        ):
            continue
        rest = words[index + 3 :]
        how = lexicon.heads.condition.length_before(rest, len(rest)) or all_attributes(rest, lexicon)
        return rest if how else [said(rest[0], "adauga"), *rest]
    return words


def in_its_place(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune un fotoliu în loc", "în locul lui pune un fotoliu" as "pune un fotoliu în schimb"."""
    for index in range(len(words) - 1):
        if words[index].key != "in" or words[index + 1].key not in {"loc", "locul"}:
            continue
        after = index + 2
        owned = after < len(words) and words[after].key in {"lui", "ei", "lor", "acestuia", "acesteia"}
        if words[index + 1].key == "locul" and not owned:
            continue
        if words[index + 1].key == "loc" and after < len(words) and words[after].key == "de":
            continue
        after += owned
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        end = clause_end(words, after, lexicon)
        clause = [*words[start:index], *words[after:end]]
        verb = any(lexicon.verb_at(clause, i) for i in range(min(3, len(clause))))
        made = [] if verb or not clause else [said(clause[0], "pune")]
        schimb = [replace(words[index], key="in"), replace(words[index + 1], key="schimb")]
        return [*words[:start], *made, *clause, *schimb, *words[end:]]
    return words


def could_be(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ar putea raftul să fie din metal" as "raftul să fie din metal"."""
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


def put_instead(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune în loc de canapea un colțar" as "înlocuiește canapea cu un colțar"."""
    verb = lexicon.verb_at(words, 0) if words else None
    instead = lexicon.prepositions.instead.length_at(words, verb[1]) if verb else 0
    if not verb or verb[0] not in {"put", "add", "want"} or not instead:
        return words
    for index in range(verb[1] + instead + 1, len(words)):
        if lexicon.words.indefinite.length_at(words, index):
            old = words[verb[1] + instead : index]
            return [said(words[0], "inlocuieste"), *old, said(words[index], "cu"), *words[index:]]
    return words


def covered(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune tapet pe perete" as "acoperă perete cu tapet"."""
    verb = lexicon.verb_at(words, 0) if words else None
    if not verb or verb[0] not in {"put", "add"}:
        return words
    for index in range(verb[1] + 1, len(words) - 1):
        place = place_length(words, index, lexicon)
        if not place:
            continue
        end = clause_end(words, index, lexicon)
        material = words[verb[1] : index]
        if all_attributes(material, lexicon) and lexicon.heads.structure.length_at(words, index + place):
            made = said(words[index], "cu")
            return [said(words[0], "acopera"), *words[index + place : end], made, *material, *words[end:]]
        return words
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


def moved(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "agață ceasul mai sus" as moving it."""
    verb = lexicon.verb_at(words, 0) if words else None
    if not verb or verb[0] != "put" or is_indefinite(words[verb[1] :], lexicon):
        return words
    end = clause_end(words, verb[1], lexicon)
    goes = lexicon.prepositions.directions.length_before(words[:end], end)
    if goes and not any(place_length(words, i, lexicon) for i in range(verb[1], end - goes)):
        return [replace(words[0], key="muta"), *words[verb[1] :]]
    return words


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


TURNS = (
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
