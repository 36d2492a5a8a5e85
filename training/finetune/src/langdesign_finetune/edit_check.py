"""Some edits done from noise to picture, measured against their true pictures and shown beside them.

The guidance that brings them nearest to the truth is chosen here, as thresholds are for the segmentation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from langdesign_diffusion.checkpoint import Checkpoint
from langdesign_diffusion.editor import Editor
from langdesign_diffusion.parameters import EditParameters
from langdesign_scenes.dataset import Edit
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .denoising_recipes import EditRecipe
from .edit_pairs import pictures_of, region_of
from .pictures import Pictures, Pixels

SCALES = ((1.0, 1.0), (1.5, 1.0), (2.0, 1.0), (3.0, 1.0), (2.0, 1.5), (4.0, 1.5))
"""Guidance that is tried: of the text (s_T) and of the image (s_I)."""

_GAP = 4  # pixels between pictures
_LINE = 14  # height of the instruction's line
_DIM = 0.35  # how bright the outside of a region is shown


class EditCheck:
    """Does edits with their true regions given.

    Args:
        recipe: for the sampling.
        pictures: the set.
        edits: place of the family, and the edit.
        sheet: PNG to write: before, region, after, truth.

    """

    def __init__(
        self, recipe: EditRecipe, pictures: Pictures, edits: Sequence[tuple[int, Edit]], sheet: Path
    ) -> None:
        self._recipe, self._pictures, self._edits, self._sheet = recipe, pictures, edits, sheet
        self.scales = recipe.guidance_scale, recipe.image_guidance_scale
        """Of the text and of the image, as last chosen."""

    def __call__(self, checkpoint: Checkpoint) -> dict[str, float]:
        """Do all edits, in one batch, with each guidance; measure and show those with the best.

        Returns:
            "guidance_scale" and "image_guidance_scale" of the best, by "error", and what it reached:
            For each operation, "error_X": the L1 to the truth inside the region, over that of the picture
            before (1 is that of copying the input); "error": of all that are to change; "false_edit": mean
            absolute change, 0..255, of pictures that are not to change.

        """
        editor = Editor(checkpoint)
        tried = {scales: self._edited(editor, scales) for scales in SCALES}
        measured = {scales: self._measured(edited) for scales, edited in tried.items()}
        self.scales = min(measured, key=lambda scales: measured[scales].get("error", 0.0))
        self._write_sheet(tried[self.scales])
        text, image = self.scales
        return {**measured[self.scales], "guidance_scale": text, "image_guidance_scale": image}

    def _edited(self, editor: Editor, scales: tuple[float, float]) -> list[Pixels]:
        states = []
        for place, edit in self._edits:
            before, _ = pictures_of(self._pictures, place, edit)
            region = region_of(self._pictures, place, edit)
            whole = not region.any()  # a picture that is not to change shows it everywhere
            mask = np.full_like(region, True) if whole else region
            states.append(
                editor.prepare(before, mask[None].astype(np.uint8) * 255, self._parameters(edit, scales))
            )
        while not states[0].done:
            editor.denoise_step(states)
        return [editor.finish(state).image for state in states]

    def _parameters(self, edit: Edit, scales: tuple[float, float]) -> EditParameters:
        recipe = self._recipe
        return EditParameters(
            edit.instruction,
            steps=recipe.steps,
            guidance_scale=scales[0],
            image_guidance_scale=scales[1],
            preserve=recipe.preserve,
        )

    def _measured(self, edited: Sequence[Pixels]) -> dict[str, float]:
        errors: dict[str, list[tuple[float, float]]] = defaultdict(list)
        false_edits = []
        for (place, edit), after in zip(self._edits, edited, strict=True):
            before, truth = pictures_of(self._pictures, place, edit)
            region = region_of(self._pictures, place, edit)
            if edit.before == edit.after:
                false_edits.append(_distance(before, after, np.full_like(region, True)))
            elif region.any():
                pair = _distance(after, truth, region), _distance(before, truth, region)
                errors[edit.operation].append(pair)
        measured = {f"error_{name}": _ratio(pairs) for name, pairs in errors.items()}
        if errors:
            measured["error"] = _ratio([pair for pairs in errors.values() for pair in pairs])
        if false_edits:
            measured["false_edit"] = float(np.mean(false_edits))
        return measured

    def _write_sheet(self, edited: Sequence[Pixels]) -> None:
        side = self._pictures.side
        width, height = 4 * (side + _GAP), side + _LINE + _GAP
        columns = 1 if len(self._edits) < 4 else 2
        lines = -(-len(self._edits) // columns)
        sheet = Image.new("RGB", (columns * width, lines * height), "white")
        write = ImageDraw.Draw(sheet)
        for number, ((place, edit), after) in enumerate(zip(self._edits, edited, strict=True)):
            left, top = number % columns * width, number // columns * height
            before, truth = pictures_of(self._pictures, place, edit)
            shown = _lit(before, region_of(self._pictures, place, edit))
            for column, picture in enumerate((before, shown, after, truth)):
                sheet.paste(Image.fromarray(picture), (left + column * (side + _GAP), top + _LINE))
            write.text((left, top), edit.instruction, fill="black")
        sheet.save(self._sheet)


def _distance(one: Pixels, other: Pixels, region: NDArray[np.bool_]) -> float:
    """Return the mean absolute difference inside a region, 0..255."""
    return float(np.abs(one[region].astype(np.float32) - other[region]).mean())


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the sum of the errors over that of the picture before."""
    edited, copied = np.sum(pairs, axis=0)
    return float(edited / max(copied, 1e-6))


def _lit(picture: Pixels, region: NDArray[np.bool_]) -> Pixels:
    return np.where(region[..., None], picture, picture * _DIM).astype(np.uint8)
