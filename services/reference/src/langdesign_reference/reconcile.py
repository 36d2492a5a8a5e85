"""Chooses between two readings of one instruction."""

from dataclasses import replace

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import Kind, phrase
from langdesign_reference.plan import (
    MAX_ALTERNATIVES,
    Correction,
    Plan,
    PlannedEdit,
    Reader,
    Reading,
    Reference,
    Role,
)
from langdesign_reference.words import fold, split_words

UNREAD = Reading((), 0.0)
"""The reading when nobody can read an instruction."""


def reconcile(model: Reading | None, parser: Reading | None, language: str) -> Plan:
    """Choose the likelier reading; that of the model where they are equally likely.

    Each reading's confidence is the share of such readings that are right, so the larger one wins. What the
    parser cannot decide is the model's: what a wish is to become, and what a word means that no lexicon has.
    """
    if model is None or parser is None:
        chosen = model or parser
        if chosen is None:
            return Plan(UNREAD, Reader.NONE, None, language)
        return Plan(chosen, Reader.PARSER if model is None else Reader.LANGUAGE_MODEL, None, language)
    trust = model.confidence, parser.confidence
    if model.same_plan(parser):
        return Plan(replace(_merged(model, parser), confidence=_agreed(*trust)), Reader.BOTH, True, language)
    ours = replace(model, corrections=_shared_corrections(model, parser))
    if model.wish and parser.wish:
        return Plan(replace(ours, confidence=_agreed(*trust)), Reader.LANGUAGE_MODEL, True, language)
    if model.confidence >= parser.confidence or needs_model(parser):
        return Plan(replace(ours, confidence=_disputed(*trust)), Reader.LANGUAGE_MODEL, False, language)
    return Plan(replace(parser, confidence=_disputed(*reversed(trust))), Reader.PARSER, False, language)


def needs_model(parser: Reading) -> bool:
    """Whether the parser read what it cannot make into edits: a wish, or words that are in no lexicon."""
    return parser.wish or any(edit.unknown_words for edit in parser.edits)


def confirm(parser: Reading, *, agreed: bool, share: float, language: str) -> Plan:
    """Return the parser's plan, whose thing the model named too, or did not.

    Args:
        parser: The plan, of which the model is not asked the rest.
        agreed: Whether the model named a thing that the plan is about; see `is_about`.
        share: Share of the model's names that are right, 0..1.
        language: BCP 47 tag.

    """
    trust = (_agreed if agreed else _disputed)(parser.confidence, share)
    reader = Reader.BOTH if agreed else Reader.PARSER
    return Plan(replace(parser, confidence=trust), reader, agreed, language)


def is_about(name: str | None, reading: Reading, lexicon: Lexicon) -> bool:
    """Whether a reading changes the thing of this name, or adds to it; None is no thing in particular.

    A plan for the picture as a whole is about no thing, and about "the room" and the like.
    """
    references = [one for edit in reading.edits for one in edit.references if one.role is not Role.KEEP]
    if not references:
        return name is None or phrase(split_words(name), lexicon).kind is Kind.WHOLE
    targets = [one for one in references if one.role is Role.TARGET]
    return any(name == one.expression for one in targets or references)


def _agreed(first: float, second: float) -> float:
    """Return the chance that not both are wrong, as if they erred apart."""
    return 1 - (1 - first) * (1 - second)


def _disputed(chosen: float, other: float) -> float:
    """Return the chance that the chosen one is right where they differ (at most one is), by Bayes' rule."""
    return chosen * (1 - other) / (1 - chosen * other)


def _shared_corrections(model: Reading, parser: Reading) -> tuple[Correction, ...]:
    """Return the slips that the model's English shows it to have read as the parser did."""
    texts = [one.english for edit in model.edits for one in edit.references]
    texts += [edit.instruction for edit in model.edits]
    told = {word.key for text in texts for word in split_words(text)}
    return tuple(one for one in parser.corrections if fold(one.read) in told)


def _merged(model: Reading, parser: Reading) -> Reading:
    """One plan of both: the model knows more English, the parser where things stand and what was misspelt."""
    edits = tuple(_merged_edit(*pair) for pair in zip(model.edits, parser.edits, strict=True))
    return replace(parser, edits=edits)


def _merged_edit(model: PlannedEdit, parser: PlannedEdit) -> PlannedEdit:
    pairs = zip(model.references, parser.references, strict=True)
    references = tuple(_merged_reference(theirs, ours) for theirs, ours in pairs)
    return replace(parser, references=references, instruction=model.instruction, unknown_words=())


def _merged_reference(model: Reference, parser: Reference) -> Reference:
    """Call it as the model does; where the parser knows of several meanings, they stay possible."""
    meant = (parser.english, *parser.alternatives) if parser.alternatives else ()
    others = tuple(one for one in meant if one != model.english)
    return replace(parser, english=model.english, alternatives=others[:MAX_ALTERNATIVES])
