"""Puts the clauses of an instruction together: coordination, gapping, arrows; yields what each asks for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from langdesign_reference.arguments import take_apart
from langdesign_reference.clause import ASK, BARE, CONTRAST, KEEP, STATE, Clause
from langdesign_reference.cutting import Joint
from langdesign_reference.frames import FRAMES, Draft, Named, Slot
from langdesign_reference.groups import GroupReader
from langdesign_reference.joining import ARROW_FRAME, Group, Joiner, says_too
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import names_attribute
from langdesign_reference.phrases import (
    is_definite,
    is_indefinite,
    is_pronoun,
    names_noun,
    phrase,
    starts_with_preposition,
    trim,
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
    """A phrase that is to stay.

    Attributes:
        words: The phrase.
        said: Whether a verb says so, so that a value may follow it.
        alone: Whether a clause of its own says so, so that it stays whatever was asked before.

    """

    words: tuple[Word, ...]
    said: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a clause asks for, and where the clause starts in the instruction."""

    draft: Draft
    frame: str
    start: int


Event = Topic | Kept | Wanted


def assemble(clauses: Iterable[Clause], lexicon: Lexicon) -> Iterator[Event]:
    """Yield what the clauses say, in order."""
    assembly, told = _Assembly(lexicon), list(clauses)
    for clause, following in zip_longest(told, told[1:]):
        yield from assembly.take(clause, following)
    yield from assembly.close()


class _Assembly:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._joiner, self._reader = Joiner(lexicon), GroupReader(lexicon)
        self._group: Group | None = None
        self._refused: Clause | None = None
        self._denied = False
        self._kept = False  # whether the clause before says what stays
        self._topic: Topic | None = None  # what the clause before tells something of

    def take(self, clause: Clause, following: Clause | None = None) -> Iterator[Event]:
        """Yield what a clause ends, given the one that follows."""
        if clause.frame == CONTRAST:
            clause = replace(clause, frame="remove" if self._kept else KEEP)
        if clause.joint is Joint.STOP and not self._hangs_on(clause):
            yield from self.close()
            self._refused = None
        if clause.joint is Joint.COLON and self._group and not any(self._group.parts):
            self._group = None  # "please recolour: walls sage, ..."
        if clause.frame == BARE and following and following.joint in {Joint.COLON, Joint.ARROW}:
            yield from self.close()  # "wall art: remove, wallpaper: botanical"
        topic, self._topic = self._topic, None
        kept, self._kept = self._kept, False
        if kept and self._names_more(clause):  # "keep the lamp, the rug and the piano"
            self._kept = True
            yield Kept(clause.body, said=True, alone=True)
        elif (
            topic
            and (clause.joint is Joint.AND or says_too(clause.body, self._lexicon))
            and (self._names_more(clause) or self._introduces(topic, clause))
        ):  # "I like the lamp and the rug"
            self._topic = Topic(topic.words, (*topic.others, clause.body))
            yield self._topic
        elif following and self._leads_to(clause, following):
            yield from self.close()
            yield Topic(clause.body)
        else:
            yield from self._read_alone(clause)

    def _read_alone(self, clause: Clause) -> Iterator[Event]:
        subjects = self._subjects_before(clause)
        if clause.frame in {STATE, ASK}:
            yield from self.close()
            if clause.body:  # "the rug and the curtains clash"
                self._topic = Topic(clause.body, tuple(tuple(one) for one in subjects))
                yield self._topic
        elif clause.frame == KEEP:
            yield from (Kept(tuple(one), alone=True) for one in subjects)
            yield from self._keep(clause)
        elif (
            self._refused and clause.frame == BARE and not starts_with_preposition(clause.body, self._lexicon)
        ):
            yield from self._instead_of_refused(clause)
        elif not self._joiner.joins(self._group, clause):
            yield from self.close()
            self._open(clause, subjects)

    def _leads_to(self, clause: Clause, following: Clause) -> bool:
        """Whether it only names what follows is about: "make it blue, and the right one, make it green"."""
        group, lexicon = self._group, self._lexicon
        if not group or not any(group.parts) or clause.frame != BARE or not is_definite(clause.body, lexicon):
            return False
        verbs = (
            group.frame in FRAMES and following.frame in FRAMES and BARE not in {group.frame, following.frame}
        )
        if not verbs or following.joint is not Joint.COMMA:
            return False
        themes = (
            take_apart(one.frame, body, lexicon).theme
            for one, body in ((group, group.parts[-1]), (following, following.body))
        )
        return all(is_pronoun(trim(theme, lexicon), lexicon) for theme in themes)

    def _introduces(self, topic: Topic, clause: Clause) -> bool:
        """Whether it goes on with what there is: "I have a sofa and an armchair"."""
        new = is_indefinite(topic.words, self._lexicon) and is_indefinite(clause.body, self._lexicon)
        return new and clause.frame == BARE and not clause.wanted

    def _names_more(self, clause: Clause) -> bool:
        """Whether a clause only names one more thing of those before."""
        if clause.frame != BARE or clause.only or clause.wanted or not clause.body:
            return False
        if clause.joint not in {Joint.COMMA, Joint.AND}:
            return False
        named = is_definite(clause.body, self._lexicon) or clause.joint is Joint.AND
        return named and read_bare(clause.body, self._lexicon, wanted=False) is None

    def _subjects_before(self, clause: Clause) -> list[Words]:
        """Take back what the clauses before only named before "and": "the lamp and the rug can go"."""
        group, taken = self._group, list[Words]()
        named = clause.subject_first and clause.frame != BARE and clause.joint is Joint.AND
        if group is None or group.value is not None or not named:
            return taken
        if group.frame == BARE:
            while group.parts and read_bare(group.parts[-1], self._lexicon, wanted=group.wanted) is None:
                taken.insert(0, group.parts.pop())
            self._group = group if group.parts else None
        elif len(group.parts) > 1 and not take_apart(group.frame, group.parts[-1], self._lexicon).second:
            taken.append(group.parts.pop())
        return taken

    def _open(self, clause: Clause, subjects: Sequence[Words] = ()) -> None:
        wanted = clause.wanted or clause.joint is Joint.PLUS
        parts = [*subjects, clause.body]
        self._group = Group(clause.frame, clause.verb, wanted, parts, clause.value, subjects=len(parts))

    def _hangs_on(self, clause: Clause) -> bool:
        """Whether a sentence is only the place of the one before, or shares what that says.

        "A plant! Next to the radiator.", "That lamp? Gone.", "Paint the door red. The one beside it too."
        """
        place = starts_with_preposition(clause.body, self._lexicon) > 0
        gone = 0 < self._lexicon.telegraph.out.length_at(clause.body, 0) == len(clause.body)
        return clause.frame == BARE and (place or gone or says_too(clause.body, self._lexicon))

    def _keep(self, clause: Clause) -> Iterator[Event]:
        if self._group and self._group.frame == BARE:
            yield from self.close()
        if self._group and self._group.frame == "deny" and clause.only and not self._names_known():
            self._group = (
                None  # "we don't need curtains, just leave the window as it is": nothing is there yet
            )
        self._kept = bool(clause.verb) or clause.subject_first
        refusal = self._lexicon.keeping.refusals.length_at(clause.verb, 0)
        verb = self._lexicon.verb_at(clause.verb, refusal) if refusal else None
        body = clause.body
        if verb:
            self._refused = clause
        if verb and verb[0] in FRAMES:  # "don't move the bed away from the window"
            body = tuple(take_apart(verb[0], body, self._lexicon).theme)
        if not (self._refused is clause and self._refuses_new(clause)):
            yield Kept(body, said=bool(clause.verb), alone=True)

    def _names_known(self) -> bool:
        return self._group is None or any(is_definite(part, self._lexicon) for part in self._group.parts)

    def _refuses_new(self, clause: Clause) -> bool:
        """Whether nothing is there yet that could stay: "don't add a plant"."""
        verb = self._lexicon.verb_at(clause.verb, self._lexicon.keeping.refusals.length_at(clause.verb, 0))
        new = verb is not None and verb[0] in {"add", "put", "give", "want"}
        return new and (
            is_indefinite(clause.body, self._lexicon) or not is_definite(clause.body, self._lexicon)
        )

    def _instead_of_refused(self, clause: Clause) -> Iterator[Event]:
        """Read "don't move the bed, only the stool": the verb that was refused, with another object."""
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
        lexicon, pending, last = self._lexicon, list[Words](), None
        for number, body in enumerate(group.parts):
            instead = lexicon.words.rather.length_before(body, len(body)) > 0
            instead = instead or bool(last and last.draft.denied and names_attribute(body, lexicon))
            draft = read_bare(body, lexicon, wanted=group.wanted, instead=instead)
            draft = None if last and says_too(body, lexicon) else draft
            if draft is None and last and self._shares(last.draft, number, group):
                last = replace(last, draft=_with_target(last.draft, body, lexicon))
            elif draft is None:
                pending.append(body)
            else:
                if last:
                    yield last
                if pending and draft.of(Role.TARGET) and (draft.value or draft.operation is Operation.REMOVE):
                    themes = [Named(phrase(one, lexicon), Role.TARGET) for one in pending]
                    draft, pending = replace(draft, named=(*themes, *draft.named)), []
                start = min((word.start for word in body), default=0)
                last = Wanted(self._reader.marked(draft, replace(group, parts=[body])), BARE, start)
        if last:
            yield last
        if (
            self._denied
            and len(pending) == 1
            and (not is_definite(pending[0], lexicon) or not lexicon.definite_by_article)
        ):  # "no curtains, plain ones"
            body = pending.pop()
            yield Wanted(read_bare(body, lexicon, wanted=True, instead=True) or _NOTHING, BARE, body[0].start)
        if pending:
            yield Topic(tuple(pending[0]), tuple(tuple(body) for body in pending[1:]))

    def _shares(self, last: Draft, number: int, group: Group) -> bool:
        """Whether a phrase gets what was said before: "white walls | and ceiling", "trim too"."""
        body, targets = group.parts[number], last.of(Role.TARGET)
        if not targets or not (is_definite(body, self._lexicon) or names_noun(body, self._lexicon)):
            return False
        if says_too(body, self._lexicon):
            return True
        if is_indefinite(body, self._lexicon) or take_apart("add", body, self._lexicon).second:
            return False
        named = targets[0].phrase.words  # none where only a determiner is said
        first = bool(last.value) and bool(named) and last.value[0].start < named[0].start
        joined = body[0].start in group.shared or is_definite(body, self._lexicon)
        more = group.parts[number + 1 :]
        return first and joined and not any(self._reads(one) for one in more if one[0].start in group.shared)

    def _reads(self, body: Words) -> bool:
        return read_bare(body, self._lexicon, wanted=False) is not None


def _with_target(draft: Draft, words: Words, lexicon: Lexicon) -> Draft:
    return replace(draft, named=(*draft.named, Named(phrase(words, lexicon), Role.TARGET)))


_NOTHING = Draft(Operation.ADD, ())
