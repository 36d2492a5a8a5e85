"""A backend that is shown of a picture what its network sees well: a crop around the region, at its size."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import numpy as np
from langdesign_chassis import errors
from langdesign_edits import Mask, Pixels, Preserve, UnworkableShape
from langdesign_edits.focus import Focus, choose, crop, crop_mask, whole
from langdesign_edits.put_back import in_sketch, put_back

from langdesign_editing.backend import Backend, BackendRequest, Edited, Progress
from langdesign_editing.failures import edit_error

NATIVE_SIDE = 4096
"""The longest side that the engine takes, pixels."""
NATIVE_BYTES = 18 * 1024 * 1024
"""What a picture and its masks may take where they are edited as they are, about 6 megapixels: more takes the
engine minutes."""


class FocusedBackend:
    """Edits pictures of any size by a backend whose network knows one.

    What the backend gets is a crop around the region, scaled down to the working size; its edit is put back
    at the picture's size. A picture of no more pixels than the network's own goes to the backend as it is.

    Args:
        backend: Edits the crops.
        working: Side of the square that the network knows, pixels.
        multiple: What the network's sides divide by, pixels.

    """

    def __init__(self, backend: Backend, working: int, multiple: int) -> None:
        self._backend = backend
        self._working = working
        self._multiple = multiple

    async def ready(self) -> bool:
        """Returns whether the backend would take an edit now."""
        return await self._backend.ready()

    async def edit(self, request: BackendRequest) -> AsyncGenerator[Progress | Edited, None]:
        """Edits; see `Backend.edit`.

        Raises:
            errors.InvalidArgument: The picture is too narrow for its length to be scaled, or too large to be
                edited as it is.

        """
        focus, union = await asyncio.to_thread(self._focus, request)
        seen = request if focus.native else await asyncio.to_thread(_seen, request, focus)
        events = self._backend.edit(seen)
        assert isinstance(events, AsyncGenerator)  # noqa: S101 - backends are asynchronous generators
        async with aclosing(events):
            async for event in events:
                if focus.native:
                    yield event
                elif isinstance(event, Progress):
                    yield await asyncio.to_thread(_in_picture, event, request.pixels, focus)
                else:
                    yield await asyncio.to_thread(_put_back, event, request, seen.pixels, focus, union)

    def _focus(self, request: BackendRequest) -> tuple[Focus, Mask | None]:
        union = np.logical_or.reduce(request.masks) if request.masks else None
        height, width = request.pixels.shape[:2]
        seen = union if request.crop else None
        if request.native:
            _require_native(request)
            return whole(height, width), union
        try:
            return choose(height, width, seen, self._working, self._multiple), union
        except UnworkableShape as error:
            raise edit_error(error, "image") from error


def _require_native(request: BackendRequest) -> None:
    height, width = request.pixels.shape[:2]
    size = request.pixels.nbytes + sum(mask.nbytes for mask in request.masks)
    if max(height, width) > NATIVE_SIDE or size > NATIVE_BYTES:
        pixels = NATIVE_BYTES * height * width // size
        raise errors.InvalidArgument(
            f"the picture has {width}x{height} pixels; edited as it is, it has at most {NATIVE_SIDE} a side "
            f"and {pixels / 1e6:.1f} megapixels",
            field="options.native",
            hint="leave options.native out, or send a smaller picture",
        )


def _seen(request: BackendRequest, focus: Focus) -> BackendRequest:
    """Returns the edit of the crop; what strict adds to latent is done where it is put back."""
    parameters = dict(request.parameters)
    if parameters["preserve"] == Preserve.STRICT:
        parameters["preserve"] = Preserve.LATENT.value
    masks = tuple(crop_mask(mask, focus) for mask in request.masks)
    return replace(request, pixels=crop(request.pixels, focus), masks=masks, parameters=parameters)


def _put_back(
    edited: Edited, request: BackendRequest, seen: Pixels, focus: Focus, union: Mask | None
) -> Edited:
    if edited.pixels.shape[:2] != focus.size:
        raise RuntimeError(f"the engine returned {edited.pixels.shape} for a crop of {focus.size}")
    parameters = request.parameters
    pixels = put_back(
        request.pixels,
        edited.pixels,
        focus,
        union,
        preserve=Preserve(parameters["preserve"]),
        feather=parameters["feather"],
        seen=seen,
    )
    return replace(edited, pixels=pixels, focus=focus)


def _in_picture(progress: Progress, picture: Pixels, focus: Focus) -> Progress:
    if progress.preview is None:
        return progress
    return replace(progress, preview=in_sketch(progress.preview, picture, focus))
