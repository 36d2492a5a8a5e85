"""Chooses between two readings of one instruction."""

from dataclasses import replace
from itertools import pairwise

from langdesign_reference.lexicon import Lexicon
from langdesign_reference.phrases import Kind, phrase
from langdesign_reference.plan import Operation, Plan, PlannedEdit, Reader, Reading, Role, Scope
from langdesign_reference.words import split_words

DOUBT = 0.3
"""What is left of the trust in a reading that contradicts itself."""
DISAGREEMENT = 0.8
"""What is left of the trust in a reading that the other reader does not share."""
UNREAD = Reading((), 0.0)
"""The reading when nobody can read an instruction."""

_NEEDS_TARGET = {Operation.REMOVE, Operation.REPLACE, Operation.MOVE}


def reconcile(model: Reading | None, parser: Reading | None, language: str) -> Plan:
    """Choose the likelier reading; that of the model where they are equally likely.

    Each reading's confidence is the share of such readings that are right, so the larger one wins. Where both
    agree, it is the chance that not both are wrong.
    """
    if model is None or parser is None:
        chosen = model or parser
        if chosen is None:
            return Plan(UNREAD, Reader.NONE, None, language)
        return Plan(chosen, Reader.PARSER if model is None else Reader.LANGUAGE_MODEL, None, language)
    if model.same_plan(parser):
        both = 1 - (1 - model.confidence) * (1 - parser.confidence)
        return Plan(replace(parser, confidence=both), Reader.BOTH, True, language)
    trust = model.confidence * (DOUBT if contradicts_itself(model) else 1)
    reader = Reader.LANGUAGE_MODEL if trust >= parser.confidence else Reader.PARSER
    chosen = model if reader is Reader.LANGUAGE_MODEL else parser
    confidence = max(trust, parser.confidence) * DISAGREEMENT
    return Plan(replace(chosen, confidence=confidence), reader, False, language)


def confirm(parser: Reading, *, agreed: bool, share: float, language: str) -> Plan:
    """Return the parser's plan, whose thing the model named too, or did not.

    Args:
        parser: The plan, of which the model is not asked the rest.
        agreed: Whether the model named a thing that the plan is about; see `is_about`.
        share: Share of the model's names that are right, 0..1.
        language: BCP 47 tag.

    """
    trust = 1 - (1 - share) * (1 - parser.confidence) if agreed else parser.confidence * DISAGREEMENT
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


def contradicts_itself(reading: Reading) -> bool:
    """Whether the references of an edit do not fit its operation or scope, or overlap."""
    return any(_contradicts_itself(edit) for edit in reading.edits)


def _contradicts_itself(edit: PlannedEdit) -> bool:
    roles = {reference.role for reference in edit.references}
    if any(second.start < first.end for first, second in pairwise(edit.references)):
        return True
    if edit.scope is Scope.GLOBAL and roles - {Role.KEEP}:
        return True
    if edit.operation in _NEEDS_TARGET and edit.scope is Scope.REGION and Role.TARGET not in roles:
        return True
    if edit.operation is Operation.ADD and Role.TARGET in roles:
        return True
    return Role.ANCHOR in roles and edit.operation not in {Operation.ADD, Operation.MOVE, Operation.OTHER}
