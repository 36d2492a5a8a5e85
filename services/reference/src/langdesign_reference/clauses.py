"""Tells what a piece of an instruction is: a verb with its arguments, what stays, a statement, a question."""

from dataclasses import replace

from langdesign_reference.clause import ASK, BARE, KEEP, STATE, Clause
from langdesign_reference.cutting import Joint, Piece, is_verb
from langdesign_reference.frames import AVOIDED
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import (
    is_indefinite,
    is_pronoun,
    names_noun,
    starts_with_preposition,
    trim,
)
from langdesign_reference.subjects import SubjectReader
from langdesign_reference.values import split_value
from langdesign_reference.words import PUNCTUATION, Word, Words

_INTERJECTIONS = frozenset(("hey", "hi", "ok", "okay", "so", "and", "oh", "hallo", "bună", "also", "und"))
_DENIED = frozenset(("'t", "not"))
_RELATIVES = frozenset(("that", "which", "who"))


def classify(piece: Piece, lexicon: Lexicon) -> Clause:
    """Tell what a piece is."""
    return _Reader(piece, lexicon).read()


class _Reader(SubjectReader):
    def read(self) -> Clause:
        if self._asks():
            return self._clause(ASK, 0, self._asked_about())
        self._strip()
        if self._takes_back():
            return self._clause(ASK)
        self._rejoin()
        if self._lexicon.words.echoes.length_at(self._words, 0) == len(self._words):  # "..., too"
            return self._clause(STATE)
        counted = self._lexicon.words.indefinite.length_at(self._words, 0) == len(self._words)
        if counted and self._joint is Joint.COMMA:  # "candles on the bath, lots of"
            return self._clause(STATE)
        found = self._by_start()
        if found is None and (told := self._by_subject()):
            found = replace(told, subject_first=True)
        return replace(found or self._clause(BARE, 0, self._words), only=self._only)

    def _takes_back(self) -> bool:
        """Whether a state of before is asked for, and nothing of the picture: "undo that, please"."""
        length = self._lexicon.statements.undoing.length_at(self._words, 0)
        rest = self._words[length:]
        return length > 0 and self._lexicon.words.closers.length_at(rest, 0) == len(rest)

    def _asked_about(self) -> Words:
        """Return the phrase that a question is about: a pronoun after it may mean that."""
        words, lexicon = self._words, self._lexicon
        function = lexicon.words
        there = any(
            word.key in {"there", "da", "hier", "gibt"} for word in words[:4]
        )  # "why is there a bicycle in here?"
        kinds = (function.determiners, function.indefinite) if there else (function.determiners,)
        exists = next((i + 1 for i in range(1, min(3, len(words))) if words[i].key == "there"), 0)
        if exists and words[exists - 2].key in {"is", "are"}:  # "is there mould on the ceiling?"
            return self._subject(trim(words[exists:], lexicon))
        start = next(
            (i for i in range(len(words)) if any(kind.length_at(words, i) for kind in kinds)), len(words)
        )
        return self._subject(split_value(words[start:], lexicon).theme)

    def _asks(self) -> bool:
        """Whether it asks for information, not politely for an edit ("is it possible to ...")."""
        lexicon, words = self._lexicon, self._words
        if self._joint is not Joint.STOP and not self._asks_more():
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
        opinion = self._asked and lexicon.statements.opinions.length_at(words, start)
        if opinion and lexicon.statements.pleasing.find(words, start + opinion):
            return True  # "do you think a skylight would work here?"
        if words[start:] and words[start].key == "do" and split_value(words[start + 1 :], lexicon).link:
            return False  # "do the walls in white, would you?"
        if opinion and self._supposes(start + opinion):
            return True  # "do you think the room is too dark?"
        marked = self._asked or lexicon.statements.surely_asking.length_at(words, start) > 0
        return asking > polite and marked and not self._refuses()

    def _supposes(self, start: int) -> bool:
        """Whether a statement of what is follows, that nobody wants to be so."""
        statements, rest = self._lexicon.statements, self._words[start:]
        told = statements.being.find(rest, 1)
        modal = told is not None and self._lexicon.statements.modal.length_before(rest, told[0]) > 0
        return told is not None and not modal and self._lexicon.words.determiners.length_at(rest, 0) > 0

    def _asks_more(self) -> bool:
        """Whether a question follows a request: "..., and is the sink porcelain?"."""
        surely = self._lexicon.statements.surely_asking.length_at(self._words, 0)
        return (
            self._asked and surely > 0 and self._lexicon.words.determiners.length_at(self._words, surely) > 0
        )

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
                self._only = self._only or function.only.length_at(self._words, 0) == opener
                self._words = self._words[opener:]
            elif function.infinitive.length_at(self._words, 0) and is_verb(self._words, 1, self._lexicon):
                self._words = self._words[1:]  # "..., to paint the walls"
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
        if (first is not None and first[1] > 1) or lexicon.keeping.refusals.length_at(words, 0):
            return  # not the "do away" of "do not take the sofa away"
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
            state = lexicon.attribute_before(words, index + 1) > 1  # "make it more grown up"
            if found and found[1] == 2 and not seems and not state and closed:
                self._words = [*pair, *words[1:index], *after]
                return

    def _strip_wanting(self) -> None:
        """Take "the vendor wants" off, and "it's" of "it's the bed I'd like in blue"."""
        statements = self._lexicon.statements
        found = statements.wanting.find(self._words[:6], 1)
        if self._lexicon.prepositions.instead.length_at(
            self._words, 0
        ):  # "instead of it I want a candlestick"
            found = None
        if (
            found
            and not self._lexicon.verb_at(self._words, 0)
            and not is_pronoun(self._words[: found[0]], self._lexicon)
            and sum(found) < len(self._words)
        ):
            subject = self._words[: found[0]]
            if self._denied(found[0]):  # "I never wanted a tv"
                return
            if not names_noun(subject, self._lexicon):
                self._wanted = True
                self._words = self._words[sum(found) :]
                self._strip()
                return
        cleft = statements.cleft.length_at(self._words, 0)
        if cleft and (said := self._cleft_predicate(cleft)):
            self._words = self._words[cleft:said] + self._words[said + 1 :]
            return
        denied = self._lexicon.verbs.deny.length_at(self._words, 0)  # "there's no need for ..."
        want = self._lexicon.verbs.want.find(self._words, cleft + 1) if cleft > denied else None
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
            said = lexicon.verbs.longest_at(words, naming) if is_verb(words, naming, lexicon) else None
            named = naming + (said[1] if said else 0)  # "I never said remove the mirror"
            return self._clause(STATE, naming, self._subject(words[named:]))
        if verb[1] and lexicon.verb_final and lexicon.keeping.nots.length_before(words, len(words)) == 1:
            return self._clause(KEEP, 0, words[verb[1] : -1])  # "entferne das Sofa nicht"
        found = self._refusal(verb[1]) or self._telling() or self._keeping(verb[1])
        value = self._joint is not Joint.STOP and lexicon.attribute_length(words, 0)  # "the table: round"
        alone = verb[1] == len(words) and not value and not lexicon.heads.style.length_at(words, 0)
        if not found and verb[1] and (is_verb(words, 0, lexicon) or alone):
            return self._imperative(verb)
        return found

    def _refusal(self, verb: int) -> Clause | None:
        words, lexicon = self._words, self._lexicon
        refusal = lexicon.keeping.refusals.length_at(words, 0)
        if not refusal or refusal < verb:
            return None
        if keeps := lexicon.keeping.verbs.length_at(words, refusal):  # "don't leave the wall bare"
            left = split_value(words[refusal + keeps :], lexicon)
            if left.value:
                denied = Word(AVOIDED, left.value[0].start, left.value[0].start, AVOIDED)
                return self._clause("change", 0, left.theme, [denied, *left.value])
            return self._clause("remove", 0, left.theme)
        refusal += lexicon.words.only.length_at(words, refusal)
        refused = lexicon.verb_at(words, refusal)
        end = refusal + (refused[1] if refused else 1)
        return self._clause(KEEP, end, words[end:])

    def _telling(self) -> Clause | None:
        """Read "not blue", "it's the rug", "out it goes"."""
        words, lexicon = self._words, self._lexicon
        denied = lexicon.keeping.nots.length_at(words, 0)
        if denied and denied >= lexicon.verbs.deny.length_at(words, 0):
            excess = lexicon.words.excess.length_at(words, denied)
            how = trim(words[denied + excess :], lexicon)
            if excess and self._joint is Joint.STOP and all_attributes(how, lexicon):  # "not so clinical"
                start = how[0].start
                return self._clause(BARE, 0, [Word("less", start, start, "less"), *how])
            return self._clause(STATE)
        no = lexicon.words.no.length_at(words, 0)
        if no and lexicon.words.additional.length_at(words, no):  # "no new furniture" takes nothing away
            return self._clause(KEEP)
        told = lexicon.statements.cleft.length_at(words, 0)
        if told > lexicon.verbs.deny.length_at(words, 0) and not self._opened:
            return self._cleft(told)
        return self._gone()

    def _cleft(self, told: int) -> Clause:
        """Read "it's the rug", and "it's not the tiles", which stay."""
        words, lexicon = self._words, self._lexicon
        denied = lexicon.keeping.nots.length_at(words, told)
        rest = words[told + denied :]
        named = lexicon.words.determiners.length_at(rest, 0)
        if named and (denied or words[told - 1].key in _DENIED):
            return self._clause(KEEP, 0, self._subject(rest))
        owned = lexicon.words.possessive.length_before(rest, len(rest))  # "it was my mother's"
        named = not owned and bool(named or names_noun(rest, lexicon))
        return self._clause(STATE, 0, self._subject(rest) if named else ())

    def _gone(self) -> Clause | None:
        words, lexicon = self._words, self._lexicon
        out = lexicon.telegraph.out.length_at(words, 0)
        pronoun = lexicon.words.pronouns.length_at(words, out)
        if out and pronoun and lexicon.predicates.remove.length_at(words, out + pronoun):
            return self._clause("remove", out, words[out : out + pronoun])
        return None

    def _keeping(self, verb: int) -> Clause | None:
        words, lexicon = self._words, self._lexicon
        keep = lexicon.keeping.verbs.length_at(words, 0)
        if keep and (no := lexicon.words.no.length_at(words, keep)):  # "leave no cushion on the sofa"
            return self._clause("remove", keep, words[keep + no :])
        return self._clause(KEEP, keep, words[keep:]) if keep and keep >= verb else None

    def _imperative(self, verb: tuple[str, int]) -> Clause | None:
        frame, length = verb
        body = self._words[length:]
        said = trim(body, self._lexicon)
        pronoun = self._lexicon.words.pronouns.length_at(body, 0)
        done = frame == "deny" and 0 < pronoun < len(said) and not names_noun(body, self._lexicon)
        if done or (frame == "add" and length > 1 and is_pronoun(said, self._lexicon)):
            return self._clause(STATE)  # "I don't want it painted", "we need it"
        if frame == "deny" and (found := self._denied_state(length)):
            return found
        if frame == "want":
            self._wanted, self._words = True, body
            return self.read()
        if not trim(body, self._lexicon) and self._lexicon.noun_at(self._words, 0):
            return None
        if frame == "put" and self._lexicon.keeping.verbs.length_at(self._words, 0):
            frame = "put" if is_indefinite(body, self._lexicon) else KEEP
        return self._clause(frame, length, body)

    def _denied_state(self, length: int) -> Clause | None:
        """Read "I don't want the walls to stay white", "... the table to go"."""
        lexicon, body = self._lexicon, self._words[length:]
        stays = lexicon.keeping.predicates.find(body, 1) or lexicon.predicates.change.find(body, 1)
        if stays and sum(stays) < len(body):
            value = trim(body[sum(stays) :], lexicon)
            like = lexicon.attributes.likeness.length_at(body, sum(stays) - 1)
            excess = lexicon.words.excess.length_at(value, 0)
            if not like and not all_attributes(value[excess:], lexicon):
                return self._clause(STATE, length, body[: stays[0]])
            denied = Word(AVOIDED, value[0].start, value[0].start, AVOIDED)
            value = body[sum(stays) - 1 :] if like else value
            return self._clause("change", length, body[: stays[0]], [denied, *value])
        goes = lexicon.predicates.remove.find(body, 1)
        return self._clause(KEEP, 0, body[: goes[0]]) if goes else None
