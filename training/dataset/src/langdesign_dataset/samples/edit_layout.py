"""The layout of InstructPix2Pix's `EditDataset`, read and written (Brooks et al., CVPR 2023).

FOLDER/seeds.json                 [["0000000", ["431", ...]], ...]: prompts and their pairs' seeds
FOLDER/0000000/prompt.json        {"edit": ..., "input": ..., "output": ...}
FOLDER/0000000/431_0.jpg          before
FOLDER/0000000/431_1.jpg          after
FOLDER/0000000/metadata.jsonl     what else is known of each pair, a line each; may be missing

JPEG is lossy: pictures come back near what was written, not equal to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import LayoutError

Pixels = NDArray[np.uint8]
Part = Literal["train", "validation", "test"]

_BOUNDS: Mapping[Part, tuple[float, float]] = {
    "train": (0.0, 0.9),
    "validation": (0.9, 0.95),
    "test": (0.95, 1.0),
}  # shares of the prompts, in the order of seeds.json, as the original splits them


@dataclass(frozen=True, eq=False)
class ImagePair:
    """Two pictures of one prompt."""

    seed: str  # names the files
    before: Pixels  # RGB uint8 [H, W, 3]
    after: Pixels  # RGB uint8 [H, W, 3]
    metadata: Mapping[str, Any] = field(default_factory=dict)  # such as guidance and CLIP's similarities


@dataclass(frozen=True)
class Prompt:
    """What a prompt.json says."""

    edit: str  # the instruction
    input: str  # caption before
    output: str  # caption after


def write_edit_dataset(folder: Path, examples: Iterable[tuple[Prompt, Sequence[ImagePair]]]) -> None:
    """Write prompts and their pairs as JPEG of quality 100, 4:4:4; a prompt without a pair is left out.

    Args:
        folder: made if it is missing; an earlier dataset there is written over.
        examples: taken one by one, so that no more than one need be in memory.

    """
    folder.mkdir(parents=True, exist_ok=True)
    seeds: list[tuple[str, list[str]]] = []
    for prompt, pairs in examples:
        if pairs:
            name = f"{len(seeds):07d}"
            _write_prompt(folder / name, prompt, pairs)
            seeds.append((name, [pair.seed for pair in pairs]))
    _write_json(folder / "seeds.json", seeds)


def _write_prompt(folder: Path, prompt: Prompt, pairs: Sequence[ImagePair]) -> None:
    folder.mkdir(exist_ok=True)
    _write_json(folder / "prompt.json", vars(prompt))
    for pair in pairs:
        for number, picture in enumerate((pair.before, pair.after)):
            path = folder / f"{pair.seed}_{number}.jpg"
            Image.fromarray(picture).save(path, quality=100, subsampling=0)  # 0: colour at full resolution
    lines = (json.dumps({"seed": pair.seed, **pair.metadata}) + "\n" for pair in pairs)
    (folder / "metadata.jsonl").write_text("".join(lines), "utf-8")


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value) + "\n", "utf-8")


class EditDataset:
    """Pairs of a dataset, one after another.

    Args:
        folder: of the dataset.
        part: of its prompts, which may hold no pair where they are few; None reads all.

    Raises:
        LayoutError: the folder holds no such dataset.

    """

    def __init__(self, folder: Path, part: Part | None = None) -> None:
        self._folder = folder
        try:
            seeds = json.loads((folder / "seeds.json").read_text("utf-8"))
            low, high = _BOUNDS[part] if part else (0.0, 1.0)
            kept = seeds[int(low * len(seeds)) : int(high * len(seeds))]
            self._pairs = [(str(name), str(seed)) for name, own in kept for seed in own]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LayoutError(
                f"{folder} holds no seeds.json of an edit dataset ({error}); write_edit_dataset writes one"
            ) from error

    def __len__(self) -> int:
        return len(self._pairs)

    def names(self, place: int) -> tuple[str, str]:
        """Return the names of a pair: its prompt's folder and its seed."""
        return self._pairs[place]

    def prompt(self, place: int) -> Prompt:
        """Return what is asked of a pair.

        Raises:
            LayoutError: prompt.json is missing or damaged.

        """
        path = self._folder / self._pairs[place][0] / "prompt.json"
        try:
            data = json.loads(path.read_text("utf-8"))
            return Prompt(str(data["edit"]), str(data.get("input", "")), str(data.get("output", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LayoutError(f"{path} says no edit ({error}); write it, or drop its folder") from error

    def pictures(self, place: int) -> tuple[Image.Image, Image.Image]:
        """Return the pictures before and after.

        Raises:
            LayoutError: one is missing or damaged.

        """
        name, seed = self._pairs[place]
        before, after = (self._picture(self._folder / name / f"{seed}_{number}.jpg") for number in (0, 1))
        return before, after

    @staticmethod
    def _picture(path: Path) -> Image.Image:
        try:
            with Image.open(path) as image:
                return image.convert("RGB")
        except OSError as error:
            raise LayoutError(f"{path} is no picture ({error}); drop its seed from seeds.json") from error

    def metadata(self, place: int) -> Mapping[str, Any]:
        """Return what else is known of a pair; nothing where no line of metadata.jsonl is about it.

        Raises:
            LayoutError: metadata.jsonl is damaged.

        """
        name, seed = self._pairs[place]
        path = self._folder / name / "metadata.jsonl"
        if not path.exists():
            return {}
        try:
            lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
            return next((dict(line) for line in lines if str(line["seed"]) == seed), {})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LayoutError(f"{path} is damaged ({error}); write it again, or remove it") from error
