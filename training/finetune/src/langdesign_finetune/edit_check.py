"""Some edits done from noise to picture, measured against their true pictures and shown beside them.

The guidance that brings them nearest to the truth is chosen here, as thresholds are for the segmentation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from langdesign_diffusion.checkpoint import Checkpoint
from langdesign_edits import Preserve, default_feather
from langdesign_edits.focus import ENLARGEMENT, Focus, choose, crop, crop_mask, whole
from langdesign_edits.put_back import put_back
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


@dataclass(frozen=True, eq=False)
class _View:
    """What an editor sees of an example, as services show it."""

    example: Example
    focus: Focus
    seen: Pixels

    def request(self, parameters: EditParameters) -> Pix2PixRequest:
        """Return what the editor is asked; a picture that is not to change shows what is meant everywhere."""
        region = self.example.region
        mask = crop_mask(region if region.any() else np.full_like(region, True), self.focus)
        return Pix2PixRequest(self.seen, mask[None].astype(np.uint8) * 255, parameters)

    def put_back(self, edited: Pixels, preserve: Preserve) -> Pixels:
        """Return the picture with the edit of what was seen."""
        if self.focus.native:
            return edited
        before, region = self.example.before, self.example.region
        feather = default_feather(before.shape[0])
        return put_back(
            before, edited, self.focus, region, preserve=preserve, feather=feather, seen=self.seen
        )


def rendered_example(pictures: Pictures, place: int, edit: Edit) -> Example:
    """Return an edit of a rendered set."""
    before, truth = pictures_of(pictures, place, edit)
    return Example(before, truth, region_of(pictures, place, edit), edit.instruction, edit.operation)


class EditCheck:
    """Does edits with their true regions given, of small regions on enlarged crops where that is advised.

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
        """Do all edits, those that see as much in one batch, with each guidance; measure and show the best.

        Returns:
            "guidance_scale" and "image_guidance_scale" of the best, by "error", and what it reached:
            For each operation, "error_X": the L1 to the truth inside the region, over that of the picture
            before (1 is that of copying the input); "error": of all that are to change, and "error_whole" on
            whole pictures where others are crops; "false_edit": mean absolute change, 0..255, of pictures
            that are not to change.

        """
        editor = Editor(checkpoint)
        advised = self.sampling.enlargement or ENLARGEMENT
        tried = {scales: self._edited(editor, scales, advised) for scales in self._tried}
        measured = {scales: self._measured(edited) for scales, edited in tried.items()}
        text, image = best = min(measured, key=lambda scales: measured[scales].get("error", 0.0))
        self.sampling = replace(self.sampling, guidance_scale=text, image_guidance_scale=image)
        self._write_sheet(tried[best])
        chosen = {**measured[best], "guidance_scale": text, "image_guidance_scale": image}
        if advised > ENLARGEMENT and "error" in chosen:
            chosen["error_whole"] = self._measured(self._edited(editor, best, ENLARGEMENT))["error"]
        return chosen

    def _edited(self, editor: Editor, scales: Scales, enlargement: float) -> list[Pixels]:
        views = [self._view(one, enlargement) for one in self._examples]
        states = [
            editor.prepare(view.request(self._parameters(one, scales)))
            for one, view in zip(self._examples, views, strict=True)
        ]
        for size in {view.focus.size for view in views}:
            alike = [state for state, view in zip(states, views, strict=True) if view.focus.size == size]
            while not alike[0].done:
                editor.denoise_step(alike)
        finished = (editor.finish(state).image for state in states)
        return [view.put_back(image, self._preserve) for view, image in zip(views, finished, strict=True)]

    def _view(self, one: Example, enlargement: float) -> _View:
        height, width = one.before.shape[:2]
        working, multiple = self.sampling.working_size, self.sampling.size_multiple
        if enlargement > ENLARGEMENT and working is not None and multiple is not None:
            focus = choose(height, width, one.region, working, multiple, enlargement=enlargement)
        else:
            focus = whole(height, width)
        return _View(one, focus, crop(one.before, focus))

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
