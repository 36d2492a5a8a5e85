"""Tells what a piece of an instruction is: a verb with its arguments, what stays, a statement, a question."""

from dataclasses import dataclass

from langdesign_reference.cutting import Joint, Piece, is_verb
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
from langdesign_reference.values import content_start, split_value, without_former
from langdesign_reference.words import PUNCTUATION, Word, Words


def lexicon_person(words: Words, lexicon: Lexicon) -> int:
    """Return the length of the person at the start who tells something: "we", "my husband"; 0 without one."""
    length = lexicon.statements.persons.length_at(words, 0)
    return 0 if lexicon.words.possessive.length_at(words, length) else length


_INTERJECTIONS = frozenset(("hey", "hi", "ok", "okay", "so", "and", "oh", "hallo", "bună", "also", "und"))
_RELATIVES = frozenset(("that", "which", "who"))
_DENIALS = frozenset(("'t", "not", "never", "nicht", "nu"))
BARE, KEEP, STATE, ASK = "bare", "keep", "state", "ask"
"""Frames without a verb of their own: no verb, what stays, a statement, a question for information."""


@dataclass(frozen=True)
class Clause:
    """One verb with its arguments.

    Attributes:
        frame: How the verb is used; see `langdesign_reference.frames.FRAMES`.
        verb: The verb as said.
        body: The words after it, or its subject.
        value: What the subject should be, where the subject came first; else None.
        joint: What joins it to the clause before.
        wanted: Whether somebody wants what it names: "I'd like".

    """

    frame: str
    verb: tuple[Word, ...]
    body: tuple[Word, ...]
    joint: Joint
    value: tuple[Word, ...] | None = None
    wanted: bool = False


def classify(piece: Piece, lexicon: Lexicon) -> Clause:
    """Tell what a piece is."""
    return _Reader(piece, lexicon).read()


class _Reader:
    def __init__(self, piece: Piece, lexicon: Lexicon) -> None:
        self._joint = piece.joint
        self._lexicon = lexicon
        self._wanted = False
        self._opened = False
        self._asked = piece.asked
        self._words = list(piece.words)

    def read(self) -> Clause:
        if self._asks():
            return self._clause(ASK, 0, self._words[1:])
        self._strip()
        self._rejoin()
        if not self._words:
            return self._clause(STATE)
        return self._by_start() or self._by_subject() or self._clause(BARE, 0, self._words)

    def _clause(self, frame: str, verb: int = 0, body: Words = (), value: Words | None = None) -> Clause:
        said = tuple(self._words[:verb])
        done = None if value is None else tuple(value)
        return Clause(frame, said, tuple(body), self._joint, done, self._wanted)

    def _asks(self) -> bool:
        """Whether it asks for information, not politely for an edit ("is it possible to ...")."""
        lexicon, words = self._lexicon, self._words
        if self._joint is not Joint.STOP:
            return False
        start = 0
        while start < len(words) and (words[start].key in PUNCTUATION or words[start].key in _INTERJECTIONS):
            start += 1
        asking = lexicon.statements.asking.length_at(words, start)
        polite = max(
            lexicon.words.openers.length_at(words, start),
            lexicon.statements.naming.length_at(words, start),
            lexicon.verbs.want.length_at(words, start),
        )
        marked = self._asked or lexicon.statements.surely_asking.length_at(words, start) > 0
        return asking > polite and marked and not self._refuses()

    def _refuses(self) -> bool:
        return not self._asked and self._lexicon.keeping.refusals.length_at(self._words, 0) > 0

    def _strip(self) -> None:
        """Take politeness off the front, and who wants it."""
        function = self._lexicon.words
        while self._words:
            opener = max(function.openers.length_at(self._words, 0), function.only.length_at(self._words, 0))
            opener = opener or int(self._words[0].key in PUNCTUATION and self._words[0].key != "-")
            verb = self._lexicon.verbs.longest_at(self._words, 0) or ("", 0)
            if self._lexicon.keeping.refusals.length_at(self._words, 0) > max(opener, verb[1]):
                return
            want = self._lexicon.verbs.want.length_at(self._words, 0)
            naming = self._lexicon.statements.naming.length_at(self._words, 0)
            if opener and opener > verb[1] and opener >= naming:
                self._opened = self._opened or opener > 1 or len(self._words) > opener
                self._words = self._words[opener:]
            elif want and want == verb[1] and (want > naming or self._opened):
                self._wanted = True
                self._words = self._words[want:]
            else:
                self._strip_wanting()
                return

    def _rejoin(self) -> None:
        """Put "off" back to its verb: "turn the lamp off", "brighten it up"."""
        words, lexicon = self._words, self._lexicon
        first = lexicon.verbs.longest_at(words, 0)
        if first is not None and first[1] > 1:
            return
        for index in range(2, min(len(words), 12)):
            pair = [words[0], words[index]]
            found = lexicon.verbs.longest_at(pair, 0)
            after = words[index + 1 :]
            closed = (
                not after
                or starts_with_preposition(after, lexicon)
                or lexicon.words.closers.length_at(after, 0)
            )
            seems = lexicon.attributes.seeming.find(words[1:index])
            if found and found[1] == 2 and not seems and words[index].key in lexicon.words.closers and closed:
                self._words = [*pair, *words[1:index], *after]
                return

    def _strip_wanting(self) -> None:
        """Take "the vendor wants" off, and "it's" of "it's the bed I'd like in blue"."""
        statements = self._lexicon.statements
        found = statements.wanting.find(self._words[:6], 1)
        if (
            found
            and not self._lexicon.verb_at(self._words, 0)
            and not is_pronoun(self._words[: found[0]], self._lexicon)
            and sum(found) < len(self._words)
        ):
            subject = self._words[: found[0]]
            if not names_noun(subject, self._lexicon):
                self._wanted = True
                self._words = self._words[sum(found) :]
                self._strip()
                return
        cleft = statements.cleft.length_at(self._words, 0)
        if cleft and (said := self._cleft_predicate(cleft)):
            self._words = self._words[cleft:said] + self._words[said + 1 :]
            return
        want = self._lexicon.verbs.want.find(self._words, cleft + 1) if cleft else None
        if want:
            self._wanted = True
            self._words = self._words[cleft : want[0]] + self._words[sum(want) :]

    def _cleft_predicate(self, cleft: int) -> int:
        """Return where "that" of "it's the bench that should be shorter" stands; 0 without one."""
        for index in range(cleft + 1, len(self._words) - 1):
            if self._words[index].key in _RELATIVES and self._lexicon.predicates.longest_at(
                self._words, index + 1
            ):
                return index
        return 0

    def _by_start(self) -> Clause | None:
        words, lexicon = self._words, self._lexicon
        if self._wanted and lexicon.verb_final and (denied := lexicon.keeping.nots.find(words, 1)):
            return self._clause("deny", 0, words[: denied[0]])
        verb = lexicon.verb_at(words, 0) or ("", 0)
        naming = lexicon.statements.naming.length_at(words, 0)
        if naming > verb[1] or (naming == verb[1] and verb[0] == "want"):
            return self._clause(STATE, naming, self._subject(words[naming:]))
        refusal = lexicon.keeping.refusals.length_at(words, 0)
        if refusal and refusal >= verb[1] and lexicon.keeping.verbs.length_at(words, refusal):
            left = words[refusal + lexicon.keeping.verbs.length_at(words, refusal) :]
            return self._clause(STATE, 0, split_value(left, lexicon).theme)  # "don't leave the wall bare"
        if refusal and refusal >= verb[1]:
            refusal += lexicon.words.only.length_at(words, refusal)
            refused = lexicon.verb_at(words, refusal) or ("", lexicon.keeping.verbs.length_at(words, refusal))
            length = refused[1] or 1
            return self._clause(KEEP, refusal + length, words[refusal + length :])
        if lexicon.keeping.nots.length_at(words, 0):  # "not blue"
            return self._clause(STATE)
        if told := lexicon.statements.cleft.length_at(words, 0):  # "it's the rug"
            rest = words[told + lexicon.keeping.nots.length_at(words, told) :]
            named = lexicon.words.determiners.length_at(rest, 0) or names_noun(rest, lexicon)
            return self._clause(STATE, 0, self._subject(rest) if named else ())
        out = lexicon.telegraph.out.length_at(words, 0)
        pronoun = lexicon.words.pronouns.length_at(words, out)
        if out and pronoun and lexicon.predicates.remove.length_at(words, out + pronoun):  # "out it goes"
            return self._clause("remove", out, words[out : out + pronoun])
        keep = lexicon.keeping.verbs.length_at(words, 0)
        if keep and (no := lexicon.words.no.length_at(words, keep)):  # "leave no cushion on the sofa"
            return self._clause("remove", keep, words[keep + no :])
        if keep and keep >= verb[1]:
            return self._clause(KEEP, keep, words[keep:])
        if verb[1] and (is_verb(words, 0, lexicon) or verb[1] == len(words)):
            return self._imperative(verb)
        return None

    def _imperative(self, verb: tuple[str, int]) -> Clause | None:
        frame, length = verb
        body = self._words[length:]
        stays = self._lexicon.keeping.predicates.find(body, 1) or self._lexicon.predicates.change.find(
            body, 1
        )
        if frame == "deny" and stays and sum(stays) < len(body):  # "I don't want the walls to stay white"
            return self._clause(STATE, length, body[: stays[0]])
        if frame == "deny" and (goes := self._lexicon.predicates.remove.find(body, 1)):
            return self._clause(KEEP, 0, body[: goes[0]])  # "I don't want the table to go"
        if frame == "want":
            self._wanted, self._words = True, body
            return self.read()
        if not trim(body, self._lexicon) and self._lexicon.noun_at(self._words, 0):
            return None
        if frame == "put" and self._lexicon.keeping.verbs.length_at(self._words, 0):
            frame = "put" if is_indefinite(body, self._lexicon) else KEEP
        return self._clause(frame, length, body)

    def _by_subject(self) -> Clause | None:
        words, lexicon = self._words, self._lexicon
        if lexicon.attributes.likeness.length_at(words, 0):
            return None
        start = lexicon.predicates.change.length_at(words, 0)
        if start > 1 and trim(words[start:], lexicon):  # "should come out sharper"
            return self._clause(BARE, 0, words[start:])
        for index in range(1, len(words)):
            subject = words[:index]
            if length := lexicon.keeping.predicates.length_at(words, index):
                rest = words[index + length :]
                if self._says_that_it_stays(rest) and not self._denied(index):
                    return self._clause(KEEP, 0, subject)
            found = (
                self._done(index)
                or self._pleasing(index)
                or (None if self._denied(index) else self._predicate_at(index))
            )
            if found:
                return found
        return self._verb_last() or self._statement()

    def _done(self, index: int) -> Clause | None:
        """Reads "I want the bookcase painted navy"."""
        words, lexicon = self._words, self._lexicon
        subject = words[:index]
        if lexicon.attribute_length(words, index) or not is_definite(subject, lexicon) or lexicon.verb_final:
            return None
        form = lexicon.verb_form_at(words, index) if lexicon.verbs.longest_at(words, index) is None else None
        told = form and (self._wanted or form[0] in {"recolour", "restyle", "adjust"})
        if form is None or not told or lexicon.noun_at(words, index):
            return None
        end = index + form[1]
        return Clause(form[0], tuple(words[index:end]), (*subject, *words[end:]), self._joint)

    def _denied(self, index: int) -> bool:
        """Whether "can't" or "not" stands before a predicate."""
        return any(word.key in _DENIALS for word in self._words[max(1, index - 3) : index])

    def _says_that_it_stays(self, rest: Words) -> bool:
        tails = self._lexicon.keeping.tails
        return not rest or tails.length_at(rest, 0) > 0 or tails.length_at(rest, 1) > 0

    def _predicate_at(self, index: int) -> Clause | None:
        words, lexicon = self._words, self._lexicon
        subject = words[:index]
        best: Clause | None = None
        longest = 0
        for frame, phrases in lexicon.predicates.sets():
            length = phrases.length_at(words, index)
            if length <= longest:
                continue
            rest = words[index + length :]
            found = self._fitting(frame, subject, rest, bare=length == 1)
            if found:
                best, longest = found, length
        return best

    def _fitting(self, frame: str, subject: Words, rest: Words, *, bare: bool) -> Clause | None:
        """The clause, where what follows the predicate fits its frame."""
        lexicon = self._lexicon
        tail = without_former(trim(rest, lexicon), lexicon)
        telling = not lexicon.statements.verbs.length_at(self._words, len(subject)) and (
            frame == "move"
            or (
                frame == "give"
                and (is_indefinite(rest, lexicon) or phrase(subject, lexicon).kind is Kind.WHOLE)
            )
        )
        if bare and not (
            self._opened or self._wanted or lexicon.verb_final or telling
        ):  # "look", "go" are nouns, or told of what is
            return None
        if frame == "change" and self._place_starts(len(self._words) - len(rest) - 1):
            return None  # "be in front of the fireplace"
        if frame == "passive" and lexicon.verb_final:
            return self._passive_last(subject, rest)
        if frame == "passive":
            found = lexicon.verb_form_at(rest, 0) or (lexicon.verbs.longest_at(rest, 0) if rest else None)
            if found is None or (lexicon.verbs.longest_at(rest, 0) and lexicon.attribute_length(rest, 0)):
                return None
            return Clause(found[0], tuple(rest[: found[1]]), (*subject, *rest[found[1] :]), self._joint)
        if frame in {"remove", "take"}:
            there = lexicon.words.places.length_at(tail, 0) == len(tail)
            return self._clause(frame, 0, subject) if not tail or there else None
        if frame == "replace":
            return self._clause(frame, 0, (), subject) if not tail else None
        if frame == "move":
            place = starts_with_preposition(tail or rest, lexicon) or lexicon.words.places.length_at(rest, 0)
            place = place if len(tail or rest) > place or not place else 0
            place = place or (not bare and lexicon.prepositions.directions.length_at(rest, 0) > 0)
            value = lexicon.prepositions.result.length_at(rest, 0)
            if not place or (value and all_attributes(rest[value:], lexicon)):
                return None
            return self._clause(frame, 0, [*subject, *rest])
        if frame == "give":
            whole = phrase(subject, lexicon).kind is Kind.WHOLE and not bare
            new = (
                whole
                or is_indefinite(tail, lexicon)
                or names_noun(tail, lexicon)
                or all_attributes(tail, lexicon)
            )
            return self._clause(frame, 0, subject, rest) if tail and new else None
        return (
            self._clause(frame, 0, subject, rest)
            if rest and (tail or all_attributes(rest, lexicon))
            else None
        )

    def _place_starts(self, index: int) -> bool:
        return self._lexicon.prepositions.anchor.length_at(self._words, index) > 1

    def _passive_last(self, subject: Words, rest: Words) -> Clause | None:
        """Reads "soll durch eine Bank ersetzt werden"."""
        end = len(trim(rest, self._lexicon))
        found = self._lexicon.verb_form_at(rest, end - 1) if end else None
        if not found:
            return None
        return Clause(found[0], tuple(rest[end - 1 : end]), (*subject, *rest[: end - 1]), self._joint)

    def _verb_last(self) -> Clause | None:
        lexicon, words = self._lexicon, self._words
        if not lexicon.verb_final:
            return None
        end = len(words)
        while end and (length := lexicon.words.closers.length_before(words, end)):
            if any(verbs.length_before(words, end) for _, verbs in lexicon.verbs.sets()):
                break
            end -= length
        lengths = {frame: verbs.length_before(words, end) for frame, verbs in lexicon.verbs.sets()}
        frame = max(lengths, key=lambda name: lengths[name])
        if not lengths[frame] or lengths[frame] >= end:
            return None
        start = end - lengths[frame]
        return Clause(frame, tuple(words[start:end]), tuple(words[:start]), self._joint, None, self._wanted)

    def _pleasing(self, at: int) -> Clause | None:
        """Reads "a skylight would be nice above the table", but not "the wall would look nice in blue"."""
        length = self._lexicon.statements.pleasing.length_at(self._words, at)
        rest = self._words[at + length :]
        if not length or (trim(rest, self._lexicon) and not starts_with_preposition(rest, self._lexicon)):
            return None
        link = self._lexicon.prepositions.result.length_at(rest, 0)
        if link and all_attributes(rest[link:], self._lexicon):
            return None
        return Clause(BARE, (), (*self._words[:at], *rest), self._joint, None, wanted=True)

    def _statement(self) -> Clause | None:
        found = self._lexicon.statements.verbs.find(self._words, 1)
        if self._opened and self._wanted:
            return None
        if not found or lexicon_person(self._words, self._lexicon):
            return self._told()
        subject = self._words[: found[0]]
        if self._lexicon.words.pronouns.length_at(subject, 0) and not names_noun(subject, self._lexicon):
            return self._clause(STATE)
        if not content_start(subject, self._lexicon) and not names_noun(subject, self._lexicon):
            if not is_definite(subject, self._lexicon):
                return self._clause(STATE, 0, ())
        return self._clause(STATE, 0, subject)

    def _told(self) -> Clause | None:
        """Reads "we never use the desk": what somebody says of a thing names it."""
        words, lexicon = self._words, self._lexicon
        if not lexicon_person(words, lexicon):
            return None
        named = next(
            (i for i in range(1, len(words)) if lexicon.words.determiners.length_at(words, i)), len(words)
        )
        return self._clause(STATE, named, self._subject(words[named:]))

    def _subject(self, words: Words) -> Words:
        lexicon = self._lexicon
        ends = (lexicon.statements.verbs, lexicon.predicates.move, lexicon.prepositions.where)
        return words[: min((found[0] for end in ends if (found := end.find(words, 1))), default=len(words))]
