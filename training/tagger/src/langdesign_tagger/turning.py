"""Makes more samples of turns of speech: a remark beside a request, what is corrected, what is taken back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.tagging.passages import NONE, OUTSIDE, TARGET, VALUE, Span, passages_of
from langdesign_reference.words import Word, fold

from langdesign_tagger.examples import Sample

Pool = dict[tuple[str, str, str], list[list[Word]]]
"""Spans by language, kind and operation."""
_REMARKED = 0.8
"""Requests with a remark beside them for each remark."""
_AFTER = 0.4
"""Chance that the remark comes after the request."""
_CORRECTED, _WITHDRAWN = 0.06, 0.05
"""Requests of which a word is corrected, and that are taken back, for each request."""
_REASONED = 0.7
"""Chance that somebody says why he takes back."""
_OUTRIGHT = 0.5
"""Chance that it is taken back by words that need no doubt before them."""
_LONGEST = 14
"""Words up to which a remark is put beside an instruction."""
_MARKS, _STOPS = frozenset(".,;!?"), (",", ".", "-")
_ASIDES = {
    "en": (".", ",", ";", "-", "\n", ". so", ", so", ", but", ". but", ". anyway ,"),
    "de": (".", ",", ";", "-", "\n", ". also", ", aber", ". aber"),
    "ro": (".", ",", ";", "-", "\n", ". deci", ", dar", ". dar"),
}
"""What joins a remark to a request, in words with blanks between."""
_RATHER = {
    "en": ", no ,|no wait|, sorry ,|, i mean|, actually ,|actually|- no ,|. no ,|, or rather|, make that"
    "|. sorry , i meant|, er ,|, hang on ,|. actually no ,|not that ,|, scratch that ,|, no , better",
    "de": ", nein ,|, ach nein ,|, ich meine|, quatsch ,|, entschuldigung ,|. nein ,|, doch lieber|, halt ,"
    "|, äh ,|- nee ,",
    "ro": ", nu ,|, ba nu ,|, adică|, pardon ,|, scuze ,|. nu ,|, mai bine|, stai ,|, de fapt|- a nu ,",
}
"""What stands between what was said first and what is meant."""


def unmarked(sample: Sample) -> tuple[list[Word], list[str]]:
    """Return words and tags of a sample without the marks at the end."""
    words, tags = list(sample.words), list(sample.tags)
    while words and words[-1].key in _MARKS:
        words.pop()
        tags.pop()
    return words, tags


def remarked(
    samples: Sequence[Sample], changed: Callable[[Sample], Sample], random: Random
) -> Iterator[Sample]:
    """Yield requests of one language with a remark before or after them, which changes nothing of them.

    Args:
        samples: Requests and remarks.
        changed: Returns a request with other words.
        random: Of all that is random.

    """
    remarks = [one for one in samples if one.remark]
    asking = [one for one in samples if one.labels != [NONE] and len(one.words) < _LONGEST]
    for _ in range(int(_REMARKED * len(remarks)) if asking else 0):
        request, remark = changed(random.choice(asking)), random.choice(remarks)
        first, second = (request, remark) if random.random() < _AFTER else (remark, request)
        words, tags = unmarked(first)
        between = _said(random.choice(_ASIDES[request.language]))
        told = [*tags, *_outside(between), *second.tags]
        yield replace(request, words=[*words, *between, *second.words], tags=told)


def corrected(samples: Sequence[Sample], pool: Pool, random: Random) -> Iterator[Sample]:
    """Yield requests of one language in which another thing or value is said first: "red, no, green"."""
    asking = [one for one in samples if len(one.labels) == 1 and one.labels != [NONE]]
    for _ in range(int(_CORRECTED * len(asking))):
        request = random.choice(asking)
        spans = passages_of(request.tags)[0].of(TARGET, VALUE)
        if not spans:
            continue
        span, operation = random.choice(spans), request.labels[0].partition(":")[0]
        others = pool[request.language, span.kind, operation]
        yield _put_right(request, span, random.choice(others), random)


def _put_right(request: Sample, span: Span, wrong: Sequence[Word], random: Random) -> Sample:
    between = _said(random.choice(_RATHER[request.language].split("|")))
    slip = [*wrong, *between]
    words = [*request.words[: span.first], *slip, *request.words[span.first :]]
    tags = [*request.tags[: span.first], *_outside(slip), *request.tags[span.first :]]
    return replace(request, words=words, tags=tags)


def withdrawn(samples: Sequence[Sample], random: Random) -> Iterator[Sample]:
    """Yield requests of one language that are taken back, and mostly why: nothing is asked then."""
    asking = [one for one in samples if one.labels != [NONE] and len(one.words) < _LONGEST]
    reasons = [one for one in samples if one.remark]
    for _ in range(int(_WITHDRAWN * len(asking))):
        request = random.choice(asking)
        words, _ = unmarked(request)
        said = [
            *words,
            *_said(random.choice((",", ".", "-", ".", ","))),
            *_withdrawal(request.language, random),
        ]
        if reasons and random.random() < _REASONED:
            said += [*_said(random.choice((",", ".", "-"))), *random.choice(reasons).words]
        yield replace(request, words=said, tags=_outside(said), labels=[NONE])


def _withdrawal(language: str, random: Random) -> list[Word]:
    retractions = load_lexicon(language).retractions
    if random.random() < _OUTRIGHT:
        return _of(random.choice(sorted(retractions.outright)))
    doubt, doubtful = (random.choice(sorted(some)) for some in (retractions.doubts, retractions.doubtful))
    return _of((*doubt, *random.choice(((), (",",))), *doubtful))


def _said(text: str) -> list[Word]:
    return _of(text.split(" "))


def _of(keys: Sequence[str]) -> list[Word]:
    return [Word(fold(key), 0, 1, key) for key in keys]


def _outside(words: Sequence[Word]) -> list[str]:
    return [OUTSIDE] * len(words)
