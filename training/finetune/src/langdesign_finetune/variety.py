"""Whether what an editor is trained on can teach it to edit, and more than one kind of edit."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .errors import DataError

STILL = "none"
"""The change, or operation, of pairs in which nothing changes."""

_log = logging.getLogger(__name__)


def check_variety(changes: Iterable[str], folder: Path) -> None:
    """Look at what changes in the pairs that an editor is to be trained on, before it is.

    Where all edits are of one kind, which may be what is wanted, a warning is logged.

    Args:
        changes: what changes in each pair, `STILL` where nothing does.
        folder: of the pairs, for the message.

    Raises:
        DataError: nothing changes in any.

    """
    counts = Counter(changes)
    still = counts.pop(STILL, 0)
    if not counts:
        raise DataError(
            f"{folder} holds no sample in which something changes ({still} to train on); an editor that is "
            "trained on it would learn to copy: make pairs, lower held_out, or change the recipe's shares "
            "and sources"
        )
    if len(counts) == 1:
        ((kind, count),) = counts.items()
        _log.warning(
            "%s holds edits of one kind alone (%s: %d pairs to train on, %d more in which nothing changes); "
            "an editor that is trained on them does nothing else. If that is not wanted, make pairs of other "
            "operations, or change the recipe's shares and sources",
            folder,
            kind,
            count,
            still,
        )
