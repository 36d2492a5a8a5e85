"""An edit under way, pass by pass, and what comes of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from langdesign_edits import ChangeReport, ChangeStatistics, Picture, Pixels, measure_change
from langdesign_edits.focus import tight_window, whole
from langdesign_edits.put_back import feather_width
from langdesign_media import as_held, encode

from langdesign_editing.backend import BackendRequest, Edited
from langdesign_editing.events import EditOutcome, GroundedEdit, Grounding, Outcome, union_of
from langdesign_editing.intake import EditTask
from langdesign_editing.models import Model
from langdesign_editing.parameters import engine_parameters, feather_of
from langdesign_editing.passes import numbered, passes_of, regions_of, seed_of_pass
from langdesign_editing.provenance import ResultProvenance


@dataclass(eq=False)
class Course:
    """What is known of an edit while it goes on.

    Attributes:
        task: What is to be done.
        model: What edits.
        grounding: Where each of its edits acts, as far as is known.
        pixels: The picture as the passes so far left it.
        passes: How many there were.
        steps: How many denoising steps these had.

    """

    task: EditTask
    model: Model
    grounding: Grounding
    pixels: Pixels
    passes: int = 0
    steps: int = 0
    _done: set[int] = field(default_factory=set)
    _queue: float = 0.0
    _engine: float = 0.0
    _feather: int = 0  # pixels of the picture over which any pass faded out
    _last: Edited | None = None

    def left(self) -> list[list[GroundedEdit]]:
        """Return the edits that are to be done still, by their passes."""
        return passes_of([edit for edit in self.grounding.edits if edit.edit not in self._done])

    def request(self, together: Sequence[GroundedEdit]) -> BackendRequest:
        """Return what a pass asks the editor for."""
        spec, picture, sampling = self.task.spec, self.task.picture, self.model.sampling
        regions = regions_of(together, (picture.height, picture.width))
        masks = tuple(mask for _, mask in regions)
        parameters = engine_parameters(
            spec,
            [instruction for instruction, _ in regions] or [together[0].asked.instruction],
            sampling.gentle() if together[0].asked.gentle else sampling,
            seed=seed_of_pass(spec.seed, self.passes),
            whole=not regions,
        )
        return BackendRequest(
            self.pixels,
            masks,
            parameters,
            self.task.tenant,
            spec.native,
            picture.profile,
            all(sampling.crops(edit.asked.operation) for edit in together),
            region=union_of(masks),
            model=self.model.name,
        )

    def advance(self, together: Sequence[GroundedEdit], request: BackendRequest, edited: Edited) -> None:
        """Take what a pass made."""
        if edited.pixels.shape != self.pixels.shape:
            raise RuntimeError(f"the engine returned {edited.pixels.shape} for {self.pixels.shape}")
        focus = edited.focus or whole(self.task.picture.height, self.task.picture.width)
        width = feather_width(focus, request.region, feather_of(self.task.spec, self.model.sampling))
        queue = edited.timings.get("queue", 0.0)
        self._queue += queue
        self._engine += sum(edited.timings.values()) - queue
        self._feather = max(self._feather, width)
        self._last = replace(edited, focus=focus)
        self._done.update(edit.edit for edit in together)
        self.steps += int(request.parameters["steps"])
        self.passes += 1
        self.pixels = edited.pixels

    def see_again(self, again: GroundedEdit, seconds: float) -> None:
        """Take where an edit acts, after a second look of so many seconds."""
        edits = [again if edit.edit == again.edit else edit for edit in self.grounding.edits]
        left = {
            edit.edit: edit
            for edit in numbered([one for one in edits if one.edit not in self._done], self.passes)
        }
        self.grounding = replace(
            self.grounding,
            edits=tuple(left.get(edit.edit, edit) for edit in edits),
            segmentation_seconds=self.grounding.segmentation_seconds + seconds,
        )

    def picture(self) -> tuple[bytes, Picture]:
        """Return the picture as it is now, encoded without loss, and decoded."""
        profile = self.task.picture.profile
        return encode(self.pixels, profile=profile), replace(self.task.picture, pixels=self.pixels)

    def outcome(self, provenance: ResultProvenance) -> Outcome:
        """Return what came of it, all passes together; `provenance` tells what the picture's file says."""
        spec, before, last = self.task.spec, self.task.picture, self._last
        assert last is not None  # noqa: S101 - there was a pass
        grounding = self.grounding
        kept = all(not edit.whole or edit.asked.gentle for edit in grounding.edits)
        report = measure_change(
            before.pixels,
            as_held(self.pixels, spec.edited_format),
            grounding.union,
            feather=self._feather,
            preserve=spec.preserve_over(int(kept)),
        )
        about = provenance.packet(self.task, last.checkpoint) if report.changed else b""
        return Outcome(
            encode(self.pixels, spec.edited_format, before.profile, xmp=about),
            report,
            spec.seed,
            self._seconds(),
            last.checkpoint,
            focus=last.focus,
            edits=tuple(EditOutcome(edit, self._inside(edit, report)) for edit in grounding.edits),
        )

    def no_op(self) -> Outcome:
        """Return the outcome of an edit that changes nothing, and why.

        It is the very bytes of the input, or its pixels where another format was asked for; what that format
        cannot hold, transparency in JPEG, is told as changed.
        """
        task, grounding = self.task, self.grounding
        picture, wanted = task.picture, task.spec.result_format
        if wanted is None or wanted is picture.format:
            data = task.data
            report = ChangeReport.unchanged(picture.width * picture.height, task.spec.preserve)
        else:
            data = encode(picture.pixels, wanted, picture.profile)
            held, nowhere = as_held(picture.pixels, wanted), np.zeros(picture.pixels.shape[:2], np.bool_)
            report = measure_change(picture.pixels, held, nowhere, preserve=task.spec.preserve)
        edits = tuple(map(EditOutcome, grounding.edits))
        seconds = self._seconds()
        return Outcome(data, report, task.spec.seed, seconds, no_op=grounding.no_op, edits=edits)

    def _inside(self, edit: GroundedEdit, report: ChangeReport) -> ChangeStatistics | None:
        if not edit.acts:
            return None
        window = None if edit.union is None else tight_window(edit.union)
        if edit.union is None or window is None:
            return report.inside
        at = window.slices
        return measure_change(self.task.picture.pixels[at], self.pixels[at], edit.union[at]).inside

    def _seconds(self) -> dict[str, float]:
        return {
            "reference": self.task.asked.seconds,
            "segmentation": self.grounding.segmentation_seconds,
            **({"queue": self._queue, "engine": self._engine} if self.passes else {}),
            "total": time.monotonic() - self.task.arrived,
        }
