"""Errors of this library.

DatasetError
├── SampleError         a sample is not what its fields promise
├── SampleSetError      a written set is missing, damaged, of another format, or cannot be written
│   └── LayoutError     the same of a folder in InstructPix2Pix's layout
├── LabelError          labels of a review do not fit, or say too little
├── RecipeError         a recipe's numbers make no sense, or there is no such preset
└── BuildError          a build ended early; what is done stays, and building again goes on from it
    ├── SourceError     triples, rendered scenes or models are missing, damaged, or too few
    ├── StorageError    a block of work cannot be written
    ├── WorkerError     a worker died, or failed in a way that nobody foresaw
    ├── JudgeError      the judge's endpoint refuses, or does not answer
    └── BudgetSpent     a hard budget ended before a single block was done; later, a build ends incomplete
"""

from __future__ import annotations


class DatasetError(Exception):
    """Anything that this library raises on purpose; the message says what to do."""


class SampleError(DatasetError):
    """A sample is not what its fields promise."""


class SampleSetError(DatasetError):
    """A written set is missing, damaged, of another format, or cannot be written."""


class LayoutError(SampleSetError):
    """A folder in InstructPix2Pix's layout is missing something, or damaged."""


class LabelError(DatasetError):
    """Labels of a review do not fit, or say too little."""


class RecipeError(DatasetError):
    """A recipe's numbers make no sense, or there is no such preset."""


class BuildError(DatasetError):
    """A build ended early; what is done stays, and building again goes on from it."""


class SourceError(BuildError):
    """Triples, rendered scenes or models are missing, damaged, or too few."""


class StorageError(BuildError):
    """A block of work cannot be written."""


class WorkerError(BuildError):
    """A worker died, or failed in a way that nobody foresaw."""


class JudgeError(BuildError):
    """The judge's endpoint refuses, or does not answer."""


class BudgetSpent(BuildError):  # noqa: N818 - read as a sentence
    """A hard budget ended before a single block was done; a build that has some ends incomplete instead."""
