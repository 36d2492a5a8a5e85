"""Errors of this library.

DatasetError
├── SampleError         a sample is not what its fields promise
├── SampleSetError      a written set is missing, damaged, of another format, or cannot be written
│   └── LayoutError     the same of a folder in InstructPix2Pix's layout
└── LabelError          labels of a review do not fit, or say too little
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
