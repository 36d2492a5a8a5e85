"""Reads what somebody tells of a thing: "the rug clashes", "we never use it", "a lamp would be nice"."""

from langdesign_reference.clause import BARE, CONTRAST, STATE, Clause
from langdesign_reference.cutting import Joint, Piece
from langdesign_reference.frames import FRAMES
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import (
    Kind,
    is_definite,
    is_indefinite,
    is_pronoun,
    names_noun,
    phrase,
    starts_with_preposition,
    trim,
)
from langdesign_reference.values import content_start
from langdesign_reference.words import Words

_DENIALS = frozenset(("'t", "not", "never", "nicht", "nu"))


def person_at(words: Words, lexicon: Lexicon) -> int:
    """Return the length of the person at the start who tells something: "we", "my husband"; 0 without one."""
    length = lexicon.statements.persons.length_at(words, 0)
    return 0 if lexicon.words.possessive.length_at(words, length) else length


class StatementReader:
    """Reads a piece that tells something, as far as nothing is asked in it."""

    def __init__(self, piece: Piece, lexicon: Lexicon) -> None:
        self._joint = piece.joint
        self._lexicon = lexicon
        self._wanted = False
        self._opened = False
        self._only = False
        self._asked = piece.asked
        self._words = list(piece.words)

    def _clause(self, frame: str, verb: int = 0, body: Words = (), value: Words | None = None) -> Clause:
        said = tuple(self._words[:verb])
        done = None if value is None else tuple(value)
        return Clause(frame, said, tuple(body), self._joint, done, self._wanted)

    def _felt(self) -> Clause | None:
        """Read "buyers should fall in love": what people are to feel is a wish for the room."""
        words, lexicon = self._words, self._lexicon
        length = person_at(words, lexicon)
        modal = lexicon.statements.modal.length_at(words, length)
        rest = words[length + modal :]
        if not length or not modal or not rest or is_pronoun(words[:length], lexicon):
            return None
        seems = lexicon.attributes.seeming.length_at(rest, 0)
        if lexicon.attributes.likeness.length_at(rest, seems) and not self._denied(length + 2):
            return self._clause("change", 0, words[:length], rest[seems:])  # "guests would feel as if ..."
        named = (i for i in range(1, len(rest)) if lexicon.words.determiners.length_at(rest, i))
        placed = any(phrase(rest[i:], lexicon).kind is not Kind.WHOLE for i in named)
        return None if placed or self._denied(length + 2) else self._clause("change", 0, words[:length], rest)

    def _denied(self, index: int) -> bool:
        """Whether "can't" or "not" stands before a predicate."""
        return any(word.key in _DENIALS for word in self._words[max(1, index - 3) : index])

    def _verb_last(self) -> Clause | None:
        lexicon, words = self._lexicon, self._words
        if not lexicon.verb_final:
            return None
        end = len(words)
        while end and (length := lexicon.words.closers.length_before(words, end)):
            if any(verbs.length_before(words, end) for _, verbs in lexicon.verbs.sets()):
                break
            end -= length
        lengths = {
            frame: verbs.length_before(words, end)
            for frame, verbs in lexicon.verbs.sets()
            if frame in FRAMES  # "will" at a clause's end wants something, and says not what
        }
        frame = max(lengths, key=lambda name: lengths[name])
        if not lengths[frame] or lengths[frame] >= end:
            return None
        start = end - lengths[frame]
        if frame == "want":
            return Clause(BARE, (), tuple(words[:start]), self._joint, None, wanted=True)
        return Clause(frame, tuple(words[start:end]), tuple(words[:start]), self._joint, None, self._wanted)

    def _pleasing(self, at: int) -> Clause | None:
        """Read "a skylight would be nice above the table", but not "the wall would look nice in blue"."""
        length = self._lexicon.statements.pleasing.length_at(self._words, at)
        rest = self._words[at + length :]
        if not length or (trim(rest, self._lexicon) and not starts_with_preposition(rest, self._lexicon)):
            return None
        link = self._lexicon.prepositions.result.length_at(rest, 0)
        if link and all_attributes(rest[link:], self._lexicon):
            return None
        return Clause(BARE, (), (*self._words[:at], *rest), self._joint, None, wanted=True)

    def _statement(self) -> Clause | None:
        found = self._statement_verb()
        if self._opened and self._wanted:
            return None
        if not found or person_at(self._words, self._lexicon):
            return self._told()
        return self._told_of(self._words[: found[0]], found)

    def _told_of(self, subject: Words, found: tuple[int, int]) -> Clause | None:
        """Read what is told of a subject by the verb that was found as (index, length)."""
        rest = self._words[sum(found) :]
        if self._contrasts(found[0]) and is_definite(subject, self._lexicon):
            return self._clause(CONTRAST, 0, subject)
        if done := self._done_to(subject, rest):
            return self._clause(STATE, 0, done)
        if is_indefinite(subject, self._lexicon) and (self._placed(rest) or not rest):
            new = Clause(BARE, (), (*subject, *rest), self._joint, None, wanted=True)
            return new if rest else None  # not "a more open feel"
        return self._names_subject(subject)

    def _names_subject(self, subject: Words) -> Clause:
        if self._lexicon.words.pronouns.length_at(subject, 0) and not names_noun(subject, self._lexicon):
            return self._clause(STATE)
        named = content_start(subject, self._lexicon) or names_noun(subject, self._lexicon)
        if not named and not is_definite(subject, self._lexicon):
            return self._clause(STATE)
        return self._clause(STATE, 0, subject)

    def _contrasts(self, index: int) -> bool:
        """Whether nothing but a denied verb follows: "the lamp stays, the rug doesn't"."""
        rest = [word.key for word in trim(self._words[index:], self._lexicon)]
        return len(rest) == 2 and rest[1] in _DENIALS

    def _done_to(self, subject: Words, rest: Words) -> Words:
        """Return what somebody did something to: "my cats scratched the sofa"."""
        lexicon = self._lexicon
        if not lexicon.heads.beings.length_before(subject, len(subject)):
            return ()
        named = next((i for i in range(len(rest)) if lexicon.words.determiners.length_at(rest, i)), len(rest))
        return self._subject(rest[named:])

    def _placed(self, rest: Words) -> bool:
        """Whether a new thing gets its place among what is asked: "..., and a mobile hangs above it"."""
        return self._joint in {Joint.COMMA, Joint.AND} and starts_with_preposition(rest, self._lexicon) > 0

    def _statement_verb(self) -> tuple[int, int] | None:
        """Find the verb of a statement, not that of a relative clause."""
        lexicon, start = self._lexicon, 1
        while found := lexicon.statements.verbs.find(self._words, start):
            relative = found[0] > 1 and lexicon.words.relatives.length_at(self._words, found[0] - 1)
            if not relative and not self._names_look(*found):
                return found
            start = sum(found)
        return self._unlisted_verb()

    def _names_look(self, index: int, length: int) -> bool:
        """Whether "look" or "feel" is a noun: "a cottage look for the kitchen"."""
        subject, lexicon = self._words[:index], self._lexicon
        told = lexicon.words.determiners.length_at(subject, 0) or names_noun(subject, lexicon)
        told = told or lexicon.words.pronouns.length_at(subject, 0) or person_at(subject, lexicon)
        return not told and lexicon.heads.style.length_at(self._words, index) == length

    def _unlisted_verb(self) -> tuple[int, int] | None:
        """Find a verb in no list after a noun: "the shelf collects dust", "the blinds swallow the light"."""
        words, lexicon = self._words, self._lexicon
        if self._opened or self._asked or not lexicon.words.determiners.length_at(words, 0):
            return None
        if not lexicon.third_person:
            return None
        for index in range(2, len(words)):
            word, noun = words[index], lexicon.noun_before(words, index)
            if not noun or lexicon.noun_at(words, index) or lexicon.attribute_length(words, index):
                continue
            being = lexicon.heads.beings.length_before(words, index) and word.key.endswith("ed")
            singular = (
                word.key.endswith(lexicon.third_person) and not word.key.startswith("'") and len(word.key) > 3
            )
            plural = words[index - 1].key.endswith(lexicon.plurals) and word.key not in lexicon.vocabulary
            object_follows = lexicon.starts_phrase(words, index + 1)
            known = (
                word.key in lexicon.words.closers
                or word.key in lexicon.adjectives
                or lexicon.prepositions.anchor.length_at(words, index)
            )
            if not known and (singular or being or (plural and object_follows)):
                return index, 1
        return None

    def _told(self) -> Clause | None:
        """Read "we never use the desk": what somebody says of a thing names it."""
        words, lexicon = self._words, self._lexicon
        if not person_at(words, lexicon):
            return None
        kinds = (lexicon.words.determiners, lexicon.words.indefinite)
        starts = (i for i in range(1, len(words)) if any(kind.length_at(words, i) for kind in kinds))
        named = next(starts, len(words))
        return self._clause(STATE, named, self._subject(words[named:]))

    def _subject(self, words: Words) -> Words:
        lexicon = self._lexicon
        words = words[lexicon.prepositions.where.length_at(words, 0) :]  # "I don't like where the tv is"
        told = (i for i in range(2, len(words) - 1) if lexicon.words.relatives.length_at(words, i))
        if (told_at := next((i for i in told if person_at(words[i + 1 :], lexicon)), None)) is not None:
            words = words[:told_at]  # "a lamp that I can't stand"
        told = (i for i in range(2, len(words) - 1) if person_at(words[i:], lexicon) == 1)
        if (told_at := next((i for i in told if lexicon.noun_before(words, i)), None)) is not None:
            words = words[:told_at]  # "the sofa I mind"
        ends = (
            lexicon.statements.verbs,
            lexicon.predicates.move,
            lexicon.prepositions.where,
            lexicon.statements.lying,
        )
        end = min((found[0] for end in ends if (found := end.find(words, 1))), default=len(words))
        relative = end < len(words) and lexicon.words.relatives.length_before(words, end)
        return words[: end - relative]  # "the tiles | that bother me"
