"""Says in English what passages ask for, by the code that says it of what the parser read."""

from collections.abc import Sequence

from langdesign_reference.arguments import relation_of
from langdesign_reference.asked import Argument, Asked
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import trim
from langdesign_reference.plan import Correction, Operation, PlannedEdit, Reading, Relation, Role, Scope
from langdesign_reference.proforms import named_again
from langdesign_reference.render import render
from langdesign_reference.tagging.passages import VALUE, Passage, Told, told
from langdesign_reference.words import Word, Words

_FEELS = frozenset({Operation.RESTYLE, Operation.OTHER})
"""Operations by which a wish for the whole picture is done."""
_PICTURE_FRAMES = frozenset({"adjust", "other", "move", "add"})
"""Frames that say what is to be done to the whole picture, where others say how it should feel."""


def reading_of(
    instruction: str,
    words: Words,
    passages: Sequence[Passage],
    corrections: tuple[Correction, ...],
    lexicon: Lexicon,
    known: Sequence[PlannedEdit] = (),
) -> Reading:
    """Return what passages ask for as a reading of full confidence.

    Args:
        instruction: What the user wrote.
        words: Of the instruction, rightly spelt.
        passages: Theirs.
        corrections: The slips among them.
        lexicon: The words of the instruction's language.
        known: Edits that are said in English already: where one of them is asked for, it is taken as it is.

    """
    said = {_place_of(one): one for one in known}
    edits = [said.get(_span_of(one, words)) for one in told(passages)]
    asked = [_asked(one, words, lexicon) for one in told(passages)]
    again = named_again(asked, lexicon) if None in edits else asked
    rendered = tuple(
        edit or render(instruction, one, lexicon) for edit, one in zip(edits, again, strict=True)
    )
    return Reading(rendered, 1.0, corrections, bool(asked) and all(one.wish for one in asked))


_Place = tuple[Operation, Scope, tuple[tuple[int, int, Role], ...]]
"""What makes two edits the same."""


def _place_of(edit: PlannedEdit) -> _Place:
    references = ((one.start, one.end, one.role) for one in edit.references)
    return edit.operation, edit.scope, tuple(sorted(references))


def _span_of(one: Told, words: Words) -> _Place:
    references = ((words[first].start, words[end - 1].end, role) for first, end, role in one.references)
    return one.operation, one.scope, tuple(sorted(references))


def _asked(one: Told, words: Words, lexicon: Lexicon) -> Asked:
    passage = one.passage
    arguments = tuple(
        Argument(tuple(words[first:end]), role, _relation(role, words[:first], lexicon))
        for first, end, role in one.references
    )
    frame, verb = _verb(passage, words, lexicon)
    values = [tuple(trim(words[span.first : span.end], lexicon)) for span in passage.of(VALUE)]
    values = [value for value in values if value]
    feels = bool(values) and frame not in _PICTURE_FRAMES
    return Asked(
        one.operation,
        one.scope,
        arguments,
        verb,
        values[0] if values else (),
        _link(one, words, lexicon),
        _whole(passage, words, lexicon),
        tuple(values[1:]),
        frame,
        wish=one.scope is Scope.GLOBAL and one.operation in _FEELS and feels,
        avoided=_is_avoided(passage, words, lexicon),
    )


def _verb(passage: Passage, words: Words, lexicon: Lexicon) -> tuple[str, tuple[Word, ...]]:
    """Return the frame and the words of the first verb outside of spans; of none, "bare" and no words."""
    for at in passage.outside():
        found = lexicon.verb_at(words, at)
        if found and found[0] not in {"want", "deny"}:
            frame, length = found
            return frame, tuple(words[at : at + length])
    return "bare", ()


def _relation(role: Role, before: Words, lexicon: Lexicon) -> Relation:
    return relation_of(before, lexicon) if role is Role.ANCHOR else Relation.UNSPECIFIED


def _link(one: Told, words: Words, lexicon: Lexicon) -> tuple[Word, ...]:
    """Return the preposition in front of the place of what is added or moved, else of the value."""
    anchors = [first for first, _, role in one.references if role is Role.ANCHOR]
    placed = anchors if one.operation in {Operation.ADD, Operation.MOVE} else []
    before = (placed or [span.first for span in one.passage.of(VALUE)])[:1]
    lengths = [kind.length_before(words, at) for at in before for _, kind in lexicon.prepositions.sets()]
    return tuple(word for at in before for word in words[at - max(lengths) : at])


def _whole(passage: Passage, words: Words, lexicon: Lexicon) -> tuple[Word, ...]:
    """Return what names the whole picture, with its determiner: "the room"."""
    for at in passage.outside():
        if length := lexicon.heads.whole.length_at(words, at):
            determiner = lexicon.words.determiners.length_before(words, at)
            return tuple(words[at - determiner : at + length])
    return ()


def _is_avoided(passage: Passage, words: Words, lexicon: Lexicon) -> bool:
    """Whether the value is denied: "not red"."""
    starts = [span.first for span in passage.of(VALUE)]
    return any(lexicon.keeping.nots.length_before(words, at) for at in starts)
