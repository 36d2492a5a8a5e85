"""Puts the clauses of an instruction together: coordination, gapping, arrows; yields what each asks for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from langdesign_reference.arguments import coordinate, take_apart
from langdesign_reference.clauses import ASK, BARE, KEEP, STATE, Clause
from langdesign_reference.cutting import Joint
from langdesign_reference.frames import FRAMES, Draft, Named, Part, Slot
from langdesign_reference.interpretation import interpret
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import (
    Kind,
    Phrase,
    is_definite,
    is_indefinite,
    names_noun,
    phrase,
    starts_with_preposition,
    thing,
    trim,
)
from langdesign_reference.plan import Operation, Role
from langdesign_reference.telegraphic import read_bare
from langdesign_reference.values import content_start, without_former
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


@dataclass
class _Group:
    """A verb with the objects that share it."""

    frame: str
    verb: tuple[Word, ...]
    wanted: bool
    parts: list[Words] = field(default_factory=list)
    value: Words | None = None
    spot: Words | None = None

    @property
    def start(self) -> int:
        words = [*self.verb, *(word for part in self.parts for word in part), *(self.value or ())]
        return min((word.start for word in words), default=0)


def assemble(clauses: Iterable[Clause], lexicon: Lexicon) -> Iterator[Event]:
    """Yield what the clauses say, in order."""
    assembly = _Assembly(lexicon)
    for clause in clauses:
        yield from assembly.take(clause)
    yield from assembly.close()


class _Assembly:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._group: _Group | None = None
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
        elif not self._continue(clause):
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
        self._group = _Group(clause.frame, clause.verb, wanted, [clause.body], clause.value)

    def _hangs_on(self, clause: Clause) -> bool:
        """Whether a sentence is only the place of the one before: "A plant! Next to the radiator."."""
        return clause.frame == BARE and starts_with_preposition(clause.body, self._lexicon) > 0

    def _keep(self, clause: Clause) -> Iterator[Event]:
        if self._group and self._group.frame == BARE:
            yield from self.close()
        if clause.verb and (found := self._lexicon.keeping.refusals.length_at(clause.verb, 0)):
            if self._lexicon.verb_at(clause.verb, found):
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

    def _continue(self, clause: Clause) -> bool:
        """Add a clause without a verb to the group before, where it shares its verb."""
        group, body = self._group, clause.body
        if group is None or clause.frame != BARE:
            return False
        if clause.joint in {Joint.ARROW, Joint.COLON}:
            return self._arrow(group, clause)
        if clause.wanted or clause.joint is Joint.PLUS or not body:
            return False
        if starts_with_preposition(body, self._lexicon) and not self._lexicon.prepositions.instead.length_at(
            body, 0
        ):
            group.parts[-1] = [*group.parts[-1], *body]
            return True
        if clause.joint is Joint.STOP:
            return False
        if self._says_like(group, body):
            if group.value is not None:
                group.value = [*group.value, *body]
            else:
                group.parts[-1] = [*group.parts[-1], *body]
            return True
        if self._telegraphic(body):
            return False
        if self._more_value(group, clause):
            group.parts[-1] = [*group.parts[-1], *_and(clause), *body]
            return True
        if all_attributes(body, self._lexicon) and not self._names_thing(group, body):
            return self._value_alone(group, clause)
        if self._is_spot(group, clause):
            group.spot = body
            return True
        if self._shares_verb(group, clause):
            group.parts.append(body)
            return True
        return False

    def _is_spot(self, group: _Group, clause: Clause) -> bool:
        """Whether a place is named without a preposition: "add floor lamp, corner"."""
        body = trim(clause.body, self._lexicon)
        placed = (
            group.frame in {"add", "put", "move"}
            and not take_apart(group.frame, group.parts[-1], self._lexicon).second
        )
        return (
            placed
            and clause.joint is Joint.COMMA
            and self._lexicon.heads.spots.length_at(body, 0) == len(body)
        )

    def _names_thing(self, group: _Group, body: Words) -> bool:
        """Whether a word that is a material too names a thing here: "remove the vase and mirror"."""
        valued = FRAMES[group.frame].slot is Slot.VALUE if group.frame in FRAMES else True
        return not valued and self._lexicon.noun_before(body, len(body)) > 0

    def _says_like(self, group: _Group, body: Words) -> bool:
        """Whether "like ..." goes on with a value: "make the chair moodier, like a jazz bar"."""
        more = self._lexicon.attributes.more.length_at(body, 0)
        like = self._lexicon.attributes.likeness.length_at(body, more)
        return like > 0 and (group.value is not None or self._has_value(group))

    def _has_value(self, group: _Group) -> bool:
        valued = group.frame in FRAMES and group.frame != BARE and FRAMES[group.frame].slot is Slot.VALUE
        return valued and bool(take_apart(group.frame, group.parts[-1], self._lexicon).second)

    def _more_value(self, group: _Group, clause: Clause) -> bool:
        """Whether a word in no list goes on with a value: "lived-in and loved"."""
        body, lexicon = clause.body, self._lexicon
        plain = len(body) <= 2 and not lexicon.starts_phrase(body, 0) and not names_noun(body, lexicon)
        return plain and clause.joint is Joint.AND and group.value is None and self._has_value(group)

    def _telegraphic(self, body: Words) -> bool:
        lexicon, end = self._lexicon, len(body)
        marks = (
            lexicon.words.no.length_at(body, 0),
            lexicon.telegraph.out.length_before(body, end),
            lexicon.telegraph.into.length_before(body, end),
            lexicon.attributes.likeness.length_at(body, 0),
        )
        return any(marks) or lexicon.prepositions.instead.find(body) is not None

    def _value_alone(self, group: _Group, clause: Clause) -> bool:
        if group.value is not None:
            group.value = [*group.value, *_and(clause), *clause.body]
            return True
        last = take_apart(group.frame, group.parts[-1], self._lexicon)
        if (FRAMES[group.frame].slot is Slot.VALUE and group.frame != BARE) or (
            group.frame == BARE and last.second
        ):
            group.parts[-1] = [*group.parts[-1], *(_and(clause) if last.second else ()), *clause.body]
            return True
        if group.frame == BARE and self._names(group.parts[-1]):
            return self._arrow(group, clause)
        return False

    def _names(self, words: Words) -> bool:
        lexicon = self._lexicon
        known = lexicon.words.determiners.length_at(words, 0) or names_noun(words, lexicon)
        return bool(known) and not lexicon.attributes.more.length_at(words, 0)

    def _arrow(self, group: _Group, clause: Clause) -> bool:
        """Reads "sofa -> blue", "wall: terracotta", "desk -> under the window"."""
        lexicon, body = self._lexicon, clause.body
        if group.frame != BARE or group.value is not None or not group.parts[-1]:
            return False
        if take_apart(BARE, group.parts[-1], lexicon).second and clause.joint is not Joint.ARROW:
            return False
        if 0 < lexicon.words.no.length_at(body, 0) < len(body):  # "kitchen: no clutter"
            return False
        plain = (
            all_attributes(body, lexicon) or starts_with_preposition(body, lexicon) or self._telegraphic(body)
        )
        single = take_apart(BARE, body, lexicon).second == ()
        if clause.joint is Joint.COLON and not (plain or (single and names_noun(group.parts[-1], lexicon))):
            return False
        group.frame, group.value = ARROW_FRAME, body
        return True

    def _shares_verb(self, group: _Group, clause: Clause) -> bool:
        """Whether a phrase takes its verb from the group: "and the wall blue", "and the lamp"."""
        lexicon, body = self._lexicon, clause.body
        if group.frame == ARROW_FRAME:
            return False
        if group.frame == BARE:
            return True
        slot = FRAMES[group.frame].slot
        own, valued = take_apart(group.frame, body, lexicon), take_apart(BARE, body, lexicon).second
        if slot is Slot.SOURCE and any(word.key in lexicon.words.proforms for word in body):
            return False  # "no plastic chairs, wooden ones"
        if slot in {Slot.SOURCE, Slot.PURPOSE, Slot.NOTHING}:
            placed = is_indefinite(body, lexicon) and take_apart("add", body, lexicon).second
            return not valued and not placed
        if slot is Slot.PLACE:
            return not (is_definite(body, lexicon) and valued and not own.second)
        if (
            slot is Slot.REPLACEMENT
            and is_indefinite(body, lexicon)
            and take_apart("add", body, lexicon).second
        ):
            return False
        if slot in {Slot.GOAL, Slot.REPLACEMENT}:
            return bool(own.second) or not valued
        return True

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

    def _read(self, group: _Group) -> Iterator[Event]:
        if group.frame == BARE and group.value is None:
            yield from self._close_bare(group)
        elif group.frame == ARROW_FRAME:
            yield Wanted(self._read_arrow(group), BARE, group.start)
        else:
            for draft in self._drafts(group):
                yield Wanted(self._with_spot(draft, group), group.frame, group.start)

    def _with_spot(self, draft: Draft, group: _Group) -> Draft:
        if group.spot is None:
            return draft
        return replace(draft, named=(*draft.named, Named(phrase(group.spot, self._lexicon), Role.ANCHOR)))

    def _drafts(self, group: _Group) -> Iterator[Draft]:
        found = self._instead(group)
        if found:
            yield found
        elif group.value is not None:
            yield from self._subject_first(group)
        else:
            for themes, part in self._shared(group.frame, group.parts):
                yield self._marked(interpret(group.frame, group.verb, themes, part, self._lexicon), group)

    def _marked(self, draft: Draft, group: _Group) -> Draft:
        """Note whether it was said that something is not wanted, or comes instead."""
        lexicon = self._lexicon
        words = [word for part in group.parts for word in part]
        instead = lexicon.words.rather.find(words) is not None or lexicon.words.places.find(words) is not None
        return replace(draft, instead=draft.instead or instead, denied=draft.denied or group.frame == "deny")

    def _shared(self, frame: str, bodies: Iterable[Words]) -> Iterator[tuple[list[Words], Part]]:
        """Group objects with what they share: "the chair | the table white" is both white."""
        themes, groups = list[Words](), list[tuple[list[Words], Part]]()
        for body in bodies:
            part = take_apart(frame, body, self._lexicon)
            if groups and not part.second and self._goes_on(frame, groups[-1], part):
                last_themes, last = groups[-1]
                groups[-1] = last_themes, replace(last, second=[*last.second, _AND, *part.theme])
                continue
            themes.append(part.theme)
            if part.second:
                groups.append((themes, part))
                themes = []
        if themes:
            groups = self._with_rest(frame, groups, themes)
        return iter(groups)

    def _goes_on(self, frame: str, last: tuple[list[Words], Part], part: Part) -> bool:
        """Whether a phrase continues what the verb takes beside its object: "on the left shelf and the right one"."""
        slot, definite = FRAMES[frame].slot, is_definite(part.theme, self._lexicon)
        if slot is Slot.PLACE:
            return definite and self._lexicon.definite_by_article
        if slot in {Slot.VALUE, Slot.REPLACEMENT, Slot.GIFT, Slot.COVERING}:
            return last[1].linked and not definite and is_indefinite(part.theme, self._lexicon)
        return False

    def _with_rest(
        self, frame: str, groups: list[tuple[list[Words], Part]], themes: list[Words]
    ) -> list[tuple[list[Words], Part]]:
        if not groups or FRAMES[frame].slot is Slot.PLACE:
            return [*groups, (themes, Part(themes[-1]))]
        last, part = groups[-1]
        return [*groups[:-1], ([*last, *themes], part)]

    def _subject_first(self, group: _Group) -> Iterator[Draft]:
        lexicon = self._lexicon
        value = group.value or ()
        themes = [theme for part in group.parts[:1] for theme in coordinate(part, lexicon)]
        if group.frame == "replace":  # "a mirrored one should take its place"
            pronoun = Named(Phrase(Kind.PRONOUN, ()), Role.TARGET)
            yield Draft(Operation.REPLACE, (pronoun,), value=tuple(trim(value, lexicon)), instead=True)
            return
        link = lexicon.prepositions.result.length_at(value, 0)
        if link and len(value) > link:
            linking, second = value[:link], value[link:]
        else:
            linking, second = (), value
        linked = (
            is_indefinite(second, lexicon) and not lexicon.attributes.more.length_at(second, 0)
        ) or lexicon.attributes.likeness.length_at(value, 0) > 0
        part = Part(themes[-1], without_former(second, lexicon), linking, linked)
        yield interpret(group.frame, group.verb, themes, part, lexicon)
        for more, following in self._shared("bare", group.parts[1:]):
            yield interpret("bare", (), more, following, lexicon)

    def _read_arrow(self, group: _Group) -> Draft:
        lexicon, value = self._lexicon, group.value or ()
        themes = [theme for part in group.parts for theme in coordinate(part, lexicon)]
        end = len(value)
        if (
            lexicon.words.no.length_at(value, 0) == end
            or lexicon.telegraph.out.length_before(value, end) == end
        ):
            return interpret("remove", (), themes, Part(themes[-1]), lexicon)
        if starts_with_preposition(value, lexicon) or lexicon.prepositions.directions.length_at(value, 0):
            link = lexicon.prepositions.result.length_at(value, 0)
            if not (link and all_attributes(value[link:], lexicon)):
                return interpret(
                    "move", (), themes, take_apart("move", [*themes[-1], *value], lexicon), lexicon
                )
            value = value[link:]
        value = without_former(value, lexicon)
        thing = is_indefinite(value, lexicon) or (
            names_noun(value, lexicon) and not all_attributes(value, lexicon)
        )
        return interpret(
            "change" if not thing else "replace", (), themes, Part(themes[-1], value, (), thing), lexicon
        )

    def _instead(self, group: _Group) -> Draft | None:
        """Reads "a bench instead of the chairs", "instead of the chairs a bench"."""
        lexicon = self._lexicon
        body = [
            word
            for number, part in enumerate(group.parts)
            for word in ([_AND] if number else []) + list(part)
        ]
        if group.value is not None and not body:
            return None
        body += list(group.value or ())
        found = lexicon.prepositions.instead.find(body)
        if found is None and group.frame in {"put", "add", "move", BARE}:
            found = lexicon.prepositions.where.find(body, 1)
        if found is None or all_attributes(body[sum(found) :], lexicon):
            return None
        new, old = body[: found[0]], body[sum(found) :]
        if group.frame in {"put", "move"} and is_definite(new, lexicon):  # "put the stool where the lamp is"
            named = (Named(thing(new, lexicon), Role.TARGET), Named(phrase(old, lexicon), Role.ANCHOR))
            return Draft(Operation.MOVE, named, tuple(group.verb))
        if not trim(new, lexicon):
            old, new = _cut_new(old, lexicon)
        if group.frame in {"remove", "deny"}:
            return None
        named = tuple(Named(phrase(one, lexicon), Role.TARGET) for one in coordinate(old, lexicon))
        return Draft(Operation.REPLACE, named, tuple(group.verb), tuple(trim(new, lexicon)))

    def _close_bare(self, group: _Group) -> Iterator[Event]:
        if found := self._instead(group):
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
            yield Wanted(self._marked(draft, replace(group, parts=[body])), BARE, start)
        if (
            self._denied and len(pending) == 1 and not is_definite(pending[0], lexicon)
        ):  # "no curtains, plain ones"
            body = pending.pop()
            yield Wanted(read_bare(body, lexicon, wanted=True, instead=True) or _NOTHING, BARE, body[0].start)
        if pending:
            yield Topic(tuple(pending[0]), tuple(tuple(body) for body in pending[1:]))


_NOTHING = Draft(Operation.ADD, ())
ARROW_FRAME = "arrow"
_AND = Word("and", 0, 0, "and")


def _and(clause: Clause) -> list[Word]:
    return [_AND] if clause.joint is Joint.AND else []


def _cut_new(words: Words, lexicon: Lexicon) -> tuple[Words, Words]:
    """Cut "of the chairs a bench" before the new thing."""
    for index in range(content_start(words, lexicon) + 1, len(words)):
        rather = lexicon.words.rather.length_at(words, index) or lexicon.verbs.want.length_at(words, index)
        if rather or lexicon.words.indefinite.length_at(words, index) or words[index].key == ",":
            return words[:index], words[index + (rather or words[index].key == ",") :]
    return words, ()
