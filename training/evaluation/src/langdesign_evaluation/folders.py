"""Cases out and pictures in, for editors that run elsewhere.

    DIR/cases.jsonl      a line a case: id, instruction, expression, captions, operation, split
    DIR/before/0000.png  the picture to edit
    DIR/region/0000.png  the exact region, 255 inside, for editors that take one; where it is known
    DIR/digest.txt       which cases these are

An editor answers with a folder of `0000.png`, each of the size of its case, where it made a mask,
`0000.mask.png`, and a copy of `digest.txt`: pictures do not tell which cases they answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, UnidentifiedImageError

from .cases import Case, choice_digest
from .editors import Outcome, RegionSource
from .errors import AnswerError
from .metrics import Mask, Pixels
from .services import read_mask, read_picture

Array = TypeVar("Array", Pixels, Mask)

DIGEST = "digest.txt"
"""Beside exported cases and beside the answers to them: the cases' `choice_digest`."""


def export(cases: Sequence[Case], folder: Path) -> None:
    """Write the cases for others to edit."""
    for part in ("before", "region"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for case in cases:
        write_picture(folder / "before" / file_name(case), case.before())
        if (region := case.region()) is not None:
            write_mask(folder / "region" / file_name(case), region)
    lines = "\n".join(json.dumps(_row(case)) for case in cases)
    (folder / "cases.jsonl").write_text(lines + "\n", "utf-8")
    (folder / DIGEST).write_text(choice_digest(cases) + "\n", "utf-8")


def _row(case: Case) -> dict[str, object]:
    edit = case.edit
    return {
        "id": case.id,
        "picture": f"before/{file_name(case)}",
        "region": "" if case.region() is None else f"region/{file_name(case)}",
        "instruction": edit.instruction,
        "expression": edit.expression,
        "caption_before": edit.caption_before,
        "caption_after": edit.caption_after,
        "operation": case.operation,
        "split": case.split,
    }


@dataclass(frozen=True)
class FolderEditor:
    """Pictures that another program made of exported cases, with a copy of their `digest.txt`."""

    name: str
    folder: Path
    checkpoint: str = ""

    @cached_property
    def region(self) -> RegionSource:
        """Found where masks lie beside the pictures."""
        return "found" if next(self.folder.glob("*.mask.png"), None) else "none"

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield the pictures.

        Args:
            cases: all that were exported, in order.

        Raises:
            AnswerError: at once, where `digest.txt` is missing or of other cases; in turn, where a picture is
                missing, unreadable, or of another size than its case.

        """
        self._check_digest(cases)
        return (self._one(case) for case in cases)

    def _check_digest(self, cases: Sequence[Case]) -> None:
        path = self.folder / DIGEST
        try:
            told = path.read_text("utf-8", errors="replace").strip()
        except OSError as error:
            raise AnswerError(
                f"{path} is missing, which says what the pictures answer; copy it there from the folder of "
                "`langdesign bench edits --export`"
            ) from error
        if told != choice_digest(cases):
            raise AnswerError(
                f"{path} is of other cases than are judged here; judge with the --data, --seed, "
                "--per-operation, --no-ops and --limit of the export, or export anew and edit that"
            )

    def _one(self, case: Case) -> Outcome:
        before, path = case.before(), self.folder / file_name(case)
        picture = _read(read_picture, path)
        mask_path = path.with_suffix(".mask.png")
        mask = _read(read_mask, mask_path) if mask_path.is_file() else None
        for found in (picture, mask):
            if found is not None and found.shape[:2] != before.shape[:2]:
                raise AnswerError(
                    f"{path} or its mask is {found.shape[1]}x{found.shape[0]} px, its case "
                    f"{before.shape[1]}x{before.shape[0]}; edit the pictures of `--export` at their size"
                )
        no_op = mask is not None and not mask.any()
        return Outcome(picture, mask, no_op)


def _read(read: Callable[[bytes], Array], path: Path) -> Array:
    try:
        return read(path.read_bytes())
    except UnidentifiedImageError as error:
        raise AnswerError(f"{path} holds no picture that can be read; write it as PNG") from error
    except OSError as error:
        raise AnswerError(
            f"{path} is missing; edit every case that `langdesign bench edits --export DIR` writes"
        ) from error


def file_name(case: Case) -> str:
    """Return the name of a case's picture, such as `0042.png`."""
    return f"{case.id:04d}.png"


def write_picture(path: Path, picture: Pixels) -> None:
    """Write RGB uint8 [H, W, 3] as PNG."""
    Image.fromarray(picture).save(path)


def write_mask(path: Path, mask: Mask) -> None:
    """Write bool [H, W] as PNG, 255 inside."""
    Image.fromarray(mask.astype(np.uint8) * 255).save(path)
