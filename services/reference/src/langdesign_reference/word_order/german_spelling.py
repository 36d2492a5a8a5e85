"""German as it is spoken and typed: dialect, contractions, letters for umlauts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.translation import is_noun, is_value
from langdesign_reference.words import Word

_STANDARD = {
    "a": "ein",
    "abi": "runter",
    "amol": "mal",
    "aussi": "raus",
    "aussa": "raus",
    "ausm": "aus",
    "bidde": "bitte",
    "bisserl": "bissl",
    "dat": "das",
    "det": "das",
    "dit": "das",
    "dr": "der",
    "dürft": "dürfte",
    "fand": "fände",
    "find": "finde",
    "gell": "bitte",
    "ham": "haben",
    "hätt": "hätte",
    "i": "ich",
    "ick": "ich",
    "icke": "ich",
    "is": "ist",
    "isch": "ist",
    "keen": "kein",
    "keene": "keine",
    "keenen": "keinen",
    "koa": "kein",
    "koan": "keinen",
    "könn": "können",
    "könnt": "könnte",
    "möcht": "möchte",
    "müsst": "müsste",
    "ned": "nicht",
    "net": "nicht",
    "nich": "nicht",
    "nit": "nicht",
    "nimmer": "nicht",
    "nix": "nichts",
    "oan": "einen",
    "ooch": "auch",
    "solln": "sollen",
    "sollt": "sollte",
    "uff": "auf",
    "umi": "rüber",
    "untern": "unter",
    "übern": "über",
    "wech": "weg",
    "wolln": "wollen",
    "wär": "wäre",
    "würd": "würde",
}
"""Words of dialects and of speech that are no slips of a key."""
_YOU = {"kannste": "kannst", "könnteste": "könntest", "magste": "magst", "willste": "willst"}
_MAL = ("mal", "ma")
_LETTERS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""Letters for umlauts, and what an umlaut is folded to."""


def as_written(words: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """Return the words in standard spelling; their places stay."""
    return [one for word in words for one in _standard(word, lexicon)]


def _standard(word: Word, lexicon: Lexicon) -> Iterator[Word]:
    written = word.text.lower()
    if other := _STANDARD.get(written):
        yield replace(word, key=_folded(other), text=other)
        return
    if other := _YOU.get(written):
        yield replace(word, key=_folded(other), text=other)
        yield Word("du", word.end, word.end, "du")
        return
    for mal in _MAL:  # "machma", "stellmal"
        verb = word.key.removesuffix(mal)
        if (
            verb != word.key
            and len(verb) > 2
            and verb in lexicon.verb_words
            and not _known(word.key, lexicon)
        ):
            yield replace(word, key=verb, text=word.text[: -len(mal)])
            return
    yield replace(word, key=_respelt(word.key, lexicon))


def _respelt(key: str, lexicon: Lexicon) -> str:
    """Write "gruen" as "grün", but leave "neue" alone."""
    other = key
    for written, folded in _LETTERS:
        other = other.replace(written, folded)
    if other == key or key in lexicon.vocabulary:
        return key
    return other if _known(other, lexicon) else key


def _known(key: str, lexicon: Lexicon) -> bool:
    return key in lexicon.vocabulary or is_noun(key, lexicon.language) or is_value(key, lexicon.language)


def _folded(text: str) -> str:
    return text.translate(str.maketrans("äöü", "aou"))
