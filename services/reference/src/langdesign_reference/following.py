"""How what is asked follows from what was asked just before: more of it, better, or the same again."""

from langdesign_reference.frames import Draft
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import Kind, Phrase
from langdesign_reference.plan import Operation, Role


def says_where(last: Draft, spoken: Draft, draft: Draft) -> bool:
    """Whether it says where an added thing goes: "we need a night light. Stand it on the desk".

    Args:
        last: What was asked before.
        spoken: What is asked now, pronouns not resolved.
        draft: The same, resolved.

    """
    if last.operation is not Operation.ADD or last.of(Role.ANCHOR):
        return False
    targets = spoken.of(Role.TARGET)
    again = bool(targets) and all(one.phrase.kind is Kind.PRONOUN for one in targets)
    return again and bool(draft.of(Role.ANCHOR)) and draft.operation is Operation.MOVE


def says_again(last: Draft, draft: Draft) -> bool:
    """Whether the same was taken away already: "nobody wants to see that, chuck it"."""
    gone = last.operation is draft.operation is Operation.REMOVE
    return gone and bool(draft.named) and _same(last, draft)


def says_better(last: Draft, frame: str, draft: Draft, lexicon: Lexicon) -> bool:
    """Whether it says what else the thing before should be: "not red, make it blue".

    Args:
        last: What was asked before.
        frame: Its verb's frame.
        draft: What is asked now.
        lexicon: The language's words.

    """
    if not draft.value:
        return False
    if last.avoided or (frame == "change" and not last.value):  # "only change the sofa: ..."
        all_over = last.avoided and not last.named and draft.operation is last.operation
        return (_same(last, draft) or all_over) and not draft.avoided  # "no more pink, the walls yellow"
    styled = lexicon.heads.style.length_before(last.value, len(last.value))  # "new upholstery: in velvet"
    kinds = {Operation.RESTYLE} if styled else {Operation.RECOLOUR, Operation.REPLACE}
    again = last.operation is draft.operation in kinds and bool(last.value) and bool(draft.named)
    graded = lexicon.attributes.more.length_at(draft.value, 0)
    graded = graded or lexicon.attributes.lightness.length_before(draft.value, len(draft.value))
    return again and _same(last, draft) and not graded  # "red, no, make it blue"


def replaces(last: Draft, draft: Draft) -> bool:
    """Whether it puts something in the place of what was removed: "no carpet, parquet instead"."""
    if last.operation is Operation.REPLACE:
        return not last.value and draft.operation is Operation.ADD and not draft.of(Role.ANCHOR)
    if last.operation is not Operation.REMOVE:
        return False
    if draft.operation is Operation.REPLACE:
        return _same(last, draft)
    if draft.operation is not Operation.ADD or not (draft.instead or last.denied):
        return False
    return _same(last, draft) or not draft.named


def names_substance(draft: Draft, lexicon: Lexicon) -> bool:
    """Whether a material or pattern alone is asked for: "concrete please"."""
    attributes, value = lexicon.attributes, draft.value
    if value and value[0].key in lexicon.words.proforms and len(value) > 1:
        return True  # "something calmer would be nice"
    kinds = (attributes.materials, attributes.patterns)
    plain = not attributes.more.length_at(value, 0) and all_attributes(value, lexicon)
    return plain and any(kind.length_before(value, len(value)) for kind in kinds)


def avoided_before(last: Draft, draft: Draft, lexicon: Lexicon) -> list[Phrase]:
    """Return what should not be so, where it is told what else: "it must not be glass, wood is better"."""
    if not last.avoided or draft.avoided or not all_attributes(draft.value, lexicon):
        return []
    return [one.phrase for one in last.of(Role.TARGET) if one.phrase.kind is Kind.THING]


def _same(last: Draft, draft: Draft) -> bool:
    return {one.phrase for one in last.named} == {one.phrase for one in draft.named}
