"""Makes passages of gold plans: where in its instruction each edit is asked for, and which words say what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langdesign_reference.asked import Asked
from langdesign_reference.cutting import Joint, joint_at
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.plan import Role
from langdesign_reference.scoring import Row
from langdesign_reference.tagging.passages import ANCHOR, KEEP, KEEP_ALL, TARGET, VALUE, Passage, Span
from langdesign_reference.tagging.word_classes import classes_of
from langdesign_reference.translation import english_words
from langdesign_reference.words import Word, split_words

_KINDS = {Role.TARGET: TARGET, Role.ANCHOR: ANCHOR}
_REFERENCE, _SAID = 3.0, 1.0
"""Costs of a word of a reference, and of a word that an edit's English says, in another edit's passage."""
_START, _JOINT, _PLAIN_JOINT, _MADE_UP, _WITHIN = 0.5, 0.1, 0.15, 0.3, 5.0
"""Costs of a passage's start: anywhere, at a joint, at a conjunction or comma; on top at a word that was not
said, and within a reference."""
_DESCRIBING = ("words.indefinite", "adjectives", "attributes.", "nouns", "unknown")
"""Classes of words that stand before what is said of a value and belong to it."""


@dataclass(frozen=True)
class _Reference:
    first: int
    end: int
    role: Role


def aligned(row: Row, words: Sequence[Word], lexicon: Lexicon, parsed: Sequence[Asked] = ()) -> list[Passage]:
    """Return the passages of a row's gold plan.

    Args:
        row: With `instruction` and `edits`.
        words: Of the instruction, rightly spelt.
        lexicon: Of its language.
        parsed: What the parser made of it, where that is the gold plan: it knows where values are.

    Raises:
        ValueError: a reference does not begin and end with words of the instruction.

    """
    edits = row["edits"]
    if not edits:
        return [Passage(0, len(words))]
    references = [list(_references(edit, row["instruction"], words)) for edit in edits]
    starts = _Cutting(edits, references, words, lexicon).starts()
    ends = [*starts[1:], len(words)]
    passages = [
        Passage(start, end, [], edit["operation"])
        for start, end, edit in zip(starts, ends, edits, strict=True)
    ]
    _name(passages, references)
    for number, passage in enumerate(passages):
        if parsed:
            passage.spans += _parsed_values(passage, parsed[number], words)
        else:
            passage.spans += _said_values(passage, edits[number], words, lexicon)
        passage.spans.sort()
    return passages


def _references(edit: Row, instruction: str, words: Sequence[Word]) -> Iterator[_Reference]:
    for one in edit["references"]:
        start = one.get("start", instruction.find(one["expression"]))
        end = start + len(one["expression"])
        inside = [at for at, word in enumerate(words) if start <= word.start < word.end <= end]
        if not inside or words[inside[0]].start != start or words[inside[-1]].end != end:
            raise ValueError(f"{one['expression']!r} does not begin and end with words of {instruction!r}")
        yield _Reference(inside[0], inside[-1] + 1, Role(one["role"]))


def _name(passages: list[Passage], references: Sequence[Sequence[_Reference]]) -> None:
    """Put each reference into the passage where it is said; note what is only implied."""
    kept: dict[tuple[int, int], list[int]] = {}
    for number, some in enumerate(references):
        for one in some:
            home = _home(one.first, passages)
            if one.role is Role.KEEP:
                kept.setdefault((one.first, one.end), []).append(number)
            elif home == number:
                passages[number].spans.append(Span(one.first, one.end, _KINDS[one.role]))
            elif _KINDS[one.role] not in passages[number].implied:
                passages[number].implied += _KINDS[one.role]
    for (first, end), numbers in kept.items():
        home = _home(first, passages)
        passages[home].spans.append(Span(first, end, KEEP if numbers == [home] else KEEP_ALL))


def _home(first: int, passages: Sequence[Passage]) -> int:
    return max(number for number, one in enumerate(passages) if one.start <= first)


class _Cutting:
    """Cuts an instruction into one passage for each edit, by dynamic programming over costs."""

    def __init__(
        self,
        edits: Sequence[Row],
        references: Sequence[Sequence[_Reference]],
        words: Sequence[Word],
        lexicon: Lexicon,
    ) -> None:
        self._count = len(edits)
        self._said = [
            {word.key for text in edit.get("says", ()) for word in split_words(text)} for edit in edits
        ]
        self._references, self._words = references, words
        self._joints = [joint_at(words, at, lexicon) for at in range(len(words))]

    def starts(self) -> list[int]:
        """Return the first word of each passage."""
        costs, cuts = [0.0] + [float("inf")] * (self._count - 1), list[list[bool]]()
        for at in range(len(self._words)):
            own = self._costs(at)
            start = self._start(at)
            cut = [bool(at and k and costs[k - 1] + start < costs[k]) for k in range(self._count)]
            costs = [(costs[k - 1] + start if cut[k] else costs[k]) + own[k] for k in range(self._count)]
            cuts.append(cut)
        found, passage = list[int](), self._count - 1
        for at in reversed(range(len(self._words))):
            if cuts[at][passage]:
                found.append(at)
                passage -= 1
        return [0, *reversed(found)]

    def _costs(self, at: int) -> list[float]:
        """Return what a word costs in each passage."""
        count, here = self._count, self._edits_of(at, keep=False)
        if here:
            return [_REFERENCE * (k != here[0]) for k in range(count)]
        kept = self._edits_of(at, keep=True)
        if kept:  # what stays of several edits is said in the last of them, or after it
            return [_REFERENCE * (k < kept[-1] if len(kept) > 1 else k != kept[0]) for k in range(count)]
        said = [k for k in range(count) if self._words[at].key in self._said[k]]
        return [_SAID * bool(said and k not in said) for k in range(count)]

    def _edits_of(self, at: int, *, keep: bool) -> list[int]:
        return [
            number
            for number, some in enumerate(self._references)
            if any(one.first <= at < one.end and (one.role is Role.KEEP) is keep for one in some)
        ]

    def _start(self, at: int) -> float:
        joint, word = self._joints[at], self._words[at]
        plain = joint is not None and joint[0] in {Joint.AND, Joint.COMMA}
        cost = _PLAIN_JOINT if plain else _JOINT if joint else _START
        cost += _MADE_UP * (word.start == word.end)
        cost += _WITHIN * any(one.first < at < one.end for some in self._references for one in some)
        return cost + 0.2 * bool(joint and at and self._joints[at - 1])


def _parsed_values(passage: Passage, asked: Asked, words: Sequence[Word]) -> list[Span]:
    said = {word.start for value in (asked.value, *asked.more) for word in value if word.start < word.end}
    return _runs([at for at in passage.outside() if words[at].start in said])


def _said_values(passage: Passage, edit: Row, words: Sequence[Word], lexicon: Lexicon) -> list[Span]:
    """Return the words outside references that the edit's English must hold, with what describes them."""
    wanted = {word.key for text in edit.get("says", ()) for word in split_words(text)}
    free = passage.outside()
    told = [at for at in free if _english(words[at], lexicon) & wanted]
    classes, found = classes_of(words, lexicon), set(told)
    for at in told:
        before = at - 1
        while before in free and any(name.startswith(_DESCRIBING) for name in classes[before]):
            found.add(before)
            before -= 1
    found |= {at for at in free if at - 1 in found and at + 1 in found}
    return _runs(sorted(found))


def _english(word: Word, lexicon: Lexicon) -> set[str]:
    return {word.key, *english_words(word.key, lexicon.language)}


def _runs(places: Sequence[int]) -> list[Span]:
    """Return the values at these places; neighbours are one."""
    found = list[Span]()
    for at in places:
        if found and at == found[-1].end:
            found[-1] = Span(found[-1].first, at + 1, VALUE)
        else:
            found.append(Span(at, at + 1, VALUE))
    return found
