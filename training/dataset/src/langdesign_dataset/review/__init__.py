"""Looking through a set: its card, a page on which people keep or drop pairs, and what their labels say."""

from .calibration import Better, Calibration, Trial, calibrate
from .card import write_card
from .labels import Applied, Labels, apply_labels, filtered, read_labels
from .page import write_review

__all__ = [
    "Applied",
    "Better",
    "Calibration",
    "Labels",
    "Trial",
    "apply_labels",
    "calibrate",
    "filtered",
    "read_labels",
    "write_card",
    "write_review",
]
