"""Checks of a triple: pure functions that hold any writer, grammar or language model, to the same rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .context import Context
from .triple import LONGEST_CAPTION, LONGEST_INSTRUCTION, Change, SubjectKind, Triple
from .vocabulary import LOOKS, THING, Vocabulary, class_of, vocabulary

MOST_WORDS = 60  # of a caption
LONGEST_PLACE = 10  # words of one changed place that is a thing
LONGEST_LOOK = 4  # words of one changed place that is a colour, a material or a pattern
_ADDRESS = re.compile(r"[:/]|\w\.\w")  # no caption needs what an address is made of
_JOINTS = frozenset({"with", "in", "on", "of", "at", "by", "plain", "background"})
_MARKS = frozenset(" ,.;!?'-\"&%")
_MORE = re.compile(r"\b(?:and|then|also|plus|but)\b", re.IGNORECASE)  # what joins a second wish to the first
_REFUSAL = re.compile(
    r"\b(?:do not|don't)\b(?! (?:want|need|like)\b)|\b(?:never|nothing|without|except)\b", re.IGNORECASE
)


_Place = tuple[
    list[str], list[str]
]  # words that only the input has in the changed place, and only the output


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a triple, said so that its writer can correct it."""

    check: str  # "text", "length", "subject", "targets", "change" or "presence"
    message: str


def check(triple: Triple, context: Context) -> list[Complaint]:
    """Return what is wrong with a triple; an empty list accepts it.

    Exactly one feature changes, and the instruction asks for it alone: the captions are the same word by word
    but for one place. What is removed is named before and not after, what is added after and not before; a
    no-op names what the caption excludes.
    """
    texts = [*_texts(triple), *_lengths(triple)]
    if texts:
        return texts  # the other checks would read nonsense
    words = vocabulary(context)
    place = changed_place(words.tokens(triple.input), words.tokens(triple.output))
    return [
        *_subject(triple, words),
        *_targets(triple, words),
        *_wish(triple, words, place),
        *_change(triple, words, place),
        *_presence(triple, words),
    ]


def _texts(triple: Triple) -> Iterator[Complaint]:
    for name in ("input", "edit", "output", "target_before", "target_after"):
        text = getattr(triple, name)
        strange = sorted({mark for mark in text if not _plain(mark)})
        if strange:
            yield Complaint("text", f"{name} must be plain text, without {' '.join(map(repr, strange[:5]))}")
        if text != text.strip() or "  " in text:
            yield Complaint("text", f"{name} has spaces at its ends or in a row; take them out")
        if _ADDRESS.search(text):
            yield Complaint("text", f"{name} must hold no address")


def _plain(mark: str) -> bool:
    # The words of contexts are ASCII: of any other letter the checks below would see nothing.
    return mark.isascii() and (mark.isalnum() or mark in _MARKS)


def _lengths(triple: Triple) -> Iterator[Complaint]:
    limits = {"input": LONGEST_CAPTION, "edit": LONGEST_INSTRUCTION, "output": LONGEST_CAPTION}
    for name, longest in limits.items():
        text = getattr(triple, name)
        if not text:
            yield Complaint("length", f"{name} is empty; write it")
        elif len(text) > longest or len(text.split()) > MOST_WORDS:
            yield Complaint("length", f"{name} must have at most {longest} characters and {MOST_WORDS} words")
    for name in ("target_before", "target_after"):
        if len(getattr(triple, name)) > LONGEST_INSTRUCTION:
            yield Complaint("length", f"{name} must have at most {LONGEST_INSTRUCTION} characters")


def _subject(triple: Triple, words: Vocabulary) -> Iterator[Complaint]:
    shown = [set(words.tokens(caption)) for caption in (triple.input, triple.output)]
    if triple.subject_kind is SubjectKind.OBJECT:
        if not any(f"{THING}:{triple.subject}" in tokens for tokens in shown):
            yield Complaint("subject", f"one of the captions must name the {triple.subject}")
    elif not all(set(words.tokens(triple.subject)) <= tokens for tokens in shown):
        yield Complaint("subject", f"both captions must say that they show the {triple.subject}")


_NEEDED: Mapping[Change, tuple[bool, bool]] = {
    Change.ALTER: (True, True),
    Change.ADD: (False, True),
    Change.REMOVE: (True, False),
    Change.REPLACE: (True, True),
    Change.NONE: (True, False),
}
"""Whether each change has a target before and one after."""


def _targets(triple: Triple, words: Vocabulary) -> Iterator[Complaint]:
    edit = set(words.tokens(triple.edit))
    for name, needed in zip(("target_before", "target_after"), _NEEDED[triple.change], strict=True):
        text = getattr(triple, name)
        if bool(text) != needed:
            wish = "name what changes" if needed else "be empty"
            yield Complaint("targets", f"with the change {triple.change}, {name} must {wish}")
        elif (
            text and words.head(text) not in edit and (triple.change, name) != (Change.ALTER, "target_after")
        ):
            yield Complaint("targets", f"edit must name {text!r}, as {name} does")


def _wish(triple: Triple, words: Vocabulary, place: _Place) -> Iterator[Complaint]:
    """Check that an instruction asks for its one change and for nothing else, nor for the contrary."""
    if refusal := _REFUSAL.search(triple.edit):
        yield Complaint("targets", f"edit must say what to do; it says {refusal.group()!r}")
    before = words.tokens(triple.input)
    texts = (triple.target_before, triple.target_after)
    meant = {token for text in texts for token in words.tokens(text)}.union(*place)
    for joint in _MORE.finditer(triple.edit):
        if not {*words.tokens(triple.edit[joint.end() :])[:1]} <= meant:
            wish = triple.edit[joint.start() :]
            yield Complaint("targets", f"edit must ask for one change; it goes on with {wish!r}")
            return
    surplus = [token for token in words.tokens(triple.edit) if token not in meant]
    if triple.change is Change.NONE:
        return  # what would come in the place of something absent is in neither caption
    known = {THING, *LOOKS}
    strange = [token for token in surplus if class_of(token) in known and token not in before]
    if strange:
        yield Complaint("targets", f"edit names what neither caption has: {_shown(strange)}")


def _presence(triple: Triple, words: Vocabulary) -> Iterator[Complaint]:
    before, after = triple.target_before, triple.target_after
    if triple.change is Change.NONE:
        if before and not words.excludes(triple.input, before):
            yield Complaint("presence", f"input may show {before!r}; name something that is absent from it")
        return
    if before and not words.names(triple.input, before):
        yield Complaint("presence", f"input must name {before!r} in these words")
    if after and not words.names(triple.output, after):
        yield Complaint("presence", f"output must name {after!r} in these words")
    if before and triple.change is not Change.ALTER and words.names(triple.output, before):
        yield Complaint("presence", f"output must no longer name {before!r}")
    if after and triple.change is not Change.ALTER and not words.excludes(triple.input, after):
        yield Complaint("presence", f"input must not show {after!r} yet")


def _change(triple: Triple, words: Vocabulary, place: _Place) -> Iterator[Complaint]:
    if triple.change is Change.NONE:
        if triple.output != triple.input:
            yield Complaint(
                "change", "the instruction changes nothing, so output must repeat input word by word"
            )
        return
    gone, come = place
    if not gone and not come:
        yield Complaint("change", "output says the same as input; write the one change into it")
        return
    yield from _JUDGED[triple.change](triple, words, gone, come)


def changed_place(before: Sequence[str], after: Sequence[str]) -> _Place:
    """Return what stands in two lists of words between their common beginning and their common end."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    return list(before[first : len(before) - last]), list(after[first : len(after) - last])


def _altered(triple: Triple, words: Vocabulary, gone: list[str], come: list[str]) -> Iterator[Complaint]:
    both = [*gone, *come]
    looks = {class_of(token) for token in both if class_of(token) in LOOKS}
    if any(class_of(token) == THING for token in both) or max(len(gone), len(come)) > LONGEST_LOOK:
        yield Complaint(
            "change", "only a colour, a material or a pattern may differ between input and output"
        )
    elif len(looks) > 1:
        yield Complaint("change", f"{' and '.join(sorted(looks))} change at once; change one of them")
    elif words.head(triple.target_before) != words.head(triple.target_after):
        yield Complaint("change", "target_before and target_after must name the same thing")
    elif not _said(gone, come, words.tokens(triple.edit)):
        yield Complaint("change", f"edit must say what output has new: {_shown(come or gone)}")


def _said(gone: Sequence[str], come: Sequence[str], edit: Sequence[str]) -> bool:
    """Whether an instruction says a new look; to lose a pattern may be said as such, or as being plain."""
    if set(come) <= {"pattern:plain"} and {"pattern", "pattern:plain"} & set(edit):
        return all(class_of(token) == "pattern" for token in gone)
    new = come or gone
    known = {token for token in new if class_of(token) in LOOKS}
    return known <= set(edit) if known else bool(set(new) & set(edit))


def _removed(triple: Triple, words: Vocabulary, gone: list[str], come: list[str]) -> Iterator[Complaint]:
    if come:
        yield Complaint("change", "a removal only takes words away; output has others than input")
    else:
        yield from _one_thing(gone, words.head(triple.target_before), "input")


def _added(triple: Triple, words: Vocabulary, gone: list[str], come: list[str]) -> Iterator[Complaint]:
    if gone:
        yield Complaint("change", "an addition only adds words; output lacks some of input")
    else:
        yield from _one_thing(come, words.head(triple.target_after), "output")
        yield from _all_said(gone, come, words.tokens(triple.edit))


def _replaced(triple: Triple, words: Vocabulary, gone: list[str], come: list[str]) -> Iterator[Complaint]:
    heads = words.head(triple.target_before), words.head(triple.target_after)
    if heads[0] == heads[1]:
        yield Complaint(
            "change", "a replacement brings another thing; the same one altered is the change alter"
        )
        return
    yield from _one_thing(gone, heads[0], "input")
    yield from _one_thing(come, heads[1], "output")
    yield from _all_said(gone, come, words.tokens(triple.edit))


def _one_thing(place: Sequence[str], head: str, caption: str) -> Iterator[Complaint]:
    things = [token for token in place if class_of(token) == THING]
    if head not in place or len(place) > LONGEST_PLACE or len(things) > 1 or _listed(place, head):
        yield Complaint(
            "change",
            f"the captions must differ in one thing alone, {_shown([head])} of {caption}; "
            f"they differ in: {_shown(place) or 'nothing there'}",
        )


def _listed(place: Sequence[str], head: str) -> bool:
    """Whether something that the context does not know is listed after a thing: "a rug and a dragon"."""
    after = place[place.index(head) + 1 :]
    unknown = [at for at, word in enumerate(after) if not class_of(word) and word not in _JOINTS]
    return bool(unknown) and not _JOINTS & {*after[: unknown[0]]}


def _all_said(gone: Sequence[str], come: Sequence[str], edit: Sequence[str]) -> Iterator[Complaint]:
    kept = {word for word in gone if class_of(word) not in LOOKS}
    said = {*kept, *edit, *_JOINTS, "pattern:plain"}
    unsaid = [word for word in come if word not in said]
    if unsaid:
        yield Complaint("change", f"output has what edit does not say: {_shown(unsaid)}")


def _shown(tokens: Sequence[str]) -> str:
    return " ".join(token.rpartition(":")[2] for token in tokens)


_Judge = Callable[[Triple, Vocabulary, list[str], list[str]], Iterator[Complaint]]
_JUDGED: Mapping[Change, _Judge] = {
    Change.ALTER: _altered,
    Change.ADD: _added,
    Change.REMOVE: _removed,
    Change.REPLACE: _replaced,
}
