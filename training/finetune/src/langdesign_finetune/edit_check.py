"""Some edits done from noise to picture, measured against their true pictures and shown beside them.

The guidance that brings them nearest to the truth is chosen here, as thresholds are for the segmentation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from langdesign_diffusion.checkpoint import Checkpoint
from langdesign_edits import Preserve
from langdesign_instruct_pix2pix import EditParameters
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.state import Pix2PixRequest
from langdesign_scenes.dataset import Edit
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .disk import writing
from .edit_pairs import pictures_of, region_of
from .pictures import Pictures, Pixels
from .sampling import Sampling

Scales = tuple[float, float]

SCALES: tuple[Scales, ...] = ((1.0, 1.0), (1.5, 1.0), (2.0, 1.0), (3.0, 1.0), (2.0, 1.5), (4.0, 1.5))
"""Guidance that is tried: of the text (s_T) and of the image (s_I)."""

_GAP = 4  # pixels between pictures
_LINE = 14  # height of the instruction's line
_DIM = 0.35  # how bright the outside of a region is shown


class Example(NamedTuple):
    """An edit whose outcome is known."""

    before: Pixels  # RGB uint8 [H, W, 3]
    truth: Pixels  # after it
    region: NDArray[np.bool_]  # where it may change the picture [H, W]; nowhere where nothing is to change
    instruction: str
    operation: str


def rendered_example(pictures: Pictures, place: int, edit: Edit) -> Example:
    """Return an edit of a rendered set."""
    before, truth = pictures_of(pictures, place, edit)
    return Example(before, truth, region_of(pictures, place, edit), edit.instruction, edit.operation)


class EditCheck:
    """Does edits with their true regions given.

    Args:
        examples: with pictures of one size.
        sampling: of the model that the training began with; advised while no other guidance is better.
        scales: guidance that is tried beside it, of the text and of the image.
        sheet: PNG to write: before, region, after, truth.
        preserve: how what lies outside is kept.
        chosen: by the last validation of a training that goes on; None where it begins.

    """

    def __init__(
        self,
        examples: Sequence[Example],
        sampling: Sampling,
        scales: Sequence[Scales],
        sheet: Path,
        preserve: Preserve = Preserve.STRICT,
        chosen: Sampling | None = None,
    ) -> None:
        self._examples, self._sheet, self._preserve = examples, sheet, preserve
        # Never what was chosen last: a training that was cut and goes on would try other guidance.
        own = sampling.guidance_scale, sampling.image_guidance_scale
        self._tried = tuple(dict.fromkeys((own, *scales)))
        self.sampling = chosen or sampling
        """As last chosen."""

    def __call__(self, checkpoint: Checkpoint) -> dict[str, float]:
        """Do all edits, in one batch, with each guidance; measure and show those with the best.

        Returns:
            "guidance_scale" and "image_guidance_scale" of the best, by "error", and what it reached:
            For each operation, "error_X": the L1 to the truth inside the region, over that of the picture
            before (1 is that of copying the input); "error": of all that are to change; "false_edit": mean
            absolute change, 0..255, of pictures that are not to change.

        """
        editor = Editor(checkpoint)
        tried = {scales: self._edited(editor, scales) for scales in self._tried}
        measured = {scales: self._measured(edited) for scales, edited in tried.items()}
        text, image = best = min(measured, key=lambda scales: measured[scales].get("error", 0.0))
        self.sampling = replace(self.sampling, guidance_scale=text, image_guidance_scale=image)
        self._write_sheet(tried[best])
        return {**measured[best], "guidance_scale": text, "image_guidance_scale": image}

    def _edited(self, editor: Editor, scales: Scales) -> list[Pixels]:
        states = []
        for one in self._examples:
            whole = not one.region.any()  # a picture that is not to change shows it everywhere
            mask = np.full_like(one.region, True) if whole else one.region
            parameters = self._parameters(one, scales)
            request = Pix2PixRequest(one.before, mask[None].astype(np.uint8) * 255, parameters)
            states.append(editor.prepare(request))
        while not states[0].done:
            editor.denoise_step(states)
        return [editor.finish(state).image for state in states]

    def _parameters(self, example: Example, scales: Scales) -> EditParameters:
        return EditParameters(
            example.instruction,
            steps=self.sampling.steps,
            guidance_scale=scales[0],
            image_guidance_scale=scales[1],
            preserve=self._preserve,
        )

    def _measured(self, edited: Sequence[Pixels]) -> dict[str, float]:
        errors: dict[str, list[tuple[float, float]]] = defaultdict(list)
        false_edits = []
        for one, after in zip(self._examples, edited, strict=True):
            if one.region.any():
                pair = _distance(after, one.truth, one.region), _distance(one.before, one.truth, one.region)
                errors[one.operation].append(pair)
            elif one.operation == "none":
                false_edits.append(_distance(one.before, after, np.full_like(one.region, True)))
        measured = {f"error_{name}": _ratio(pairs) for name, pairs in errors.items()}
        if errors:
            measured["error"] = _ratio([pair for pairs in errors.values() for pair in pairs])
        if false_edits:
            measured["false_edit"] = float(np.mean(false_edits))
        return measured

    def _write_sheet(self, edited: Sequence[Pixels]) -> None:
        side = self._examples[0].before.shape[0]
        width, height = 4 * (side + _GAP), side + _LINE + _GAP
        columns = 1 if len(self._examples) < 4 else 2
        lines = -(-len(self._examples) // columns)
        sheet = Image.new("RGB", (columns * width, lines * height), "white")
        write = ImageDraw.Draw(sheet)
        for number, (one, after) in enumerate(zip(self._examples, edited, strict=True)):
            left, top = number % columns * width, number // columns * height
            for column, picture in enumerate((one.before, _lit(one.before, one.region), after, one.truth)):
                sheet.paste(Image.fromarray(picture), (left + column * (side + _GAP), top + _LINE))
            write.text((left, top), one.instruction, fill="black")
        with writing(str(self._sheet)):
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
