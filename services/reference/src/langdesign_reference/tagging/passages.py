"""Tags of words, the passages that they make, and the references that each passage's edit has."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from langdesign_reference.plan import Operation, Role, Scope

OUTSIDE = "O"
"""The tag of a word in no span."""
STARTS = "S|"
"""Before the tag of a word with which the passage of another edit starts."""
NONE = "none"
"""The operation of a passage that asks for nothing."""

TARGET, ANCHOR, KEEP, KEEP_ALL, VALUE = "T", "A", "K", "KA", "V"
"""What a span is: a thing to change, an anchor, what stays of its own edit, what stays of all edits so far,
and what a thing becomes, or that is added."""
_ROLES = {TARGET: Role.TARGET, ANCHOR: Role.ANCHOR, KEEP: Role.KEEP, KEEP_ALL: Role.KEEP}


@dataclass(frozen=True, order=True)
class Span:
    """Words `first` to `end` (exclusive) of an instruction, and what they are."""

    first: int
    end: int
    kind: str


@dataclass
class Passage:
    """The words that ask for one edit.

    Attributes:
        start: Its first word.
        end: One past its last word.
        spans: In order.
        operation: What is to be done, or `NONE`.
        implied: `TARGET`, `ANCHOR` or both, where a pronoun, or nothing, stands for what was named before.

    """

    start: int
    end: int
    spans: list[Span] = field(default_factory=list)
    operation: str = NONE
    implied: str = ""

    def of(self, *kinds: str) -> list[Span]:
        """Return the spans of these kinds."""
        return [one for one in self.spans if one.kind in kinds]

    def outside(self) -> list[int]:
        """Return the places of its words that are in no span."""
        taken = {at for one in self.spans for at in range(one.first, one.end)}
        return [at for at in range(self.start, self.end) if at not in taken]


@dataclass(frozen=True)
class Told:
    """One edit as the tags have it: references are spans with their roles, in order of appearance."""

    operation: Operation
    references: tuple[tuple[int, int, Role], ...]
    passage: Passage

    @property
    def scope(self) -> Scope:
        """Where it acts: on the whole picture where it names nothing but what stays."""
        named = any(role is not Role.KEEP for _, _, role in self.references)
        return Scope.REGION if named or self.operation is Operation.ADD else Scope.GLOBAL


def tags_of(passages: Sequence[Passage], count: int) -> list[str]:
    """Return the tags of `count` words: B and I of a span's kind, O, and `STARTS` (Ramshaw, Marcus, 1995)."""
    tags = [OUTSIDE] * count
    for passage in passages:
        for span in passage.spans:
            tags[span.first : span.end] = [f"I-{span.kind}"] * (span.end - span.first)
            tags[span.first] = f"B-{span.kind}"
    for passage in passages[1:]:
        tags[passage.start] = STARTS + tags[passage.start]
    return tags


def passages_of(tags: Sequence[str]) -> list[Passage]:
    """Return what tags say: as `tags_of`, backwards; an I after nothing of its kind begins a span."""
    passages, open_kind = [Passage(0, len(tags))], ""
    for index, told in enumerate(tags):
        tag = told.removeprefix(STARTS)
        if tag != told and index:
            passages[-1].end = index
            passages.append(Passage(index, len(tags)))
            open_kind = ""
        place, _, kind = tag.partition("-")
        if kind and (place == "B" or kind != open_kind):
            passages[-1].spans.append(Span(index, index + 1, kind))
        elif kind:
            last = passages[-1].spans.pop()
            passages[-1].spans.append(Span(last.first, index + 1, kind))
        open_kind = kind
    return passages


def told(passages: Sequence[Passage]) -> list[Told]:
    """Return the edits that passages ask for, each with what it names, means and keeps."""
    references: list[list[tuple[int, int, Role]]] = []
    before: list[Span] = []
    for passage in passages:
        named = passage.of(TARGET, ANCHOR)
        own = [(one.first, one.end, _ROLES[one.kind]) for one in passage.of(TARGET, ANCHOR, KEEP)]
        implied = [Span(one.first, one.end, kind) for kind in passage.implied for one in before]
        own += [(one.first, one.end, _ROLES[one.kind]) for one in implied]
        references.append(own)
        if passage.operation != NONE:
            named += implied
            before = [one for one in named if one.kind == TARGET] or named or before
    _keep_all(passages, references)
    return [
        Told(Operation(passage.operation), tuple(sorted(dict.fromkeys(some))), passage)
        for passage, some in zip(passages, references, strict=True)
        if passage.operation != NONE
    ]


def _keep_all(passages: Sequence[Passage], references: list[list[tuple[int, int, Role]]]) -> None:
    """Let what stays of all edits stay of each so far; where there is none, of the next."""
    for number, passage in enumerate(passages):
        asks = passage.operation != NONE
        kept = [(one.first, one.end, Role.KEEP) for one in passage.of(KEEP_ALL, *([] if asks else [KEEP]))]
        so_far = [at for at in range(number + 1) if passages[at].operation != NONE]
        following = [at for at in range(number, len(passages)) if passages[at].operation != NONE][:1]
        for at in so_far or following:
            references[at] += kept
