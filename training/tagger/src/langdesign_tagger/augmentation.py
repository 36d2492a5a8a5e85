"""Makes more samples of what there is: spans change places, and instructions are joined."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from langdesign_reference.lexicon import load_lexicon
from langdesign_reference.parser import understand
from langdesign_reference.tagging.hints import hints_of, no_hints
from langdesign_reference.tagging.passages import NONE, OUTSIDE, STARTS, Span, passages_of
from langdesign_reference.words import Word

from langdesign_tagger.examples import Sample
from langdesign_tagger.turning import Pool, corrected, remarked, unmarked, withdrawn

_SWAPPED, _UNMARKED, _SMALL = 0.6, 0.5, 0.4
"""Chances that a span is exchanged, that a mark at the end goes, and that all is in small letters."""
_JOINED = 0.45
"""Joined instructions for each that may be joined."""
_PARTS = 4
"""Instructions that are joined at most."""
_LONGEST = 14
"""Words up to which an instruction may be joined to another."""
_MORE = 0.35
"""Chance that one more instruction is joined to those that are."""
_JOINTS = {
    "en": "and|,|then|, and|, then|.|and then|;|, plus|, also|. and|-|" + "\n|. after that ,|"
    "and while you 're at it ,|. oh and|and also",
    "de": "und|,|dann|, und|, dann|.|und dann|;|, ausserdem|-|. danach",
    "ro": "si|,|apoi|, si|, apoi|.|si apoi|;|, plus|iar|-|. dupa aceea",
}
"""What joins instructions, in words with blanks between."""


def augmented(samples: Sequence[Sample], random: Random) -> list[Sample]:
    """Return further samples: one for each that asks for something, pairs of short ones, and turns of speech.

    Those that lost the only word of an edit, a mark, are left out.
    """
    pool: Pool = defaultdict(list)
    for sample in samples:
        for span, operation in _spans(sample):
            pool[sample.language, span.kind, operation].append(sample.words[span.first : span.end])
    made = [_swapped(one, pool, random) for one in samples if one.labels != [NONE]]
    for language in _JOINTS:
        spoken = [one for one in samples if one.language == language]
        made += _joined(spoken, pool, random)
        made += remarked(spoken, partial(_swapped, pool=pool, random=random), random)
        made += corrected(spoken, pool, random)
        made += withdrawn(spoken, random)
    return [_hinted(one) for one in made if len(passages_of(one.tags)) == len(one.labels)]


def _hinted(sample: Sample) -> Sample:
    """Return a sample with what the parser makes of its words, where it was made of such with hints."""
    words = _placed(sample.words)
    if not any(sample.hints):
        return replace(sample, words=words, hints=no_hints(words))
    return replace(
        sample, words=words, hints=hints_of(words, understand(words, (), load_lexicon(sample.language)))
    )


def _placed(words: Sequence[Word]) -> list[Word]:
    """Return words that stand one after the other; those that nobody wrote take no place."""
    placed, start = list[Word](), 0
    for word in words:
        end = start + (len(word.text or word.key) if word.end > word.start else 0)
        placed.append(replace(word, start=start, end=end))
        start = end + 1
    return placed


def _spans(sample: Sample) -> Iterator[tuple[Span, str]]:
    """Yield the spans of a sample and the operation of the passage of each."""
    for passage, label in zip(passages_of(sample.tags), sample.labels, strict=True):
        for span in passage.spans:
            yield span, label.partition(":")[0]


def _swapped(sample: Sample, pool: Pool, random: Random) -> Sample:
    """Return a sample with spans of others that are of the same kind and operation."""
    words, tags = list(sample.words), list(sample.tags)
    for span, operation in reversed(list(_spans(sample))):
        if random.random() < _SWAPPED:
            other = random.choice(pool[sample.language, span.kind, operation])
            start = STARTS if tags[span.first].startswith(STARTS) else ""
            words[span.first : span.end] = other
            inside = [f"I-{span.kind}"] * (len(other) - 1)
            tags[span.first : span.end] = [f"{start}B-{span.kind}", *inside]
    if words[-1].key in {".", "!"} and random.random() < _UNMARKED:
        words.pop()
        tags.pop()
    if random.random() < _SMALL:
        words = [_small(word) for word in words]
    return replace(sample, words=words, tags=tags)


def _joined(samples: Sequence[Sample], pool: Pool, random: Random) -> list[Sample]:
    """Return two samples and more of one language as one instruction each."""
    firsts = [one for one in samples if len(one.labels) == 1 and _stands_alone(one)]
    seconds = [one for one in firsts if one.words[-1].key != "?" and not _keeps(one)]
    if not seconds:
        return []
    made = list[Sample]()
    for _ in range(int(_JOINED * len(firsts))):
        first, second = (_swapped(random.choice(some), pool, random) for some in (firsts, seconds))
        joined = _pair(first, second, random)
        while len(joined.labels) < _PARTS and random.random() < _MORE:
            joined = _pair(joined, _swapped(random.choice(seconds), pool, random), random)
        made.append(joined)
    return made


def _pair(first: Sample, second: Sample, random: Random) -> Sample:
    words, tags = unmarked(first)
    joint = random.choice(_JOINTS[first.language].split("|"))
    between = [Word(part, 0, 1, part) for part in joint.split(" ")]
    start = second.words[0] if joint == "." else _small(second.words[0])
    outside = [OUTSIDE] * (len(between) - 1)
    return Sample(
        [*words, *between, start, *second.words[1:]],
        first.language,
        [*tags, STARTS + OUTSIDE, *outside, *second.tags],
        first.labels + second.labels,
        first.hints + second.hints,
    )


def _stands_alone(sample: Sample) -> bool:
    label = sample.labels[0]
    return label != NONE and ":" not in label and len(sample.words) < _LONGEST


def _keeps(sample: Sample) -> bool:
    return any("-K" in tag for tag in sample.tags)


def _small(word: Word) -> Word:
    return replace(word, text=word.text.lower())
