"""The errors of this library.

RelaError
├── InvalidInput         an image or expression that cannot be segmented
├── CheckpointError      a checkpoint that cannot be read as this network
│   └── UnsafeCheckpoint a file that would run code when it is read
└── AnnotationError      a gRefCOCO file that contradicts itself
"""


class RelaError(Exception):
    """Base of every error that this library raises on purpose."""


class InvalidInput(RelaError, ValueError):  # noqa: N818 - named after what it is, like the chassis's domain errors
    """The image or an expression cannot be segmented; the message names the hint."""


class CheckpointError(RelaError):
    """The file or folder does not hold a checkpoint of this network."""


class UnsafeCheckpoint(CheckpointError):  # noqa: N818 - as above
    """The file would run code when it is read, and was refused."""


class AnnotationError(RelaError, ValueError):
    """A gRefCOCO annotation file is missing something or contradicts itself."""
