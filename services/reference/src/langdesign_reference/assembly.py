"""Puts the clauses of an instruction together: coordination, gapping, arrows; yields what each asks for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from langdesign_reference.arguments import take_apart
from langdesign_reference.clause import ASK, BARE, KEEP, STATE, Clause
from langdesign_reference.cutting import Joint
from langdesign_reference.frames import FRAMES, Draft, Named, Slot
from langdesign_reference.groups import GroupReader
from langdesign_reference.joining import ARROW_FRAME, Group, Joiner
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import (
    is_definite,
    is_indefinite,
    phrase,
    starts_with_preposition,
)
from langdesign_reference.plan import Operation, Role
from langdesign_reference.telegraphic import read_bare
from langdesign_reference.words import Word, Words


@dataclass(frozen=True)
class Topic:
    """A phrase that is only named, so that a pronoun may mean it; with others that are named beside it."""

    words: tuple[Word, ...]
    others: tuple[tuple[Word, ...], ...] = ()


@dataclass(frozen=True)
class Kept:
    """A phrase that is to stay; `said` where a verb says so, so that a value may follow it."""

    words: tuple[Word, ...]
    said: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a clause asks for, and where the clause starts in the instruction."""

    draft: Draft
    frame: str
    start: int


Event = Topic | Kept | Wanted


def assemble(clauses: Iterable[Clause], lexicon: Lexicon) -> Iterator[Event]:
    """Yield what the clauses say, in order."""
    assembly = _Assembly(lexicon)
    for clause in clauses:
        yield from assembly.take(clause)
    yield from assembly.close()


class _Assembly:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._joiner, self._reader = Joiner(lexicon), GroupReader(lexicon)
        self._group: Group | None = None
        self._refused: Clause | None = None
        self._denied = False

    def take(self, clause: Clause) -> Iterator[Event]:
        if clause.joint is Joint.STOP and not self._hangs_on(clause):
            yield from self.close()
            self._refused = None
        if clause.frame in {STATE, ASK}:
            named = self._named_alone(clause)
            yield from self.close()
            if clause.body and named:  # "the rug and the curtains clash"
                yield Topic(clause.body, named)
            elif clause.body:
                yield Topic(clause.body)
        elif clause.frame == KEEP:
            yield from self._keep(clause)
        elif (
            self._refused and clause.frame == BARE and not starts_with_preposition(clause.body, self._lexicon)
        ):
            yield from self._instead_of_refused(clause)
        elif not self._joiner.joins(self._group, clause):
            yield from self.close()
            self._open(clause)

    def _named_alone(self, clause: Clause) -> tuple[tuple[Word, ...], ...]:
        """Return the phrases that were only named before "and"."""
        group = self._group
        if group is None or group.frame != BARE or clause.joint is not Joint.AND:
            return ()
        if any(read_bare(part, self._lexicon, wanted=group.wanted) for part in group.parts):
            return ()
        return tuple(tuple(part) for part in group.parts)

    def _open(self, clause: Clause) -> None:
        wanted = clause.wanted or clause.joint is Joint.PLUS
        self._group = Group(clause.frame, clause.verb, wanted, [clause.body], clause.value)

    def _hangs_on(self, clause: Clause) -> bool:
        """Whether a sentence is only the place of the one before: "A plant! Next to the radiator."."""
        return clause.frame == BARE and starts_with_preposition(clause.body, self._lexicon) > 0

    def _keep(self, clause: Clause) -> Iterator[Event]:
        if self._group and self._group.frame == BARE:
            yield from self.close()
        refusal = self._lexicon.keeping.refusals.length_at(clause.verb, 0)
        if refusal and self._lexicon.verb_at(clause.verb, refusal):
            self._refused = clause
        if not (self._refused is clause and self._refuses_new(clause)):
            yield Kept(clause.body, said=bool(clause.verb))

    def _refuses_new(self, clause: Clause) -> bool:
        """Whether nothing is there yet that could stay: "don't add a plant"."""
        verb = self._lexicon.verb_at(clause.verb, self._lexicon.keeping.refusals.length_at(clause.verb, 0))
        new = verb is not None and verb[0] in {"add", "put", "give", "want"}
        return new and (
            is_indefinite(clause.body, self._lexicon) or not is_definite(clause.body, self._lexicon)
        )

    def _instead_of_refused(self, clause: Clause) -> Iterator[Event]:
        """Reads "don't move the bed, only the stool": the verb that was refused, with another object."""
        refused = self._refused
        if refused is None:
            return
        yield from self.close()
        skip = self._lexicon.keeping.refusals.length_at(refused.verb, 0)
        found = self._lexicon.verb_at(refused.verb, skip)
        self._refused = None
        frame = found[0] if found and found[0] in FRAMES else BARE
        body = clause.body
        if FRAMES[frame].slot is Slot.VALUE and not take_apart(frame, body, self._lexicon).second:
            shared = take_apart(
                frame, refused.body, self._lexicon
            )  # "don't make the room blue, only the wall"
            body = (*body, *shared.link, *shared.second)
        self._open(replace(clause, frame=frame, verb=refused.verb[skip:], body=body))

    def close(self) -> Iterator[Event]:
        """Yield what the open group asks for."""
        group, self._group = self._group, None
        if group is None:
            return
        denied = self._denied
        for event in self._read(group):
            denied = isinstance(event, Wanted) and event.draft.denied
            yield event
        self._denied = denied

    def _read(self, group: Group) -> Iterator[Event]:
        if group.frame == BARE and group.value is None:
            yield from self._close_bare(group)
        elif group.frame == ARROW_FRAME:
            yield Wanted(self._reader.arrow(group), BARE, group.start)
        else:
            for draft in self._reader.drafts(group):
                yield Wanted(self._reader.with_spot(draft, group), group.frame, group.start)

    def _close_bare(self, group: Group) -> Iterator[Event]:
        if found := self._reader.instead(group):
            yield Wanted(found, BARE, group.start)
            return
        lexicon, pending = self._lexicon, list[Words]()
        for body in group.parts:
            instead = lexicon.words.rather.length_before(body, len(body)) > 0
            draft = read_bare(body, lexicon, wanted=group.wanted, instead=instead)
            start = min((word.start for word in body), default=0)
            if draft is None:
                pending.append(body)
                continue
            if pending and draft.of(Role.TARGET) and draft.value:
                themes = [Named(phrase(one, lexicon), Role.TARGET) for one in pending]
                draft, pending = replace(draft, named=(*themes, *draft.named)), []
            yield Wanted(self._reader.marked(draft, replace(group, parts=[body])), BARE, start)
        if (
            self._denied and len(pending) == 1 and not is_definite(pending[0], lexicon)
        ):  # "no curtains, plain ones"
            body = pending.pop()
            yield Wanted(read_bare(body, lexicon, wanted=True, instead=True) or _NOTHING, BARE, body[0].start)
        if pending:
            yield Topic(tuple(pending[0]), tuple(tuple(body) for body in pending[1:]))


_NOTHING = Draft(Operation.ADD, ())
