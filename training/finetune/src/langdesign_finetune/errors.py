"""Errors of this library.

FinetuneError
├── DataError         a rendered set does not suit a recipe
├── RecipeError       a recipe, or what it is applied to, does not fit
├── StorageError      a disk is full, or cannot be written
└── TrainingError     a training cannot go on
    └── ResumeError   a folder's checkpoints cannot be continued
"""

from __future__ import annotations


class FinetuneError(Exception):
    """Anything that this library raises on purpose; the message names the hint."""


class DataError(FinetuneError):
    """A rendered set does not suit a recipe."""


class RecipeError(FinetuneError):
    """A recipe, or what it is applied to, does not fit."""


class StorageError(FinetuneError):
    """A disk is full, or cannot be written."""


class TrainingError(FinetuneError):
    """A training cannot go on."""


class ResumeError(TrainingError):
    """A folder's checkpoints cannot be continued."""
