"""What somebody wants, likes or refuses, in Romanian: "lampa n-o mai vreau", "îmi place camera așa"."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import names_noun
from langdesign_reference.word_order.bounds import clause_end, place_length, said
from langdesign_reference.words import PUNCTUATION, Word

_OBJECTS = frozenset({"il", "o", "le", "ii", "l", "i"})
_DENIED = frozenset({"n-o", "nu-l", "nu-i", "nu-le", "n-as", "n-o-"})
_WANTING = frozenset({"vreau", "vrem", "suport", "vedem", "vad", "prefer", "doresc"})
_LIKING = (("imi", "place"), ("imi", "plac"), ("ne", "place"), ("ne", "plac"), ("ador",), ("iubesc",))
_SEEN = frozenset({"vad", "vedem", "am", "avem", "fie", "apara"})
_TREATED = ("vopsit", "zugravit", "lacuit", "tapitat", "imbracat", "placat", "facut", "tapetat", "retapitat")


def no_longer_wanted(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lampa n-o mai vreau", "nu le mai vreau" as "nu mai vreau lampa"."""
    for index in range(1, len(words) - 1):
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        apart = words[index].key == "nu" and words[index + 1].key in _OBJECTS
        at = index + 1 + apart
        at += int(at < len(words) and words[at].key == "mai")
        denied = words[index].key in _DENIED or apart
        wants = at < len(words) and words[at].key in _WANTING
        if denied and wants and start < index and not lexicon.verb_at(words, start):
            made = [said(words[index], key) for key in ("nu", "mai", "vreau")]
            return [*words[:start], *made, *words[start:index], *words[at + 1 :]]
    return words


def wanted_there(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "tabloul îl vreau mai sus" as "muta tabloul mai sus", "vreau masa mai aproape de geam" alike."""
    want = lexicon.verbs.want.length_at(words, 0)
    if want and lexicon.noun_at(words, want):
        for index in range(want + 1, len(words) - 3):
            if [word.key for word in words[index : index + 3]] == ["mai", "aproape", "de"]:
                return [said(words[0], "muta"), *words[want:]]
    for index in range(1, len(words) - 2):
        if words[index].key not in _OBJECTS or words[index + 1].key not in _WANTING:
            continue
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        after = index + 2
        goes = lexicon.prepositions.directions.length_at(words, after)
        goes = goes or (place_length(words, after, lexicon) and not _valued(words, after, lexicon))
        if goes and start < index and not lexicon.verb_at(words, start):
            return [*words[:start], said(words[start], "muta"), *words[start:index], *words[after:]]
    return words


def _valued(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    link = lexicon.prepositions.result.length_at(words, index)
    rest = words[index + link : clause_end(words, index, lexicon)]
    return bool(link) and all_attributes(rest, lexicon)


def not_to_see(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "vreau să nu mai văd cablurile" as "nu mai vreau cablurile"."""
    for index in range(len(words) - 3):
        keys = [word.key for word in words[index : index + 4]]
        mai = keys[2] == "mai"
        state = keys[2 + mai] == "fie" and all_attributes(words[index + 3 + mai :], lexicon)
        if keys[:2] == ["sa", "nu"] and keys[2 + mai] in _SEEN and index <= 3 and not state:
            made = [said(words[index], key) for key in ("nu", "mai", "vreau")]
            return [*made, *words[index + 3 + mai :]]
    return words


def so_that(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "ar trebui ca podeaua să fie din stejar" as "podeaua să fie din stejar"."""
    at = next((i for i in range(1, min(5, len(words))) if words[i].key == "ca"), None)
    if at is None or lexicon.noun_at(words, 0):
        return words
    end = next((i for i in range(at, len(words)) if words[i].key in PUNCTUATION), len(words))
    becomes = any(words[i].key == "sa" for i in range(at + 2, end))
    polite = lexicon.words.openers.length_at(words, 0) or lexicon.verbs.want.length_at(words, 0)
    asks = polite or words[0].key in {"e", "este", "ar", "se", "as", "vreau", "trebuie", "mi-ar"}
    return words[at + 1 :] if becomes and asks and not place_length(words, at + 1, lexicon) else words


def liked(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "îmi place camera așa", where nothing else is said, as "lasă camera așa"."""
    if any(word.key in PUNCTUATION for word in words):
        return words
    for phrase in _LIKING:
        if tuple(word.key for word in words[: len(phrase)]) == phrase and len(words) > len(phrase):
            return [said(words[0], "lasa"), *words[len(phrase) :]]
    return words


def refused(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nu vreau să schimbi nimic" as "nu schimbi nimic"."""
    keys = [word.key for word in words[:3]]
    if keys in (["nu", "vreau", "sa"], ["nu", "vrem", "sa"]) and lexicon.verb_at(words, 3):
        return [words[0], *words[3:]]
    return words


def treated(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "uși vopsite negru" as "uși negru"."""
    for index in range(1, len(words) - 1):
        stem = words[index].key.rstrip("aei")
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        if stem not in _TREATED or not lexicon.noun_at(words, index - 1) or lexicon.verb_at(words, start):
            continue
        end = clause_end(words, index + 1, lexicon)
        link = lexicon.prepositions.result.length_at(words, index + 1)
        if all_attributes(words[index + 1 + link : end], lexicon):
            return [*words[:index], *words[index + 1 :]]
    return words


def not_first(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "nu canapeaua, fotoliul să fie verde" as "fotoliul să fie verde, dar nu canapeaua"."""
    comma = next((i for i, word in enumerate(words) if word.key == ","), None)
    if comma is None or words[0].key != "nu" or comma + 1 >= len(words) or not lexicon.noun_at(words, 1):
        return words
    end = next((i for i in range(comma + 1, len(words)) if words[i].key in PUNCTUATION), len(words))
    after = comma + 1 + int(words[comma + 1].key == "ci")
    if any(lexicon.verb_at(words, i) for i in range(1, comma)) or after >= end:
        return words
    kept = [said(words[0], "dar"), *words[:comma]]
    return [*words[after:end], *kept, *words[end:]]


def inverted(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "să fie totul mai aerisit" as "totul să fie mai aerisit"."""
    if len(words) < 4 or [word.key for word in words[:2]] not in (["sa", "fie"], ["sa", "devina"]):
        return words
    end = clause_end(words, 2, lexicon)
    if lexicon.heads.condition.length_before(words[:end], end) and words[2].key in {"mai", "multa", "mult"}:
        return words[2:]  # "să fie mai multă lumină"
    for index in range(3, end):
        subject, rest = words[2:index], words[index:end]
        link = lexicon.prepositions.result.length_at(rest, 0)
        whole = lexicon.heads.whole.length_at(subject, 0) == len(subject)
        named = whole or (names_noun(subject, lexicon) and not lexicon.words.indefinite.length_at(subject, 0))
        if named and len(rest) > link and all_attributes(rest[link:], lexicon):
            return [*subject, *words[:2], *rest, *words[end:]]
    return words


def of_it(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Tell the pronoun of "în fața lui" from the article of a name."""
    return [
        replace(word, key="el")
        if word.key in {"lui", "lor"}
        and index
        and place_length(words, index - 2, lexicon) + place_length(words, index - 1, lexicon) > 0
        and not lexicon.noun_at(words, index + 1)
        else word
        for index, word in enumerate(words)
    ]
