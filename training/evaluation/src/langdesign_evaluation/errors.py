"""Errors of this library.

EvaluationError
├── BenchSetError    the bench set is missing, or holds no edit to judge
├── ModelError       a model folder cannot be used to judge or to edit
└── AnswerError      an editor's answer is missing or does not fit its case
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Anything that this library raises on purpose; the message names the hint."""


class BenchSetError(EvaluationError):
    """The bench set is missing, or holds no edit to judge."""


class ModelError(EvaluationError):
    """A model folder cannot be used to judge or to edit."""


class AnswerError(EvaluationError):
    """An editor's answer is missing or does not fit its case."""
