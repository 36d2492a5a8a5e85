"""Readers of public benchmarks, from files as their authors publish them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .errors import BenchSetError
from .metrics import Mask
from .parquet import Load, rows
from .public import Entry

_PIE_SIDE = 512  # of all its pictures and masks
_PIE_TASKS = (
    "random",
    "change object",
    "add object",
    "delete object",
    "change content",
    "change pose",
    "change colour",
    "change material",
    "change background",
    "change style",
)
"""What each editing_type_id means."""

_WHITE = 250  # from which level on a mask without transparency is white


def magicbrush(path: Path) -> Iterator[Entry]:
    """Read MagicBrush (Zhang et al., arXiv:2306.10012): its parquet files, or the folder of its test split.

    The folder holds `edit_turns.json` (input, mask, output, instruction), `global_descriptions.json` (by
    picture) and `images/ID/`. Each turn edits what the turn before left.
    """
    if (path / "edit_turns.json").is_file():
        yield from _magicbrush_folder(path)
        return
    pictures = ("source_img", "target_img", "mask_img")
    for row, (before, after, mask) in rows(path, ("img_id", "turn_index", "instruction"), pictures):
        key = f"{row['img_id']}-{row['turn_index']}"
        yield Entry(key, "edit", row["instruction"], before, after, partial(_brushed, mask))


def _magicbrush_folder(path: Path) -> Iterator[Entry]:
    told = path / "global_descriptions.json"
    captions = _read(told) if told.is_file() else {}
    for turn in _read(path / "edit_turns.json"):
        try:
            names, instruction = (turn["input"], turn["output"], turn["mask"]), turn["instruction"]
        except (KeyError, TypeError) as error:
            raise BenchSetError(
                f"{path}/edit_turns.json has a turn without {error}; download it again"
            ) from error
        number = names[0].partition("-")[0]
        before, after, mask = (partial(_bytes, path / "images" / number / name) for name in names)
        texts = (captions.get(number, {}).get(name, "") for name in names[:2])
        yield Entry(names[1], "edit", instruction, before, after, partial(_brushed, mask), *texts)


def _brushed(load: Load) -> Mask:
    """Return where a mask was brushed: its transparent pixels, or without any its white ones."""
    levels = np.asarray(Image.open(io.BytesIO(load())).convert("RGBA"))
    transparent: Mask = levels[..., 3] < 128
    white: Mask = levels[..., :3].min(axis=2) >= _WHITE
    return transparent if transparent.any() else white


def emu_edit(path: Path) -> Iterator[Entry]:
    """Read Emu Edit's test set (Sheynin et al., arXiv:2311.10089): parquet files without true pictures."""
    texts = ("idx", "task", "instruction", "input_caption", "output_caption")
    for row, (before,) in rows(path, texts, ("image",)):
        captions = (row["input_caption"] or "", row["output_caption"] or "")
        yield Entry(str(row["idx"]), row["task"], row["instruction"], before, None, None, *captions)


def pie_bench(path: Path) -> Iterator[Entry]:
    """Read PIE-Bench (Ju et al., arXiv:2310.01506): `mapping_file.json` and `annotation_images/`."""
    for key, row in _read(path / "mapping_file.json").items():
        try:
            yield Entry(
                key,
                _PIE_TASKS[int(row["editing_type_id"])],
                row["editing_instruction"],
                partial(_bytes, path / "annotation_images" / row["image_path"]),
                region=partial(_pie_mask, row["mask"]),
                caption_before=_unmarked(row["original_prompt"]),
                caption_after=_unmarked(row["editing_prompt"]),
            )
        except (KeyError, IndexError, TypeError, ValueError) as error:
            why = f"edit {key} is not whole ({error})"
            raise BenchSetError(f"{path}/mapping_file.json: {why}; download it again") from error


def _pie_mask(runs: Sequence[int]) -> Mask:
    """Decode pairs of start and length, row by row; the border counts as inside, as its authors have it."""
    mask = np.zeros(_PIE_SIDE**2, bool)
    for start, length in zip(runs[::2], runs[1::2], strict=False):
        mask[start : start + length] = True
    square = mask.reshape(_PIE_SIDE, _PIE_SIDE)
    square[[0, -1], :] = square[:, [0, -1]] = True
    return square


def _unmarked(caption: str) -> str:
    """Return a caption without the brackets around what differs."""
    return caption.replace("[", "").replace("]", "")


def gedit(path: Path) -> Iterator[Entry]:
    """Read GEdit-Bench (Liu et al., arXiv:2504.17761): parquet files; its English instructions alone.

    It has no true pictures, no masks and no captions.
    """
    texts = ("key", "task_type", "instruction", "instruction_language")
    for row, (before,) in rows(path, texts, ("input_image_raw",)):
        if row["instruction_language"] == "en":
            yield Entry(row["key"], row["task_type"], row["instruction"], before)


READERS: Mapping[str, Callable[[Path], Iterator[Entry]]] = {
    "magicbrush": magicbrush,
    "emu-edit": emu_edit,
    "pie-bench": pie_bench,
    "gedit": gedit,
}
"""What reads each benchmark, by what `--set` calls it."""


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BenchSetError(f"{path} cannot be read ({error}); give the folder that holds it") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BenchSetError(f"{path} is missing; download the pictures beside the texts") from error
