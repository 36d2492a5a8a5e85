"""Folders written beside their place and put there whole: a run that is killed leaves no half of one.

FOLDER/.NAME.PID       a draft of FOLDER/NAME, by the process PID
FOLDER/.NAME.PID.old   what lay there before, while the draft takes its place
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DRAFT = re.compile(r"\.(?P<name>.+)\.(?P<process>[0-9]+)(?P<old>\.old)?")


@contextmanager
def drafted(place: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of another, or of none, once it is written.

    What cannot be written whole is removed again, so that a full disk gets its space back.
    """
    clear_drafts(place.parent, place.name)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        yield draft
        replace_folder(draft, place)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def replace_folder(draft: Path, place: Path) -> None:
    """Put a folder that is whole in the place of another, or of none."""
    old = draft.with_name(f"{draft.name}.old")
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)  # of a run that was killed here, and is in its place again
        place.rename(old)
    draft.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def clear_drafts(folder: Path, names: str) -> None:
    """Remove the drafts of processes that are no longer there, and of earlier ones with this one's number.

    What a killed process had moved aside, with nothing in its place yet, is put back. Processes are looked
    for on this machine alone.

    Args:
        folder: above the places that were to be taken.
        names: of these places, as a pattern.

    """
    for path in sorted(folder.glob(f".{names}.*"), reverse=True):  # what was moved aside before its draft
        found = _DRAFT.fullmatch(path.name)
        if found is None or not path.is_dir() or _lives(int(found["process"])):
            continue
        place = folder / found["name"]
        if found["old"] and not place.exists():
            path.rename(place)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _lives(process: int) -> bool:
    if process == os.getpid():  # in a container every run may have the same number
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another's
        return True
    return True
