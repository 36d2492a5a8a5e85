"""German before its other rules: what is said by the way left out, complaints, "gern lieber A als B"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.values import split_value
from langdesign_reference.word_order.bounds import place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_ASIDE = frozenset(("bitte", "mal", "doch"))
_MODAL = frozenset(
    (
        *(
            "kann",
            "kannst",
            "konnen",
            "konnt",
            "konnte",
            "konntest",
            "konnten",
            "konntet",
            "willst",
            "wollen",
        ),
        *(
            "wollt",
            "magst",
            "mochtest",
            "sollen",
            "sollten",
            "sollte",
            "wurdest",
            "wurde",
            "wurden",
            "durfen",
        ),
        *("durfte", "darf"),
    )
)
"""Verbs that open a polite question, in which "nicht" denies nothing."""
_PERSONS = frozenset(("du", "sie", "ihr", "man", "wir", "jemand"))
_FOR_ME = frozenset(("mir", "uns"))


def without_asides(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "bitte", "mal", "doch", the "nicht" and the "mir" of "kannst du mir nicht ..."."""
    if len(words) < 3:
        return words
    asked = words[0].key in _MODAL and not any(word.key == "sondern" for word in words)
    kept = list[Word]()
    for index, word in enumerate(words):
        before = words[index - 1].key if index else ""
        after = words[index + 1].key if index + 1 < len(words) else ""
        inner = index > 0 and before not in PUNCTUATION and after not in PUNCTUATION | {""}
        aside = word.key in _ASIDE and inner
        polite = asked and word.key == "nicht" and index < 5 and before not in PUNCTUATION
        ethic = (
            word.key in _FOR_ME and asked and before in _PERSONS and lexicon.starts_phrase(words, index + 1)
        )
        if not (aside or polite or ethic):
            kept.append(word)
    return kept


def that_apart(words: list[Word], _: Lexicon) -> list[Word]:
    """Put the comma before "dass" that was not written."""
    found = list[Word]()
    for word in words:
        if word.key == "dass" and found and found[-1].key != ",":
            found.append(said(word, ","))
        found.append(word)
    return found


_STANDS = frozenset(("steht", "stehen", "hangt", "hangen", "liegt", "liegen", "kommt", "kommen"))


def that_it_stands(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ich will, dass das Bett am Fenster steht" as "verschiebe das Bett am Fenster"."""
    that = next((i for i in range(1, min(6, len(words))) if words[i].key == "dass"), 0)
    wants = that and words[0].key in {"ich", "wir"} and not any(word.key == "nicht" for word in words)
    end = next((i for i in range(that, len(words)) if words[i].key in PUNCTUATION), len(words))
    if not wants or words[end - 1].key not in _STANDS:
        return words
    clause = words[that + 1 : end - 1]
    if not any(place_length(clause, i, lexicon) for i in range(1, len(clause))):
        return words
    new = lexicon.words.indefinite.length_at(clause, 0) > 0
    return [said(words[that], "stell" if new else "verschiebe"), *clause, *words[end:]]


def complained(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "es ist mir zu dunkel hier" and "zu voll hier" as "weniger dunkel", "weniger voll"."""
    start = 0
    if [word.key for word in words[:2]] in (["es", "ist"], ["hier", "ist"], ["das", "ist"], ["es", "wirkt"]):
        start = 2
    while start < len(words) and words[start].key in {
        "mir",
        "uns",
        "hier",
        "einfach",
        "echt",
        "alles",
        "es",
        "viel",
    }:
        start += 1
    rest = words[start + 1 :]
    while rest and (rest[-1].key in {"hier", "drin", "herin", "finde", "ich"} or rest[-1].key in PUNCTUATION):
        rest = rest[:-1]
    told = start < len(words) and words[start].key in ({"zu", "so"} if start else {"zu"})
    if not told or not rest or any(word.key in PUNCTUATION for word in rest):
        return words
    return [said(words[start], "weniger"), *rest] if all_attributes(rest, lexicon) else words


def rather_than(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lieber Parkett als Teppich" as "Parkett statt Teppich"."""
    keys = [word.key for word in words]
    if "lieber" not in keys or "als" not in keys[keys.index("lieber") :]:
        return words
    rather = keys.index("lieber")
    than = keys.index("als", rather)
    end = next((i for i in range(than, len(words)) if keys[i] in PUNCTUATION), len(words))
    named = all(lexicon.noun_before(words, i) or lexicon.attribute_before(words, i) for i in (than, end))
    if not named or than + 1 >= end:
        return words
    instead = replace(words[than], key="statt", text="statt")
    return [*words[:rather], *words[rather + 1 : than], instead, *words[than + 1 :]]


def not_but(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "mach nicht das Sofa rot, sondern den Sessel" as "mach den Sessel rot, nicht das Sofa"."""
    but = next((i for i in range(3, len(words) - 1) if words[i].key == "sondern"), 0)
    if not but or words[1].key != "nicht" or words[but - 1].key != "," or not lexicon.verb_at(words, 0):
        return words
    if not lexicon.starts_phrase(words, 2) or not lexicon.starts_phrase(words, but + 1):
        return words
    end = next((i for i in range(but, len(words)) if words[i].key in PUNCTUATION), len(words))
    denied = split_value(words[2 : but - 1], lexicon)
    value = [*denied.link, *denied.value]
    return [words[0], *words[but + 1 : end], *value, words[but - 1], words[1], *denied.theme, *words[end:]]


_CONJUNCTIONS = frozenset(("wenn", "ob", "dass", "wie", "was", "wo", "weil", "ist", "gibt", "wird", "geht"))


def short_it(words: list[Word], _: Lexicon) -> list[Word]:
    """Read "wenn's" as "wenn es"."""
    return [
        replace(word, key="es")
        if word.key == "'s" and index and words[index - 1].key in _CONJUNCTIONS
        else word
        for index, word in enumerate(words)
    ]


_ALL = frozenset(("alle", "beide", "allesamt"))
_CAN = frozenset(("konnen", "sollen", "mussen", "durfen", "konnten", "sollten", "sind", "werden", "mussten"))


def not_afloat(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out the "alle" of "die Kartons können alle weg"."""
    return [
        word
        for index, word in enumerate(words)
        if not (
            index > 1
            and word.key in _ALL
            and words[index - 1].key in _CAN
            and lexicon.noun_before(words, index - 1)
            and index + 1 < len(words)
            and not (lexicon.noun_at(words, index + 1) or lexicon.starts_phrase(words, index + 1))
        )
    ]


PLAIN = (short_it, not_afloat, not_but, without_asides, that_it_stands, that_apart, complained, rather_than)
