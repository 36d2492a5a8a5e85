"""Reads what is asked into a task: everything that can be wrong with it is found before any work begins."""

import asyncio
import time
from dataclasses import dataclass, replace

import numpy as np
from langdesign_chassis import errors
from langdesign_edits import Box, EditError, EditSpec, EncodedMask, Mask, Picture, Region, Whole, box_mask
from langdesign_media import BlobStore, ImageGuard, MediaError
from langdesign_media.convert import decode_mask
from langdesign_media.headers import read_header

from langdesign_editing.failures import edit_error, media_error
from langdesign_editing.models import Models
from langdesign_editing.places import Place
from langdesign_editing.plans import Asked, InstructionPlan
from langdesign_editing.reading import InstructionReading

MIN_SIDE, MAX_SIDE = 8, 8192
"""Sides of the pictures that are edited, pixels: the engine's least, and the contract's most."""
NATIVE_SIDE = 4096
"""The longest side of pictures that are edited as they are, pixels: the engine's."""
_GLIMPSE = 64  # rows or columns, the fewer of both, that are looked at before all are


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored picture's content address."""

    digest: str


@dataclass(frozen=True, eq=False)
class EditTask:
    """One edit to do.

    Attributes:
        tenant: Whose edit it is.
        data: The picture, encoded as it came.
        picture: The picture, decoded.
        spec: What is asked; a region in pixels is a mask ``[H, W]`` of the picture's size.
        asked: What is to be done, as it was read.
        arrived: When the request came, seconds of `time.monotonic`.

    """

    tenant: str
    data: bytes
    picture: Picture
    spec: EditSpec
    asked: Asked
    arrived: float


class Intake:
    """Makes tasks of what is asked.

    Args:
        guard: Decodes pictures.
        blobs: Where pictures that come as references are.
        native: How many times the pixels of its model's working size a picture may have that is edited as it
            is, whatever its regions.
        models: The models, by their names.
        reading: Reads instructions.

    """

    def __init__(
        self, guard: ImageGuard, blobs: BlobStore, native: float, models: Models, reading: InstructionReading
    ) -> None:
        self._guard = guard
        self._native = native
        self._models = models
        self._blobs = blobs
        self._reading = reading

    async def read(
        self,
        spec: EditSpec,
        source: bytes | Blob,
        tenant: str,
        place: Place,
        plan: InstructionPlan | None = None,
    ) -> EditTask:
        """Read what is asked of a picture, which came as its bytes or is stored.

        Args:
            spec: What is asked.
            source: The picture.
            tenant: Whose it is.
            place: Gets the picture's room before it is decoded.
            plan: What to do, where the caller says it by a plan.

        Raises:
            errors.InvalidArgument: The picture, mask or box cannot be used, the region lies where nothing is
                seen, the picture is too large to be edited as it is, or the instruction cannot be done.
            errors.FailedPrecondition: A peer that this needs is not configured.
            errors.NotFound: The tenant has no such blob.
            errors.DataLoss: The blob is damaged.
            errors.ResourceExhausted: The pictures under way leave this one no room now.
            errors.Error: As the blob store, the decoders, the reference service or the engine answers.

        """
        arrived = time.monotonic()
        try:
            data = await self._data(source, tenant)
            header = read_header(data, self._guard.limits)
            place.hold(header.width * header.height)
            picture = await self._guard.decode(data)
        except MediaError as error:
            raise media_error(error, "image.blob" if isinstance(source, Blob) else "image.data") from error
        _require_sides(picture)
        if spec.native:
            working = self._models[spec.model].sampling.working_size
            _require_native(picture, int(self._native * working**2))
        region = await self._in_pixels(spec.region, picture)
        if picture.pixels.shape[2] == 4 and isinstance(region, np.ndarray | Whole):  # it has alpha
            await _require_sight(region, picture)
        asked = await self._reading.read(spec, plan)
        return EditTask(tenant, data, picture, replace(spec, region=region), asked, arrived)

    async def _data(self, source: bytes | Blob, tenant: str) -> bytes:
        if isinstance(source, Blob):
            limit = self._guard.limits.max_bytes
            return await self._blobs.get(tenant, source.digest, max_bytes=limit)
        return source

    async def _in_pixels(self, region: Region | None, picture: Picture) -> Region | None:
        """Return the region, as a mask where it is given by a box or an encoded mask."""
        width, height = picture.width, picture.height
        try:
            match region:
                case EncodedMask():
                    return await decode_mask(region, guard=self._guard, width=width, height=height)
                case Box():
                    return box_mask(region, width=width, height=height)
        except MediaError as error:
            raise media_error(error, "region.mask") from error
        except EditError as error:
            raise edit_error(error, "region.box") from error
        return region


def _require_sides(picture: Picture) -> None:
    width, height = picture.width, picture.height
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE:
        raise errors.InvalidArgument(
            f"image has {width}x{height} pixels; a side has {MIN_SIDE} to {MAX_SIDE}",
            field="image",
            hint=f"resize it to {MIN_SIDE} to {MAX_SIDE} pixels a side",
        )


async def _require_sight(region: Mask | Whole, picture: Picture) -> None:
    """Refuse a region of which nothing is seen: an edit there would be done and show nothing."""
    if _is_glimpsed(region, picture) or await asyncio.to_thread(_is_seen, region, picture):
        return
    raise errors.InvalidArgument(
        "region lies where the picture is transparent, so that nothing of an edit would be seen",
        field="region",
        hint="give a region on what can be seen, or send the picture without its alpha channel",
    )


def _is_glimpsed(region: Mask | Whole, picture: Picture) -> bool:
    """Return whether a few pixels tell that something of a region is seen, as they nearly always do."""
    step = max(1, min(picture.height, picture.width) // _GLIMPSE)
    seen = picture.pixels[::step, ::step, 3] > 0
    inside = True if isinstance(region, Whole) else region[::step, ::step]
    return bool((seen & inside).any())


def _is_seen(region: Mask | Whole, picture: Picture) -> bool:
    """Return whether anything of a region is seen; an empty one hides nothing."""
    hidden = picture.hidden
    inside = True if isinstance(region, Whole) else region
    return hidden is None or not np.any(inside) or bool((~hidden & inside).any())


def _require_native(picture: Picture, most: int) -> None:
    width, height = picture.width, picture.height
    if max(width, height) > NATIVE_SIDE or width * height > most:
        raise errors.InvalidArgument(
            f"image has {width}x{height} pixels; edited as it is, it has at most {NATIVE_SIDE} a side and "
            f"{most:,} in all",
            field="options.native",
            hint="leave options.native out, so that the editor sees it at the size that it knows, or send a "
            "smaller picture",
        )
