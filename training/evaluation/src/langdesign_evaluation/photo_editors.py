"""What edits photos for `langdesign bench photo`: running services, or the engine in this process."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from langdesign_client import Client, Connection, EditOptions, EditResult, InstructPix2PixOptions, Preserve
from langdesign_client.media import Mask as SentMask
from langdesign_edits import Preserve as Promise
from langdesign_edits.focus import Focus, Window, choose, crop, crop_mask
from langdesign_edits.put_back import put_back
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_scenes.dataset import Edit

from .advice import Working
from .contestants import loaded
from .editors import EngineEditor, Sampling
from .errors import AnswerError
from .finders import ExactRegions
from .metrics import Mask, Pixels
from .phone import Photo, as_displayed


@dataclass(frozen=True, eq=False)
class EditedPhoto:
    """One edited photo."""

    pixels: Pixels  # as displayed, in the photo's own colours
    profile: bytes | None  # of the result's file; None: there was no file
    focus: Focus  # what the network saw
    engine: float  # seconds in the engine
    total: float  # seconds from the file to the result


class PhotoEditor(Protocol):
    """Anything that does one edit of photos."""

    @property
    def name(self) -> str:
        """What the table calls it."""

    def edit(self, photo: Photo) -> EditedPhoto:
        """Edit a photo at its region, strictly."""


@dataclass(frozen=True)
class Services:
    """The editing service at an address, which is given the region."""

    address: str
    instruction: str
    steps: int
    feather: int
    seed: int
    name: str = "services"

    def edit(self, photo: Photo) -> EditedPhoto:
        """Edit a photo.

        Raises:
            LangDesignError: the service cannot be reached, or refuses.
            AnswerError: it answers nothing, or another picture.

        """
        options = EditOptions(
            seed=self.seed,
            preserve=Preserve.STRICT,
            feather=self.feather,
            preview_every=0,
            editor=InstructPix2PixOptions(steps=self.steps),
        )
        with Client(Connection(addresses={"editing": self.address})) as client:
            began = perf_counter()
            region = SentMask(photo.mask)
            events = client.edit(photo.data, self.instruction, region=region, options=options)
            result = next((event for event in events if isinstance(event, EditResult)), None)
            total = perf_counter() - began
        if result is None or result.focus is None or not result.image.data:
            raise AnswerError("the service returned no picture; look at the log of the editing service")
        pixels, profile = as_displayed(result.image.data)
        if pixels.shape != photo.pixels.shape:
            raise AnswerError(f"the service returned {pixels.shape} for a photo of {photo.pixels.shape}")
        seen = result.focus
        box = Window(seen.box.y, seen.box.x, seen.box.height, seen.box.width)
        native = (seen.height, seen.width) == photo.pixels.shape[:2]
        focus = Focus(box, (seen.height, seen.width), native)
        return EditedPhoto(pixels, profile, focus, result.timings.engine.total_seconds(), total)


@dataclass(frozen=True, eq=False)
class _Seen:
    """A case of the engine: what the network sees of a photo."""

    picture: Pixels
    mask: Mask
    edit: Any
    id: int = 0

    def before(self) -> Pixels:
        return self.picture

    def region(self) -> Mask:
        return self.mask


@dataclass(frozen=True, eq=False)
class InProcess:
    """The engine in this process, with focus as the services have it."""

    engine: EngineEditor
    working: Working
    instruction: str
    feather: int
    name: str = "engine in this process"

    @classmethod
    def load(
        cls, folder: Path, working: Working, instruction: str, steps: int, feather: int, seed: int
    ) -> InProcess:
        """Load a checkpoint.

        Raises:
            ModelError: it cannot be loaded.

        """
        sampling = Sampling(steps=steps, feather=feather, seed=seed)
        engine = EngineEditor("latent", loaded(folder, Editor.load), "latent", ExactRegions(), sampling, 1)
        return cls(engine, working, instruction, feather)

    def edit(self, photo: Photo) -> EditedPhoto:
        """Edit a photo; in the total its file is read, and no file is written."""
        began = perf_counter()
        pixels, _ = as_displayed(photo.data)
        height, width = photo.region.shape
        size, multiple, enlargement = self.working
        focus = choose(height, width, photo.region, size, multiple, enlargement=enlargement)
        seen = crop(pixels, focus)
        asked = dataclasses.replace(_NOTHING, instruction=self.instruction)
        case: Any = _Seen(
            np.array(seen), crop_mask(photo.region, focus), asked
        )  # what the engine reads of one
        started = perf_counter()
        (outcome,) = self.engine.edit([case])
        engine = perf_counter() - started
        edited = put_back(
            pixels,
            outcome.picture,
            focus,
            photo.region,
            preserve=Promise.STRICT,
            feather=self.feather,
            seen=seen,
        )
        return EditedPhoto(edited, None, focus, engine, perf_counter() - began)


_NOTHING = Edit(0, 0, "none", "", "", (), (), False, "", "")
