"""Turns of German around what is asked: particles, complaints, relative clauses, "wir" who do it."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.word_order.bounds import by_clause, dropped_rest, exception_last, place_length, said
from langdesign_reference.word_order.german_changes import (
    anew,
    another,
    away_with_it,
    brought_in,
    covered,
    given,
    let_vanish,
    made_from,
    needed,
    opened,
    out_and_in,
    stated_instead,
)
from langdesign_reference.word_order.german_modal import FINITE
from langdesign_reference.word_order.german_particles import (
    asked_away,
    available,
    demonstrative,
    made_out_of_it,
    placed_bare,
    taken_down,
    taken_up,
    up_there,
)
from langdesign_reference.word_order.german_requests import (
    goes_there,
    must_not,
    named_first,
    rather,
    rather_than,
    requested,
    what_about,
    without_that,
)
from langdesign_reference.word_order.german_views import (
    asked_why,
    better_without,
    bothers,
    complained,
    disliked,
    does_good,
    gladly,
    liked,
    looks_like,
    never,
    no_longer,
    opinion,
    possible,
    refused,
    seen_with,
    shown_how,
    there_is,
    where_now,
)
from langdesign_reference.word_order.german_words import (
    as_it_is,
    colour_of,
    it,
    nouns_like_verbs,
    of_the,
    painted,
    particles,
    told_apart,
    without_it,
)
from langdesign_reference.words import PUNCTUATION, Word

_RELATIVE = frozenset({"der", "die", "das", "den", "dem", "welche", "welcher", "welches"})
_STANDING = frozenset(
    {"steht", "stehen", "hangt", "hangen", "liegt", "liegen", "sitzt", "ist", "sind", "lehnt", "befindet"}
)
_REST = frozenset({"rest", "ubrige", "ubrigen"})


def without_rest(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Leave out "den Rest so lassen": it goes without saying."""
    return dropped_rest(words, lexicon, _REST)


def we_do(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "die alte Lampe tauschen wir gegen eine neue" as "tauschen die alte Lampe gegen eine neue"."""
    for index in range(1, len(words) - 1):
        start = next((i + 1 for i in range(index - 1, -1, -1) if words[i].key in PUNCTUATION), 0)
        verb = lexicon.verb_at(words, index)
        named = lexicon.starts_phrase(words, start) and not lexicon.verb_at(words, start)
        if verb and named and index > start + 1 and words[index + 1].key in {"wir", "ich", "man"}:
            return [*words[:start], words[index], *words[start:index], *words[index + 2 :]]
    return words


def relative(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Keep "der am Fenster steht" with its noun: its words mean nothing by themselves to the rules."""
    for index in range(1, len(words) - 2):
        comma = int(words[index].key == ",")
        led = place_length(words, index + 1, lexicon) if comma else 0  # ", an der das Bett steht"
        start = index + comma
        if words[start + led].key not in _RELATIVE or not (comma or _follows_noun(words, index, lexicon)):
            continue
        end = next((i for i in range(start, len(words)) if words[i].key in PUNCTUATION), len(words))
        if not comma:  # "die Bilder die über dem Sofa hängen sollen weg"
            standing = (i + 1 for i in range(start, end) if words[i].key in _STANDING)
            end = next(standing, start)
        clause = words[start:end]
        if any(word.key in FINITE for word in clause[:-1]):  # ", die Platte bleibt, wie sie ist"
            continue
        if clause and clause[-1].key in _STANDING and 2 < len(clause) < 9:
            inert = [*(replace(one, key="welch") for one in clause[: led + 1]), *clause[led + 1 : -1]]
            inert.append(replace(clause[-1], key="ebenda"))
            return [*words[:index], *inert, *relative(words[end + comma :], lexicon)]
    return words


def _follows_noun(words: list[Word], index: int, lexicon: Lexicon) -> bool:
    """Whether an article stands between a noun and a place, so that it must be a relative pronoun."""
    return bool(lexicon.noun_at(words, index - 1)) and place_length(words, index + 1, lexicon) > 0


def joined(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "alle Türen und Fenster streichen" with an article after "und": both are there already."""
    found = list[Word]()
    for index, word in enumerate(words):
        before = words[index - 1].key if index else ""
        bare = before == "und" and word.text[:1].isupper() and lexicon.noun_at(words, index)
        start = next((i + 1 for i in range(index - 2, -1, -1) if words[i].key in PUNCTUATION), 0)
        first = words[start : max(index - 1, start)]
        verb = lexicon.verb_at(first, 0) if first else None
        body = first[verb[1] :] if verb else first
        definite = lexicon.words.determiners.length_at(body, 0)
        if bare and definite and body and lexicon.noun_before(body, len(body)):
            found.append(said(word, "die"))
        found.append(word)
    return found


def namely(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "lackieren, und zwar in Weiß" as "lackieren in Weiß", "und zwar alle" as nothing."""
    for index in range(1, len(words) - 2):
        if words[index].key == "und" and words[index + 1].key == "zwar":
            start = index - (words[index - 1].key == ",")
            end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
            rest = words[index + 2 : end]
            if all(word.key in {"alle", "beide", "komplett", "ganz", "sofort", "gleich"} for word in rest):
                rest = []
            return [*words[:start], *rest, *words[end:]]
    return words


def _value_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "Türen lackieren in Weiß" as "lackieren Türen in Weiß"."""
    if not words or lexicon.verb_at(words, 0):
        return words
    for index in range(1, len(words) - 1):
        verb = lexicon.verb_at(words, index)
        if not verb or not words[index].key.endswith("n") or verb[1] > 1:
            continue
        link = lexicon.prepositions.result.length_at(words, index + 1)
        named = any(lexicon.noun_at(words, i) for i in range(index))
        if named and link and all_attributes(words[index + 1 + link :], lexicon):
            return [words[index], *words[:index], *words[index + 1 :]]
    return words


def value_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read each clause of a sentence as `_value_last`."""
    return by_clause(words, lexicon, _value_last)


def nothing_changed(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "bitte nichts am Bett verändern" as "lass Bett"."""
    for index in range(min(3, len(words) - 2)):
        place = place_length(words, index + 1, lexicon)
        if words[index].key != "nichts" or not place:
            continue
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        if lexicon.verbs.longest_at(words, end - 1) or words[end - 1].key in {"machen", "tun", "verandern"}:
            return [said(words[0], "lass"), *words[index + 1 + place : end - 1], *words[end:]]
    return words


def keep_last(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "aber die Arbeitsplatte lass" as "aber lass die Arbeitsplatte"."""
    for index in range(2, len(words)):
        if words[index].key not in {"lass", "lasst", "behalt", "behalte"}:
            continue
        start = index
        while start and words[start - 1].key not in PUNCTUATION | {"aber", "und", "doch", "nur"}:
            start -= 1
        if start < index and lexicon.starts_phrase(words, start) and not lexicon.verb_at(words, start):
            joint = [said(words[start], ",")] if start and words[start - 1].key not in PUNCTUATION else []
            return [*words[:start], *joint, words[index], *words[start:index], *words[index + 1 :]]
    return words


def stays_as(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "die Griffe bleiben golden" as "die Griffe bleiben"."""
    for index in range(1, len(words) - 1):
        end = next((i for i in range(index, len(words)) if words[i].key in PUNCTUATION), len(words))
        rest = words[index + 1 : end]
        if words[index].key in {"bleibt", "bleiben"} and rest and all_attributes(rest, lexicon):
            return [*words[: index + 1], *words[end:]]
    return words


TURNS = (
    nouns_like_verbs,
    painted,
    where_now,
    does_good,
    possible,
    without_it,
    goes_there,
    what_about,
    requested,
    rather,
    rather_than,
    without_that,
    must_not,
    asked_away,
    taken_up,
    up_there,
    available,
    namely,
    it,
    there_is,
    told_apart,
    particles,
    demonstrative,
    named_first,
    shown_how,
    asked_why,
    opinion,
    bothers,
    looks_like,
    better_without,
    nothing_changed,
    keep_last,
    stays_as,
    liked,
    never,
    no_longer,
    refused,
    we_do,
    exception_last,
    as_it_is,
    relative,
    complained,
    covered,
    of_the,
    colour_of,
    joined,
    brought_in,
    out_and_in,
    seen_with,
    gladly,
    let_vanish,
    away_with_it,
    disliked,
    made_out_of_it,
    another,
    stated_instead,
    made_from,
    opened,
    given,
    needed,
    anew,
    value_last,
    taken_down,
    placed_bare,
    without_rest,
)
