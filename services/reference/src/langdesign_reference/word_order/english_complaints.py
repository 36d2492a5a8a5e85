"""Turns of everyday English by which people say what they miss and what bothers them in a room."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.word_order.bounds import said
from langdesign_reference.word_order.english_told import keys_at
from langdesign_reference.words import PUNCTUATION, Word


def wished(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "if only this wasn't so dark" as "... was less dark", "I want to feel at peace" as a likeness."""
    for index in range(1, len(words) - 2):
        if words[index].key in {"wasn", "weren"} and words[index + 2].key in {"so", "as", "too"}:
            was, rest = replace(words[index], key="was"), words[index + 3 :]
            return [*words[:index], was, said(words[index], "less"), *rest]
        wish = words[0].key in {"i", "we", "if"} and {"wish", "only"} & {word.key for word in words[:index]}
        if (
            wish
            and words[index].key in {"didn", "doesn"}
            and words[index + 2].key in {"feel", "look", "seem"}
        ):
            rest = words[index + 3 :]
            excess = bool(rest) and rest[0].key in {"so", "as", "too"}
            verb = replace(words[index + 2], key="was" if excess else words[index + 2].key)
            return [*words[:index], verb, said(words[index], "less"), *rest[excess:]]
        if keys_at(words, index, 4) == ["to", "be", "able", "to"] and index + 4 < len(words):
            return [*(said(words[index], key) for key in ("feel", "like")), *words[index + 4 :]]
        if keys_at(words, index, 2) == ["to", "feel"] and words[index - 1].key in {"want", "like", "love"}:
            return [*(said(words[index], key) for key in ("feel", "like")), *words[index + 2 :]]
    return words


_ADVERBS = frozenset(
    ("always", "just", "really", "still", "all", "simply", "currently", "now", "usually", "often")
)
_LOOKING = frozenset(("'s", "is", "looks", "feels", "seems", "are", "look", "feel", "seem"))


def _told_of_whole(words: list[Word], lexicon: Lexicon) -> int:
    """Return one past the verb of "it's", "this room always looks", "the place is"; 0 where there is none."""
    start = lexicon.words.determiners.length_at(words, 0)
    named = max(
        lexicon.heads.whole.length_at(words, 0), int(keys_at(words, 0, 1) == ["it"])
    )  # "everything's"
    told = lexicon.heads.whole.length_at(words, start)
    whole = max(named, start + told if told else 0)
    while whole and whole < len(words) and words[whole].key in _ADVERBS:
        whole += 1
    if not whole or not {*keys_at(words, whole, 1)} & _LOOKING:
        return 0
    whole += 1
    while whole < len(words) and words[whole].key in _ADVERBS:
        whole += 1
    return whole


_EXCESS = (
    "way too",
    "far too",
    "a bit too",
    "much too",
    "rather too",
    "a little too",
    "too",
    "so",
    "a bit",
    "awfully",
)


def _excess_at(words: list[Word], start: int) -> int:
    """Return the length of what says that something is too much at `start`; 0 without it."""
    found = (len(one.split()) for one in _EXCESS if keys_at(words, start, len(one.split())) == one.split())
    return max(found, default=0)


def complained(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "it's too cluttered" and "my room always looks so gloomy in photos" as "too cluttered"."""
    if keys_at(words, 0, 1) in (["feels"], ["looks"], ["seems"]):
        return words[1:] if lexicon.attribute_before(words, len(words)) else words
    told = _told_of_whole(words, lexicon)
    excess = _excess_at(words, told) if told else 0
    if not excess:
        return words
    end = next((i for i in range(told, len(words)) if words[i].key in PUNCTUATION), len(words))
    how, after = words[told + excess : end], words[end + 1 :]
    opened = lexicon.words.openers.length_at(after, 0) == len(after)
    filled = lexicon.words.fillers.length_at(after, 0) == len(after)
    described = lexicon.attribute_length(how, 0)
    rest = how[described:]
    placed = lexicon.prepositions.anchor.length_at(rest, 0)
    here = placed and lexicon.heads.whole.length_before(rest, len(rest)) > 0  # "too dark in this hallway"
    plain = here or not rest or lexicon.words.fillers.length_at(rest, 0) == len(rest) or len(how) < 4
    if described and plain and (opened or filled):
        return [said(how[0], "less"), *(how[:described] if len(how) > 3 else how)]
    return words


_NOT_TO_HAVE = (
    ("doesn", "'t", "need"),
    ("does", "not", "need"),
    ("shouldn", "'t", "have"),
    ("should", "not", "have"),
    ("mustn", "'t", "have"),
    ("must", "not", "have"),
    ("doesn", "'t", "want"),
    ("can", "do", "without"),
    ("could", "do", "without"),
    ("isn", "'t", "supposed", "to", "have"),
    ("is", "not", "supposed", "to", "have"),
    ("isn", "'t", "meant", "to", "have"),
    ("is", "not", "meant", "to", "have"),
)
"""How it is said that the room should be without something."""


def not_needed(words: list[Word], lexicon: Lexicon) -> list[Word]:
    """Read "the room doesn't need a lamp", "... isn't supposed to have a lamp" as "remove a lamp"."""
    start = lexicon.words.determiners.length_at(words, 0)
    whole = start + lexicon.heads.whole.length_at(words, start)
    for phrase in _NOT_TO_HAVE if whole > start else ():
        end = whole + len(phrase)
        if tuple(keys_at(words, whole, len(phrase))) == phrase and lexicon.starts_phrase(words, end):
            article = lexicon.words.indefinite.length_at(words, end) if phrase[-1] == "need" else 0
            return [replace(words[end - 1], key="remove", text="remove"), *words[end + article :]]
    return words
