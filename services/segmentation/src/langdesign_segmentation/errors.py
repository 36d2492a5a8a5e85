"""The error family of the segmentation domain; it knows no protocol.

::

    SegmentationError
    ├── ThresholdsError        a checkpoint's thresholds cannot be read
    ├── WorkingSizeError       nor can the size that its network knows
    └── NetworkError           the network gave no answer
        ├── NetworkUnavailable     it is not there now; the same call may succeed later
        ├── NetworkTooSlow         it took longer than the time given
        ├── NetworkRefusal         it cannot read an expression
        └── NetworkAnswerInvalid   its answer does not have the agreed shape
"""

# ruff: noqa: N818 - the root of the family carries the suffix


class SegmentationError(Exception):
    """Root of the family."""


class ThresholdsError(SegmentationError):
    """A checkpoint's thresholds cannot be read."""


class WorkingSizeError(SegmentationError):
    """The size that a checkpoint's network knows cannot be read."""


class NetworkError(SegmentationError):
    """The network gave no answer."""


class NetworkUnavailable(NetworkError):
    """The network is not there now; the same call may succeed later."""


class NetworkTooSlow(NetworkError):
    """The network took longer than the time given."""


class NetworkRefusal(NetworkError):
    """The network cannot read an expression: it holds no word."""


class NetworkAnswerInvalid(NetworkError):
    """The network's answer does not have the agreed shape."""
