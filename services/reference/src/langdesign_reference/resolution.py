"""Turns what clauses ask for into edits: pronouns become what they mean, what stays is attached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from langdesign_reference.arguments import coordinate
from langdesign_reference.asked import Argument, Asked
from langdesign_reference.assembly import Event, Kept, Topic, Wanted
from langdesign_reference.certainty import Evidence
from langdesign_reference.changes import attribute_of, for_thing
from langdesign_reference.following import (
    avoided_before,
    names_substance,
    replaces,
    says_again,
    says_better,
    says_where,
)
from langdesign_reference.frames import Draft, Named
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import trim_end
from langdesign_reference.phrases import (
    Kind,
    Phrase,
    names_noun,
    phrase,
    starts_with_preposition,
    thing,
)
from langdesign_reference.plan import Operation, Relation, Role, Scope
from langdesign_reference.values import split_value
from langdesign_reference.words import Word

_NEEDS_TARGET = {Operation.REMOVE, Operation.REPLACE, Operation.MOVE}
_HOLDING = {Relation.ON, Relation.INSIDE, Relation.UNSPECIFIED}
_PICTURE_FRAMES = {"other", "move", "add"}
"""Frames that say what is to be done to the whole picture, where others say how it should feel."""


@dataclass
class _Edit:
    draft: Draft
    frame: str
    keeps: list[Phrase] = field(default_factory=list)


def resolve(events: Iterable[Event], lexicon: Lexicon) -> tuple[list[Asked], Evidence]:
    """Return the edits in order, and what speaks for and against the reading."""
    resolution = _Resolution(lexicon)
    for event in events:
        if isinstance(event, Topic):
            resolution.name(event)
        elif isinstance(event, Kept):
            resolution.keep(event)
        else:
            resolution.want(event)
    return resolution.asked(), resolution.evidence()


class _Resolution:
    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._edits: list[_Edit] = []
        self._mentioned: list[Phrase] = []
        self._new: list[Phrase] = []  # what the edit before adds
        self._places: list[Phrase] = []  # what "on it" means rather
        self._waiting: list[Phrase] = []  # kept phrases before any edit
        self._together: list[Phrase] = []
        self._dropped = 0
        self._guessed = 0

    def name(self, topic: Topic) -> None:
        found = [
            one for words in (topic.words, *topic.others) for one in self._phrases(self._without_there(words))
        ]
        if len(found) == 1 and self._lexicon.heads.captures.length_before(
            found[0].words, len(found[0].words)
        ):
            self._mentioned = []  # "the photo is blurry, make it sharper"
        elif len(found) == 1:
            of = attribute_of(found[0].words, self._lexicon)  # "not the right colour for the door"
            found = [thing(of[1] if of else found[0].words, self._lexicon)]
        things = [one for one in found if one.kind is Kind.THING and not self._speaks_of_whole(one)]
        if things:
            self._mentioned, self._places, self._new = things, [], []
            self._together = things if len(things) > 1 else self._together

    def _without_there(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        there = self._lexicon.words.places.length_before(words, len(words))
        return words[:-1] if there == 1 < len(words) else words  # not "the shelf above it"

    def _speaks_of_whole(self, one: Phrase) -> bool:
        return self._lexicon.words.whole.find(one.words[:3]) is not None and bool(self._mentioned)

    def _phrases(self, words: Sequence[Word]) -> list[Phrase]:
        return [phrase(part, self._lexicon) for part in coordinate(words, self._lexicon)]

    def keep(self, kept: Kept) -> None:
        words = self._without_tail(list(kept.words))
        only = self._lexicon.words.only.length_before(words, len(words))  # "das Klavier bloß stehen"
        words = words[: len(words) - only]
        words = words[starts_with_preposition(words, self._lexicon) :]
        words = words[self._lexicon.prepositions.covering.length_at(words, 0) :]
        if self._lexicon.words.relatives.length_at(words, 0) == len(words):  # "the beams, which stay"
            return
        if self._lexicon.words.places.length_at(words, 0) == len(words):  # "but not there"
            return
        if kept.said:  # "keep the dog sharp"
            words = list(split_value(words, self._lexicon).theme)
        found = self._phrases(words)
        if all(one.kind is Kind.PRONOUN for one in found) and found:
            found = list(self._mentioned)
        things = [one for one in found if one.words and not self._is_everything(one)]
        for edit in self._edits if kept.alone else self._edits[-1:]:
            targets = {one.phrase for one in edit.draft.named}
            edit.keeps += [one for one in things if one not in targets]
        if not self._edits:
            self._waiting += things
        if kept.said or not self._mentioned:
            self._mentioned = things or self._mentioned

    def _is_everything(self, one: Phrase) -> bool:
        everything = self._lexicon.keeping.everything
        quantified = everything.length_at(one.words, 0) == len(one.words)
        whole = one.kind is Kind.WHOLE and self._lexicon.words.whole.find(one.words) is not None
        return quantified or whole or one.kind is Kind.PRONOUN

    def _without_tail(self, words: list[Word]) -> list[Word]:
        """Cut "as it is" at the end, and with what follows, wherever it stands."""
        while length := self._lexicon.keeping.tails.length_before(words, len(words)):
            if length == len(words):
                break
            words = words[:-length]
        for index in range(1, len(words)):
            length = self._lexicon.keeping.tails.length_at(words, index)
            if length > 1 or self._lexicon.prepositions.where.length_at(words, index):
                return words[:index]
        return words

    def want(self, wanted: Wanted) -> None:
        draft = self._resolved(wanted)
        if draft is None:
            self._dropped += 1
            return
        self._guessed += draft.guessed
        last = self._edits[-1].draft if self._edits else None
        if last and self._new and says_where(last, wanted.draft, draft):
            place = draft.of(Role.ANCHOR)
            self._edits[-1].draft = replace(last, named=(*last.named, *place), link=draft.link)
            return
        if last and says_again(last, draft):
            return
        if last and replaces(last, draft):
            self._edits[-1].draft = replace(
                last, operation=Operation.REPLACE, value=draft.value, link=(), verb=(), denied=False
            )
            return
        denied = last is not None and last.denied and draft.operation is Operation.REMOVE
        better = last is not None and says_better(last, self._edits[-1].frame, draft, self._lexicon)
        if self._only_held(wanted) or (denied and not draft.denied) or better:
            self._edits.pop()  # "I don't need both lamps, remove the left one"
        targets = {one.phrase for one in draft.of(Role.TARGET)}
        edit = _Edit(draft, wanted.frame, [one for one in self._waiting if one not in targets])
        self._waiting = []
        self._edits.append(edit)
        self._mention(draft)

    def _mention(self, draft: Draft) -> None:
        targets = [one.phrase for one in draft.of(Role.TARGET) if one.phrase.kind is Kind.THING]
        anchors = [one.phrase for one in draft.of(Role.ANCHOR) if one.phrase.kind is Kind.THING]
        self._mentioned, self._new = targets or anchors or self._mentioned, self._new_thing(draft)
        self._places = [draft.aside] if draft.aside else []

    def _new_thing(self, draft: Draft) -> list[Phrase]:
        """Return the thing that is added, so that "a shelf, and books on it" are on the shelf."""
        words, lexicon = draft.value, self._lexicon
        said = all(word.start < word.end for word in words)
        if draft.operation is not Operation.ADD or not said or not names_noun(words, lexicon):
            return []
        return [Phrase(Kind.THING, tuple(words))]

    def _added(self, one: Named) -> list[Phrase]:
        """Return what was just added, where a pronoun means that: a place only where it holds things."""
        if not self._new or one.role is not Role.ANCHOR:
            return self._new
        words, heads = self._new[0].words, self._lexicon.heads
        holds = heads.holders.length_before(words, len(words)) or heads.surfaces.length_before(
            words, len(words)
        )
        return self._new if holds and one.relation in _HOLDING else []

    def _resolved(self, wanted: Wanted) -> Draft | None:
        named, draft = list[Named](), wanted.draft
        valued = bool(draft.value) and wanted.frame in {"change", "bare"}
        exchanged = draft.operation is Operation.REPLACE and not draft.linked  # "instead of it a lamp"
        valued = valued and not exchanged
        if (
            valued
            and self._mentioned
            and any(one.phrase.kind is Kind.PRONOUN for one in draft.of(Role.TARGET))
        ):
            draft = for_thing(draft, self._mentioned, self._lexicon)
        for one in wanted.draft.named:
            if one.phrase.kind is not Kind.PRONOUN:
                named.append(one)
            elif self._mentioned or self._new:
                place = self._places and self._means_place(one, wanted)
                meant = self._of_two(one) or self._added(one) or (self._places if place else self._mentioned)
                named += [replace(one, phrase=phrase) for phrase in meant]
            elif one.role is Role.TARGET and wanted.draft.operation in _NEEDS_TARGET:
                return None
        if self._names_better(draft):  # "this table wobbles, get me a sturdier one"
            named = [Named(one, Role.TARGET) for one in self._mentioned]
            draft = replace(draft, operation=Operation.REPLACE)
        if draft.operation is Operation.RECOLOUR and not named and wanted.frame == "bare":
            named = [
                Named(one, Role.TARGET) for one in self._mentioned
            ]  # "the wall is dull, try a soft pink"
        if not named and wanted.frame == "bare" and (meant := self._meant_by_value(draft)):
            named = [Named(one, Role.TARGET) for one in meant]
            draft = for_thing(draft, meant, self._lexicon)
        return replace(draft, named=tuple(dict.fromkeys(named)))

    def _meant_by_value(self, draft: Draft) -> list[Phrase]:
        """Return what a value alone is said of: "the tiles are ugly, concrete please"."""
        if not self._edits:
            return self._mentioned if names_substance(draft, self._lexicon) else []
        return avoided_before(self._edits[-1].draft, draft, self._lexicon)

    def _names_better(self, draft: Draft) -> bool:
        """Whether one of a kind is added that was only told of: "a sturdier one", not "another one"."""
        value, kinds = draft.value, self._lexicon.words
        if draft.operation is not Operation.ADD or draft.named or self._edits:
            return False
        if draft.instead and self._mentioned:  # "not a fan of the wallpaper; panelling instead"
            return True
        if len(value) < 3:
            return False
        if self._mentioned and value[0].key in kinds.proforms:  # "something in brass"
            return True
        described = self._lexicon.attribute_length(value, 1) or self._lexicon.adjectives.length_at(value, 1)
        return bool(self._mentioned and described) and value[-1].key in kinds.proforms

    def _of_two(self, one: Named) -> list[Phrase]:
        """Return what "the former" and "the latter" mean: of the things that were named together last."""
        last = one.phrase.words[-1].key if one.phrase.words else ""
        if len(self._together) < 2 or last not in {"former", "latter"}:
            return []
        return [self._together[0] if last == "former" else self._together[-1]]

    def _means_place(self, one: Named, wanted: Wanted) -> bool:
        """Whether a pronoun means what things were taken from: "clear the cups off the tray and paint it"."""
        gone = (
            self._edits
            and self._edits[-1].draft.operation is Operation.REMOVE
            and self._edits[-1].frame != "take"
        )
        changes = wanted.draft.operation in {Operation.RECOLOUR, Operation.RESTYLE, Operation.OTHER}
        return one.role is Role.ANCHOR or bool(gone and changes)

    def _only_held(self, wanted: Wanted) -> bool:
        """Whether the edit before only takes a thing up: "take the chair and put it by the stove"."""
        if not self._edits:
            return False
        last = self._edits[-1]
        moves = last.draft.operation is Operation.REMOVE and wanted.draft.operation is Operation.MOVE
        if not (
            last.frame == "take" or last.draft.denied or moves
        ):  # "take the mirror down and hang it there"
            return False
        return any(one.phrase.kind is Kind.PRONOUN for one in wanted.draft.of(Role.TARGET))

    def asked(self) -> list[Asked]:
        """Return the edits."""
        return [self._asked(edit) for edit in self._edits]

    def _asked(self, edit: _Edit) -> Asked:
        draft = edit.draft
        things = [one for one in draft.named if one.phrase.kind is Kind.THING and one.phrase.words]
        arguments = [Argument(one.phrase.words, one.role, one.relation) for one in things]
        arguments += [Argument(one.words, Role.KEEP) for one in edit.keeps]
        unique = {(one.words[0].start, one.words[-1].end): one for one in reversed(arguments)}
        ordered = tuple(unique[place] for place in sorted(unique))
        local = bool(things) or draft.operation is Operation.ADD
        feels = draft.wish or (bool(draft.value) and edit.frame not in _PICTURE_FRAMES)
        wish = not local and feels and draft.operation in {Operation.RESTYLE, Operation.OTHER}
        return Asked(
            draft.operation,
            Scope.REGION if local else Scope.GLOBAL,
            ordered,
            draft.verb,
            tuple(trim_end(draft.value, self._lexicon) or draft.value),
            draft.link,
            wish=wish,
            whole=tuple(
                word for one in draft.named if one.phrase.kind is Kind.WHOLE for word in one.phrase.words
            ),
            frame=edit.frame,
            avoided=draft.avoided,
        )

    def evidence(self) -> Evidence:
        """Return what speaks against the reading."""
        return Evidence(dropped=self._dropped, guessed=self._guessed)
