"""Turns of Romanian that ask for a change without its plain verb: "pune alta", "trage draperiile"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import is_indefinite
from langdesign_reference.word_order import bounds
from langdesign_reference.word_order.bounds import by_clause, clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_OTHERS = frozenset({"alta", "altul", "altele", "altii", "altceva"})
_ONES = frozenset({"una", "unul", "unele", "unii"})
_HOW = frozenset({"cu", "din", "mai", "in", "de"})
_PLACING = frozenset({"pune", "pui", "punem", "puneti", "ia", "alege", "pun"})
_DRAWN = ("draperi", "perdel", "jaluzel", "storur", "rulour")


def covered(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune tapet pe perete" as "acoperă perete cu tapet"."""
    return bounds.covered(words, lexicon, "acopera", "cu")


def _moved(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "agață ceasul mai sus" as moving it."""
    verb = lexicon.verb_at(words, 0) if words else None
    if not verb or verb[0] != "put" or is_indefinite(words[verb[1] :], lexicon):
        return words
    end = clause_end(words, verb[1], lexicon)
    goes = lexicon.prepositions.directions.length_before(words[:end], end)
    if goes and not any(place_length(words, i, lexicon) for i in range(verb[1], end - goes)):
        return [replace(words[0], key="muta"), *words[verb[1] :]]
    return words


def moved(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read each clause of a sentence as `_moved`."""
    return by_clause(words, lexicon, _moved)


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


def another(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune alta", "pune una mai mare" as "înlocuiește-o cu alta"."""
    for index, word in enumerate(words[:-1]):
        end = clause_end(words, index + 1, lexicon)
        placed = any(place_length(words, i, lexicon) for i in range(index + 2, end))
        stands = words[index + 1].key in _OTHERS or words[index + 1].key in _ONES
        something = words[index + 1].key == "ceva" and index > 1  # "nu-mi place gresia, pune ceva cu dungi"
        stands = stands or (something and any(one.key in _HOW for one in words[index + 2 : index + 3]))
        if word.key in _PLACING and stands and not placed:
            made = [said(word, "inlocuieste"), said(word, "le"), said(word, "cu")]
            return [*words[:index], *made, *words[index + 1 :]]
    return words


def one_of_them(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "canapeaua nu-mi place, aș vrea una din piele" as "..., înlocuiește-o cu una din piele"."""
    for index in range(2, len(words) - 1):
        wants = lexicon.verbs.want.length_at(words, index)
        one = words[index + wants : index + wants + 1]
        follows = wants and words[index - 1].key in PUNCTUATION
        if follows and one and one[0].key in _OTHERS | _ONES:
            made = [said(words[index], key) for key in ("inlocuieste", "le", "cu")]
            return [*words[:index], *made, *words[index + wants :]]
    return words


def in_its_place(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "pune un fotoliu în loc", "în locul lui pune un fotoliu" as "pune un fotoliu în schimb"."""
    for index in range(len(words) - 1):
        early = words[index + 1].key == "schimb" and lexicon.verb_at(words, index + 2)
        if words[index].key != "in" or not (early or words[index + 1].key in {"loc", "locul"}):
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


def brought_near(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "apropie-le de masă" as bringing them beside the table."""
    near = [i for i, word in enumerate(words) if word.key.startswith("apropi")]
    return [
        replace(word, key="langa") if word.key == "de" and any(0 < index - i < 6 for i in near) else word
        for index, word in enumerate(words)
    ]
