"""Which clauses share a verb: coordination, gapping, arrows, values that go on."""

from dataclasses import dataclass, field

from langdesign_reference.arguments import source_of, take_apart
from langdesign_reference.clause import BARE, Clause
from langdesign_reference.cutting import Joint
from langdesign_reference.frames import FRAMES, Slot
from langdesign_reference.late_words import described, names_spot
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes, names_attribute
from langdesign_reference.phrases import (
    is_definite,
    is_indefinite,
    is_pronoun,
    names_noun,
    starts_with_preposition,
    trim,
)
from langdesign_reference.words import Word, Words


@dataclass
class Group:
    """A verb with the objects that share it."""

    frame: str
    verb: tuple[Word, ...]
    wanted: bool
    parts: list[Words] = field(default_factory=list)
    value: Words | None = None
    spot: Words | None = None
    subjects: int = 1
    shared: set[int] = field(default_factory=set)
    """Where those of the parts start that "and" or "too" joins to what was said of the part before."""

    def append(self, words: Words) -> None:
        """Go on with the value, or with the last object."""
        if self.value is not None:
            self.value = [*self.value, *words]
        else:
            self.parts[-1] = [*self.parts[-1], *words]

    @property
    def start(self) -> int:
        """Where its first word starts in the instruction."""
        words = [*self.verb, *(word for part in self.parts for word in part), *(self.value or ())]
        return min((word.start for word in words), default=0)


ARROW_FRAME = "arrow"


AND = Word("and", 0, 0, "and")


def _and(clause: Clause) -> list[Word]:
    return [AND] if clause.joint is Joint.AND else []


def says_too(words: Words, lexicon: Lexicon) -> bool:
    """Whether a phrase shares what was said of the one before: "the radiators too"."""
    echo = lexicon.words.echoes.length_before(words, len(words))
    return 0 < echo < len(words)


class Joiner:
    """Adds clauses without a verb to the group before, where they share its verb."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def joins(self, group: Group | None, clause: Clause) -> bool:
        """Add a clause without a verb to the group before, where it shares its verb; whether it does."""
        if group is not None and self._only_goes(group, clause):
            group.frame, group.verb = "remove", clause.verb
            return True
        if group is None or clause.frame != BARE:
            return False
        if clause.joint is Joint.COLON and self._is_announced(group, clause):
            group.parts[-1] = clause.body
            return True
        if clause.joint in {Joint.ARROW, Joint.COLON}:
            return self._arrow(group, clause)
        if clause.wanted or clause.joint is Joint.PLUS or not clause.body:
            return False
        echoes = says_too(clause.body, self._lexicon)
        if echoes or clause.joint is Joint.AND:
            group.shared.add(clause.body[0].start)
        joined = clause.joint is not Joint.STOP or echoes
        return self._goes_on(group, clause) or (joined and self._adds(group, clause))

    def _only_goes(self, group: Group, clause: Clause) -> bool:
        """Whether a verb alone says that what was named goes: "ceiling fan, delete", "bin bags, out"."""
        if (
            group.frame != BARE
            or group.value is not None
            or clause.joint is Joint.AND
            or not any(group.parts)
        ):
            return False
        said = [*clause.verb, *clause.body]
        out = 0 < self._lexicon.telegraph.out.length_at(said, 0) == len(said)
        thing = trim(clause.body, self._lexicon)
        alone = clause.frame == "remove" and (not thing or is_pronoun(thing, self._lexicon))
        named = is_definite(group.parts[-1], self._lexicon) or names_noun(group.parts[-1], self._lexicon)
        alone = alone and clause.joint is not Joint.STOP and not clause.subject_first
        return named and (out or alone) and not self._reads_alone(group)

    def _reads_alone(self, group: Group) -> bool:
        valued = take_apart(BARE, group.parts[-1], self._lexicon).second
        return bool(valued or self._lexicon.words.no.length_at(group.parts[-1], 0))

    def _is_announced(self, group: Group, clause: Clause) -> bool:
        """Whether a list names what the object only announces: "remove these two: the bin, the fan"."""
        lexicon = self._lexicon
        if group.frame not in {"remove", "deny", "take", "add", "put", "move"} or len(group.parts) != 1:
            return False
        theme = take_apart(group.frame, group.parts[0], lexicon).theme
        named = is_definite(clause.body, lexicon) or names_noun(clause.body, lexicon)
        return bool(trim(theme, lexicon)) and not names_noun(theme, lexicon) and bool(named)

    def _goes_on(self, group: Group, clause: Clause) -> bool:
        """Whether it goes on with the last phrase: a place, "like ...", a word that describes."""
        body, places = clause.body, self._lexicon.prepositions
        if starts_with_preposition(body, self._lexicon) and not places.instead.length_at(body, 0):
            group.parts[-1] = [*group.parts[-1], *body]
            return True
        if clause.joint is Joint.STOP:
            return False
        if places.covering.length_at(body, 0):
            self._goes_along(group, body)
            return True
        if self._says_like(group, body):
            group.append(body)
            return True
        if not self._telegraphic(body) and self._more_value(group, clause):
            group.append([*_and(clause), *body])
            return True
        return False

    def _goes_along(self, group: Group, body: Words) -> None:
        """Give "with wooden legs" to the new thing or value before it; what has none is no thing either."""
        mood = len(group.parts) > 1 and is_indefinite(group.parts[-1], self._lexicon)
        valued = group.frame in FRAMES and FRAMES[group.frame].slot is Slot.VALUE
        if not (mood and valued):  # "the bed red, with soft light and a calm mood, with flowers"
            group.append(body)

    def _adds(self, group: Group, clause: Clause) -> bool:
        """Whether it is one more object or value of the verb."""
        body = clause.body
        if self._is_gone(body) and group.frame == BARE and clause.joint is Joint.AND:
            group.parts.append(body)  # "the lamp and the rug gone"
            return True
        if self._telegraphic(body):
            return False
        noun = self._lexicon.noun_at(body, 0)
        own = 0 < noun < len(body) and all_attributes(
            body[noun:], self._lexicon
        )  # "bath bigger, tiles lighter"
        if all_attributes(body, self._lexicon) and not own and not self._names_thing(group, body):
            return self._value_alone(group, clause)
        if self._is_spot(group, clause):
            group.spot = body
        elif self._is_bare_spot(group, clause):
            inside = next(iter(self._lexicon.relations.inside))[0]
            link = Word(inside, body[0].start, body[0].start, inside)
            group.parts[-1] = [*group.parts[-1], link, *body]  # "plant, corner by the door"
        elif not self._shares_verb(group, clause):
            return False
        elif clause.only and self._denies(group):
            return False  # "no curtains, just blinds"
        elif clause.only and is_definite(body, self._lexicon):
            self._restrict(group, body)
        elif not self._is_all(group, body):
            group.parts.append(body)
        return True

    def _denies(self, group: Group) -> bool:
        no = self._lexicon.words.no
        return (
            group.frame == "deny" or no.length_at(group.verb, 0) > 0 or no.length_at(group.parts[-1], 0) > 0
        )

    def _is_all(self, group: Group, body: Words) -> bool:
        """Whether it only says again that all of them are meant: "the cushions teal, all (except ...)"."""
        everything = self._lexicon.keeping.everything.length_at(body, 0) == len(body)
        return any(group.parts) and (everything or is_pronoun(body, self._lexicon))

    def _restrict(self, group: Group, body: Words) -> None:
        """Read "the chairs yellow, only the two at the window" as those two."""
        part = take_apart(group.frame, group.parts[-1], self._lexicon)
        own = take_apart(group.frame, body, self._lexicon).second
        if own:
            group.parts.append(body)
        else:
            group.parts[:] = [[*body, *part.link, *part.second] if group.value is None else body]

    def _is_gone(self, body: Words) -> bool:
        lexicon = self._lexicon
        return lexicon.telegraph.out.length_before(body, len(body)) > 0 == lexicon.words.no.length_at(body, 0)

    def _is_spot(self, group: Group, clause: Clause) -> bool:
        """Whether a place is named without a preposition: "add floor lamp, corner"."""
        placed = (
            group.frame in {"add", "put", "move"}
            and not take_apart(group.frame, group.parts[-1], self._lexicon).second
        )
        return placed and names_spot(clause, self._lexicon)

    def _is_bare_spot(self, group: Group, clause: Clause) -> bool:
        new = group.parts[-1]
        alone = 0 < self._lexicon.noun_at(new, 0) == len(new)
        return group.frame == BARE and alone and names_spot(clause, self._lexicon)

    def _names_thing(self, group: Group, body: Words) -> bool:
        """Whether a word that is a material too names a thing here: "remove the vase and mirror"."""
        valued = FRAMES[group.frame].slot is Slot.VALUE if group.frame in FRAMES else True
        return not valued and self._lexicon.noun_before(body, len(body)) > 0

    def _says_like(self, group: Group, body: Words) -> bool:
        """Whether "like ..." goes on with a value: "make the chair moodier, like a jazz bar"."""
        more = self._lexicon.attributes.more.length_at(body, 0)
        like = self._lexicon.attributes.likeness.length_at(body, more)
        return like > 0 and (group.value is not None or self._has_value(group))

    def _has_value(self, group: Group) -> bool:
        valued = group.frame in FRAMES and group.frame != BARE and FRAMES[group.frame].slot is Slot.VALUE
        return valued and bool(take_apart(group.frame, group.parts[-1], self._lexicon).second)

    def _more_value(self, group: Group, clause: Clause) -> bool:
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

    def _value_alone(self, group: Group, clause: Clause) -> bool:
        if group.value is not None:
            group.value = [*group.value, *_and(clause), *clause.body]
            return True
        denied = self._lexicon.words.no.length_at(group.parts[-1], 0)
        if denied and names_attribute(clause.body, self._lexicon):  # "no carpet, bare concrete"
            group.parts.append(clause.body)
            return True
        if group.frame == BARE and (told := described(group.parts[-1], clause.body, self._lexicon)):
            group.parts[-1] = told
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

    def _arrow(self, group: Group, clause: Clause) -> bool:
        """Read "sofa -> blue", "wall: terracotta", "desk -> under the window"."""
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

    def _shares_verb(self, group: Group, clause: Clause) -> bool:
        """Whether a phrase takes its verb from the group: "and the wall blue", "and the lamp"."""
        if group.frame in {ARROW_FRAME, BARE}:
            return group.frame == BARE
        slot = FRAMES[group.frame].slot
        if slot in {Slot.SOURCE, Slot.PURPOSE, Slot.NOTHING}:
            said = (
                group.verb or source_of(clause.body, self._lexicon) is None
            )  # "Möbel raus, Bilder von der Wand"
            return said and self._is_plain_object(clause.body)
        if slot in {Slot.PLACE, Slot.GOAL, Slot.REPLACEMENT}:
            return self._is_object_with_place(slot, group.frame, clause.body)
        return True

    def _is_plain_object(self, body: Words) -> bool:
        lexicon = self._lexicon
        if any(word.key in lexicon.words.proforms for word in body) and not is_definite(body, lexicon):
            return False  # "no plastic chairs, wooden ones"
        placed = is_indefinite(body, lexicon) and take_apart("add", body, lexicon).second
        return not placed and not take_apart(BARE, body, lexicon).second

    def _is_object_with_place(self, slot: Slot, frame: str, body: Words) -> bool:
        lexicon = self._lexicon
        own, valued = take_apart(frame, body, lexicon).second, take_apart(BARE, body, lexicon).second
        if slot is Slot.PLACE:
            return not (is_definite(body, lexicon) and valued and not own)
        new = is_indefinite(body, lexicon) and take_apart("add", body, lexicon).second
        if slot is Slot.REPLACEMENT and new:
            return False
        return bool(own) or not valued
