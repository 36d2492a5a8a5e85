"""Errors of this library.

ScenesError
├── SceneError      a scene description is wrong
└── DatasetError    a rendered set is missing, damaged or of another format
"""

from __future__ import annotations


class ScenesError(Exception):
    """Anything that this library raises on purpose; the message names the hint."""


class SceneError(ScenesError):
    """A scene description is wrong."""


class DatasetError(ScenesError):
    """A rendered set is missing, damaged or of another format."""
