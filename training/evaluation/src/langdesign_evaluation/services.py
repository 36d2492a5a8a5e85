"""The whole pipeline under test, through the gRPC contract: instruction to plan, mask and picture."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from langdesign_client import (
    Client,
    EditOptions,
    EditResult,
    InstructPix2PixOptions,
    MaskFound,
    PlanRead,
    Preserve,
    Whole,
)
from langdesign_client.edits import EditEvent
from langdesign_client.references import Plan
from langdesign_edits import Verdict
from PIL import Image

from .cases import Case
from .editors import PRESERVE, Level, Outcome, RegionSource, Sampling
from .errors import AnswerError
from .metrics import Mask, Pixels

_VERDICTS = {
    "": Verdict.FOUND,
    "no_target": Verdict.NO_TARGET,
    "uncertain": Verdict.UNCERTAIN,
    "unknown_words": Verdict.UNKNOWN_WORD,
}
"""What a result's reason for changing nothing says of the target; the other reasons say nothing of it."""


@dataclass
class ServiceEditor:
    """Running services: reference, segmentation and editing at their addresses.

    Every level but "plain" leaves the region to the services; "plain" edits the whole picture.
    """

    name: str
    client: Client
    level: Level
    sampling: Sampling = field(default_factory=Sampling)
    checkpoint: str = ""  # told by the first edit

    @property
    def region(self) -> RegionSource:
        """Where its regions come from."""
        return "none" if self.level == "plain" else "found"

    def edit(self, cases: Sequence[Case]) -> Iterator[Outcome]:
        """Yield the edits, one call after the other.

        Raises:
            LangDesignError: a service cannot be reached, or refuses the edit.
            AnswerError: the stream ended without a result.

        """
        return (self._one(case) for case in cases)

    def _one(self, case: Case) -> Outcome:
        began, before = perf_counter(), case.before()
        events = self.client.edit(
            _png(before),
            case.edit.instruction,
            region=Whole() if self.level == "plain" else None,
            options=self._options(case),
        )
        plan, mask, result = _sorted(events)
        if result is None:
            raise AnswerError(f"Case {case.id} got no result; look at the log of the editing service")
        self.checkpoint = self.checkpoint or result.checkpoint
        no_op = bool(result.no_op_reason)
        none = np.zeros(before.shape[:2], np.bool_) if no_op else None
        return Outcome(
            picture=before if no_op else read_picture(result.image.data),
            mask=none if mask is None or mask.mask is None else read_mask(mask.mask.png),
            no_op=no_op,
            no_target=None if mask is None else mask.no_target_probability,
            verdict=_VERDICTS.get(result.no_op_reason),
            expression=None if plan is None else _expression(plan),
            seconds=perf_counter() - began,
        )

    def _options(self, case: Case) -> EditOptions:
        sampling = self.sampling
        return EditOptions(
            seed=sampling.seed + case.id,
            preserve=Preserve(PRESERVE[self.level]),
            feather=sampling.feather,
            preview_every=0,
            editor=InstructPix2PixOptions(
                steps=sampling.steps,
                guidance_scale=sampling.text_guidance,
                image_guidance_scale=sampling.image_guidance,
            ),
        )


def _sorted(events: Iterable[EditEvent]) -> tuple[Plan | None, MaskFound | None, EditResult | None]:
    plan, mask, result = None, None, None
    for event in events:
        match event:
            case PlanRead():
                plan = event.plan
            case MaskFound():
                mask = event
            case EditResult():
                result = event
    return plan, mask, result


def _expression(plan: Plan) -> str:
    """Return what is acted on: the first target, else the first anchor, else nothing."""
    if not plan.edits:
        return ""
    edit = plan.edits[0]  # the bench's instructions ask for one thing
    by_role = {one.role: one.expression for one in reversed(edit.references)}
    roles = ("anchor", "target") if edit.operation == "add" else ("target", "anchor")
    return next((by_role[role] for role in roles if role in by_role), "")


def _png(picture: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def read_picture(data: bytes) -> Pixels:
    """Return an encoded picture as RGB uint8 [H, W, 3]."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def read_mask(data: bytes) -> Mask:
    """Return an encoded mask as bool [H, W]: 128 and above is inside."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")) >= 128
