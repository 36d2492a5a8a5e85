"""Cuts an instruction into clauses, each with the frame of its verb."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.words import SENTENCE_END, Word

EXACT, CORRECTED, UNKNOWN = 0.95, 0.75, 0.4
"""Certainty of a clause whose verb is known, looks misspelt, or is missing."""


@dataclass(frozen=True)
class Clause:
    """One verb with its arguments.

    Attributes:
        frame: How the verb is used: "remove", "add", ...; "bare" without a verb.
        body: The words after the verb.
        complement: What the subject should be, where the subject came first; else None.
        certainty: How sure the verb is, 0..1.

    """

    frame: str
    body: tuple[Word, ...]
    complement: tuple[Word, ...] | None
    certainty: float


def split_clauses(words: Sequence[Word], lexicon: Lexicon) -> list[Clause]:
    """Return the clauses of an instruction in order; those that only say what to keep are left out."""
    clauses = [
        _clause(part, lexicon) for sentence in _sentences(words) for part in _parts(sentence, lexicon) if part
    ]
    return [clause for clause in clauses if clause.frame != "keep" and (clause.body or clause.complement)]


def _sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    sentence: list[Word] = []
    for word in words:
        if word.key in SENTENCE_END:
            yield sentence
            sentence = []
        else:
            sentence.append(word)
    yield sentence


def _parts(words: list[Word], lexicon: Lexicon) -> Iterator[list[Word]]:
    """Cuts a sentence before every conjunction or comma that a new verb follows."""
    start = 0
    if not lexicon.prepositions["instead"].length_at(words, 0):
        for index in range(1, len(words)):
            after = skip_conjunction(words, index, lexicon)
            if after > index and index >= start and _clause_starts(words, after, lexicon):
                yield words[start:index]
                start = after
    yield words[start:]


def skip_conjunction(words: Sequence[Word], index: int, lexicon: Lexicon) -> int:
    """Return the index after a comma, a conjunction or both at `index`; `index` itself when none is there."""
    after = index + 1 if words[index].key == "," else index
    return after + lexicon.words["conjunctions"].length_at(words, after)


def _clause_starts(words: Sequence[Word], index: int, lexicon: Lexicon) -> bool:
    while length := lexicon.words["openers"].length_at(words, index):
        index += length
    found = lexicon.verb_at(words, index)
    if found is None:
        return False
    # Many verbs are nouns or adjectives too ("light grey"): a noun phrase must follow.
    following = index + found[1]
    if following >= len(words):
        return False
    return not lexicon.definite_by_article or lexicon.starts_phrase(words, following)


def _clause(words: list[Word], lexicon: Lexicon) -> Clause:
    words = _without_opener(words, lexicon)
    if found := lexicon.verb_at(words, 0):
        body = words[found[1] :]
        if found[0] == "add" and (subject := _subject_first(body, lexicon)):
            return subject
        return Clause(found[0], tuple(body), None, EXACT)
    return (
        _subject_first(words, lexicon)
        or _verb_final(words, lexicon)
        or _corrected(words, lexicon)
        or Clause("bare", tuple(words), None, UNKNOWN)
    )


def _without_opener(words: list[Word], lexicon: Lexicon) -> list[Word]:
    while words:
        opener = lexicon.words["openers"].length_at(words, 0)
        verb = lexicon.verb_at(words, 0)
        if words[0].key == ",":
            opener = 1
        if not opener or (verb and verb[1] >= opener):
            break
        words = words[opener:]
    return words


def _subject_first(words: Sequence[Word], lexicon: Lexicon) -> Clause | None:
    for frame, phrases in lexicon.predicates.items():
        found = phrases.find(words, 1)
        if found is not None:
            index, length = found
            return Clause(frame, tuple(words[:index]), tuple(words[index + length :]), EXACT)
    return None


def _verb_final(words: Sequence[Word], lexicon: Lexicon) -> Clause | None:
    if not lexicon.verb_final:
        return None
    end = len(words)
    while end and (length := lexicon.words["closers"].length_before(words, end)):
        end -= length
    for frame, verbs in lexicon.verbs.items():
        if length := verbs.length_before(words, end):
            return Clause(frame, tuple(words[: end - length]), None, EXACT)
    return None


def _corrected(words: Sequence[Word], lexicon: Lexicon) -> Clause | None:
    """Reads a misspelt first word as the verb that looks most like it."""
    if len(words) < 2 or lexicon.starts_phrase(words, 0) or not lexicon.starts_phrase(words, 1):
        return None
    known = {key: frame for frame, verbs in lexicon.verbs.items() for key in verbs.single_words()}
    close = difflib.get_close_matches(words[0].key, known, n=1, cutoff=0.74)
    return Clause(known[close[0]], tuple(words[1:]), None, CORRECTED) if close else None
