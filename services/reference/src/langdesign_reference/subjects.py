"""Reads clauses with the subject in front: "the lamp should go", "the rug stays", "we never use the desk"."""

from langdesign_reference.clause import BARE, KEEP, STATE, Clause
from langdesign_reference.frames import AVOIDED
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import (
    Kind,
    is_definite,
    is_indefinite,
    names_noun,
    phrase,
    starts_with_preposition,
    trim,
)
from langdesign_reference.telling import StatementReader
from langdesign_reference.values import without_former
from langdesign_reference.words import PUNCTUATION, Word, Words

_PERSONS = frozenset(("me", "us", "him", "mine"))


def _frame(name: str) -> str:
    """Return the frame of a participle: what is "done" changes, it is not wished for."""
    return "change" if name == "want" else name


class SubjectReader(StatementReader):
    """Reads what a piece says of its subject."""

    def _by_subject(self) -> Clause | None:
        words, lexicon = self._words, self._lexicon
        if lexicon.attributes.likeness.length_at(words, 0):
            return None
        if nothing := lexicon.statements.nothing.length_at(words, 0):  # "none of the chairs match"
            of = lexicon.words.of.length_at(words, nothing)
            return self._clause(
                STATE, 0, self._subject(words[nothing + of :]) if of else ()
            )  # "nothing should hang over the bed": it is not said what goes
        start = lexicon.predicates.change.length_at(words, 0)
        if start > 1 and trim(words[start:], lexicon):  # "should come out sharper"
            return self._clause(BARE, 0, words[start:])
        for index in range(1, len(words)):
            subject = words[:index]
            if index > 1 and lexicon.words.relatives.length_at(words, index - 1):
                continue  # "the lamp that stands on the desk"
            if length := lexicon.keeping.predicates.length_at(words, index):
                rest = words[index + length :]
                if self._says_that_it_stays(rest) and not self._denied(index):
                    return self._clause(KEEP, 0, subject)
            found = (
                self._avoided(index)
                or self._done(index)
                or self._pleasing(index)
                or (None if self._denied(index) else self._predicate_at(index))
            )
            if found:
                return found
        return self._felt() or self._verb_last() or self._statement()

    def _avoided(self, index: int) -> Clause | None:
        """Read "the walls shouldn't be so white": what a thing should not be, nothing that was asked."""
        words, lexicon = self._words, self._lexicon
        if doing := lexicon.statements.not_doing.length_at(words, index):
            acts = is_definite(words[:index], lexicon) and self._is_unasked(index + doing)
            if acts and not lexicon.statements.avoiding.length_at(words, index):
                return self._clause("other", 0, words[:index])  # "the curtains shouldn't drag on the floor"
        length = lexicon.statements.avoiding.length_at(words, index)
        rest = trim(words[index + length :], lexicon)
        excess = lexicon.words.excess.length_at(rest, 0)
        if length and rest and lexicon.verb_form_at(rest, 0) and not lexicon.attribute_length(rest, 0):
            return self._clause(KEEP, 0, words[:index])  # "the bed must not be moved"
        if not length or not all_attributes(rest[excess:], lexicon):
            return None
        denied = Word(AVOIDED, rest[0].start, rest[0].start, AVOIDED)
        return self._clause("change", 0, words[:index], [denied, *rest])

    def _is_unasked(self, index: int) -> bool:
        """Whether a verb stands at `index` that asks for nothing: "drag", but not "go" or "have"."""
        words, lexicon = self._words, self._lexicon
        known = any(kind.length_at(words, index) for _, kind in lexicon.predicates.sets())
        keeps = lexicon.keeping.predicates.length_at(words, index) or lexicon.keeping.verbs.length_at(
            words, index
        )
        return index < len(words) and not known and not keeps and words[index].key not in PUNCTUATION

    def _done(self, index: int) -> Clause | None:
        """Read "I want the bookcase painted navy"."""
        words, lexicon = self._words, self._lexicon
        subject = words[:index]
        named = is_definite(subject, lexicon) or lexicon.noun_at(subject, 0) == len(subject)
        if not named or lexicon.verb_final:
            return None
        form = lexicon.verb_form_at(words, index) if lexicon.verbs.longest_at(words, index) is None else None
        told = form and (self._wanted or form[0] in {"recolour", "restyle", "adjust", "remove"})
        described = lexicon.attribute_length(words, index)
        if form is None or not told or lexicon.noun_at(words, index):
            return None
        if described and (form[0] != "restyle" or described > 1 or is_definite(subject, lexicon)):
            return None
        end = index + form[1]
        return Clause(_frame(form[0]), tuple(words[index:end]), (*subject, *words[end:]), self._joint)

    def _says_that_it_stays(self, rest: Words) -> bool:
        tails = self._lexicon.keeping.tails
        if rest and all_attributes(rest, self._lexicon):  # "the floor stays dark"
            return True
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
        """Return the clause, where what follows the predicate fits its frame."""
        alone = self._opened or self._wanted or self._lexicon.verb_final
        if bare and not alone and not self._tells(frame, subject, rest):
            return None  # "look", "go" are nouns, or told of what is
        if frame in {"remove", "take", "replace"}:
            return self._fitting_end(frame, subject, rest)
        if frame == "passive":
            return self._passive(subject, rest)
        if frame == "move":
            return self._fitting_move(subject, rest, bare=bare)
        if frame == "give":
            return self._fitting_gift(subject, rest, bare=bare)
        return self._fitting_value(subject, rest)

    def _tells(self, frame: str, subject: Words, rest: Words) -> bool:
        """Whether a single word says that something is to be done: "the couch goes by the window"."""
        lexicon = self._lexicon
        if frame == "move" and lexicon.statements.verbs.length_at(self._words, len(subject)):
            return False
        if frame == "change" and lexicon.statements.becoming.length_at(self._words, len(subject)):
            return True  # "the walls become grey"
        new = is_indefinite(rest, lexicon) or lexicon.noun_at(rest, 0) > 0
        new = new or phrase(subject, lexicon).kind is Kind.WHOLE
        if frame == "passive":  # "needs painting"
            return bool(rest) and rest[0].key.endswith("ing")
        if frame == "remove":  # "the fan goes"
            return not rest and self._words[len(subject)].key == "goes"
        return frame == "move" or (frame == "give" and new)

    def _tail(self, rest: Words) -> Words:
        return without_former(trim(rest, self._lexicon), self._lexicon)

    def _fitting_end(self, frame: str, subject: Words, rest: Words) -> Clause | None:
        tail = self._tail(rest)
        there = self._lexicon.words.places.length_at(tail, 0) == len(tail)
        if tail and not (there and frame != "replace"):
            return None
        return self._clause(frame, 0, (), subject) if frame == "replace" else self._clause(frame, 0, subject)

    def _passive(self, subject: Words, rest: Words) -> Clause | None:
        lexicon = self._lexicon
        if lexicon.verb_final:
            return self._passive_last(subject, rest)
        known = lexicon.verbs.longest_at(rest, 0)
        found = lexicon.verb_form_at(rest, 0) or known
        if found is None or (known and lexicon.attribute_length(rest, 0)):
            return None
        return Clause(_frame(found[0]), tuple(rest[: found[1]]), (*subject, *rest[found[1] :]), self._joint)

    def _fitting_move(self, subject: Words, rest: Words, *, bare: bool) -> Clause | None:
        lexicon = self._lexicon
        said = self._tail(rest) or rest
        place = starts_with_preposition(said, lexicon) or lexicon.words.places.length_at(rest, 0)
        if said[place:] and said[place].key in _PERSONS:
            return None  # "the shelves belong to me"
        goes = 0 < place < len(said) or (not bare and lexicon.prepositions.directions.length_at(rest, 0) > 0)
        value = lexicon.prepositions.result.length_at(rest, 0)
        if not goes or (value and all_attributes(rest[value:], lexicon)):
            return None
        return self._clause("move", 0, [*subject, *rest])

    def _fitting_gift(self, subject: Words, rest: Words, *, bare: bool) -> Clause | None:
        lexicon, tail = self._lexicon, self._tail(rest)
        whole = phrase(subject, lexicon).kind is Kind.WHOLE and not bare
        new = (
            whole
            or is_indefinite(tail, lexicon)
            or names_noun(tail, lexicon)
            or all_attributes(tail, lexicon)
        )
        return self._clause("give", 0, subject, rest) if tail and new else None

    def _fitting_value(self, subject: Words, rest: Words) -> Clause | None:
        if self._place_starts(len(self._words) - len(rest) - 1):
            return None  # "be in front of the fireplace"
        if self._lexicon.words.no.length_at(rest, 0):  # "the room would look without the tv"
            return self._clause(BARE, 0, rest)
        valued = rest and (self._tail(rest) or all_attributes(rest, self._lexicon))
        return self._clause("change", 0, subject, rest) if valued else None

    def _place_starts(self, index: int) -> bool:
        return self._lexicon.prepositions.anchor.length_at(self._words, index) > 1

    def _passive_last(self, subject: Words, rest: Words) -> Clause | None:
        """Read "soll durch eine Bank ersetzt werden"."""
        end = len(trim(rest, self._lexicon))
        found = self._lexicon.verb_form_at(rest, end - 1) if end else None
        if not found:
            return None
        return Clause(_frame(found[0]), tuple(rest[end - 1 : end]), (*subject, *rest[: end - 1]), self._joint)
