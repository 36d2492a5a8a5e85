"""Turns of German around what is asked: particles, complaints, relative clauses, "wir" who do it."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import dropped_rest, exception_last, said
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
from langdesign_reference.word_order.german_views import (
    complained,
    disliked,
    gladly,
    liked,
    never,
    no_longer,
    possible,
    refused,
    seen_with,
    there_is,
)
from langdesign_reference.word_order.german_words import (
    as_it_is,
    colour_of,
    it,
    nouns_like_verbs,
    of_the,
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
    for index, word in enumerate(words[:-2]):
        if word.key != "," or words[index + 1].key not in _RELATIVE or not index:
            continue
        end = next((i for i in range(index + 1, len(words)) if words[i].key in PUNCTUATION), len(words))
        clause = words[index + 1 : end]
        if clause[-1].key in _STANDING and 2 < len(clause) < 9:
            inert = [replace(clause[0], key="welch"), *clause[1:-1], replace(clause[-1], key="ebenda")]
            return [*words[:index], *inert, *relative(words[end + 1 :], lexicon)]
    return words


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


TURNS = (
    nouns_like_verbs,
    possible,
    without_it,
    it,
    there_is,
    told_apart,
    particles,
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
    another,
    stated_instead,
    made_from,
    opened,
    given,
    needed,
    anew,
    without_rest,
)
