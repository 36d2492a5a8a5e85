"""What a launched program says, line by line: JSON objects, between whatever else gets onto its output.

`{"stage": "pairs", "progress": 0.42}`, `{"metrics": {"clip_dir": 0.2}}`,
`{"model_version": "models/interior@3"}`, and at its end `{"state": "succeeded"}` or
`{"state": "failed", "failure": "what and what to do"}`, or `{"state": "stopped"}` where it was asked to stop.
"""

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from langdesign_training.runs import Progress

MAX_LINE = 64 * 1024
"""Longest line that is read, bytes; the rest of a longer one is passed over."""
_MAX_TEXT, _MAX_FAILURE, _MAX_METRICS = 64, 2000, 200
_VERSION = re.compile(r"models/[a-z0-9][a-z0-9._-]{0,63}@[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Said:
    """Everything that a program said so far."""

    progress: Progress
    # "succeeded", "failed" or "stopped" once it said so; empty before.
    verdict: str = ""
    # Why it failed.
    failure: str = ""


def listen(said: Said, lines: Iterable[bytes]) -> Said:
    """Return what was said after some more lines; what is no line of the protocol changes nothing."""
    for line in lines:
        record = _record(line)
        if record:
            said = replace(said, progress=_progress(said.progress, record), **_verdict(record))
    return said


class LineSplitter:
    """Cuts a stream of bytes into lines.

    Args:
        limit: Longest line that is handed on, bytes.

    """

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._rest = b""
        self._skipping = False  # within a line that is too long

    def split(self, chunk: bytes) -> list[bytes]:
        """Return the lines that a chunk completes, without their ends; too long ones are left out."""
        *lines, rest = (self._rest + chunk).split(b"\n")
        if lines and self._skipping:
            del lines[0]
            self._skipping = False
        if self._skipping or len(rest) > self._limit:
            self._skipping, rest = True, b""
        self._rest = rest
        return [line for line in lines if len(line) <= self._limit]


def _record(line: bytes) -> dict[str, Any]:
    if not line.lstrip().startswith(b"{"):
        return {}
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _progress(known: Progress, record: dict[str, Any]) -> Progress:
    stage, share, version = record.get("stage"), record.get("progress"), record.get("model_version")
    if isinstance(stage, str):
        known = replace(known, stage=_text(stage, _MAX_TEXT), share=0.0)
    if _is_number(share):
        known = replace(known, share=min(max(float(share), 0.0), 1.0))
    if isinstance(version, str) and _VERSION.fullmatch(version):
        known = replace(known, model_version=version)
    if isinstance(metrics := record.get("metrics"), dict):
        known = replace(known, metrics=_merged(known, metrics))
    return known


def _merged(known: Progress, metrics: dict[str, Any]) -> dict[str, float]:
    new = {_text(name, _MAX_TEXT): float(value) for name, value in metrics.items() if _is_number(value)}
    return dict(list((dict(known.metrics) | new).items())[:_MAX_METRICS])


def _verdict(record: dict[str, Any]) -> dict[str, str]:
    if record.get("state") not in {"succeeded", "failed", "stopped"}:
        return {}
    failure = record.get("failure")
    return {
        "verdict": record["state"],
        "failure": _text(failure, _MAX_FAILURE) if isinstance(failure, str) else "",
    }


def _is_number(value: Any) -> TypeGuard[float]:
    """Tell whether a value is a finite number; compares, since a large int is no float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _text(text: str, length: int) -> str:
    """Return a text that databases and terminals take: a line without control characters or surrogates."""
    plain = text.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else " " for letter in plain)[:length].strip()
