"""A backend that is shown of a picture what its network sees well: a crop around the region, at its size."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from langdesign_edits import Pixels, Preserve, UnworkableShape
from langdesign_edits.focus import ENLARGEMENT, Focus, choose, crop, crop_mask, whole
from langdesign_edits.put_back import in_sketch, put_back

from langdesign_editing.backend import (
    Backend,
    BackendProgress,
    BackendRequest,
    Edited,
    InstructionCheck,
)
from langdesign_editing.failures import edit_error


class FocusedBackend:
    """Edits pictures of any size by a backend whose network knows one.

    What the backend gets is a crop around the region, at the working size; its edit is put back at the
    picture's size. A picture of no more pixels than the network's own goes to the backend as it is, unless a
    crop may enlarge its region.

    Args:
        backend: Edits the crops.
        working: Side of the square that the network knows, pixels.
        multiple: What the network's sides divide by, pixels.
        enlargement: How many times a region's crop may be enlarged, 1 or more.

    """

    def __init__(
        self, backend: Backend, working: int, multiple: int, enlargement: float = ENLARGEMENT
    ) -> None:
        self._backend = backend
        self._working = working
        self._multiple = multiple
        self._enlargement = enlargement

    async def ready(self) -> bool:
        """Return whether the backend would take an edit now."""
        return await self._backend.ready()

    async def check(self, model: str, parameters: Mapping[str, Any]) -> Sequence[InstructionCheck]:
        """Return what a model makes of instructions; see `Backend.check`."""
        return await self._backend.check(model, parameters)

    async def edit(self, request: BackendRequest) -> AsyncGenerator[BackendProgress | Edited, None]:
        """Edits; see `Backend.edit`.

        Raises:
            errors.InvalidArgument: The picture is too narrow for its length to be scaled.

        """
        focus = await asyncio.to_thread(self._focus, request)
        seen = request if focus.native else await asyncio.to_thread(_seen, request, focus)
        events = self._backend.edit(seen)
        assert isinstance(events, AsyncGenerator)  # noqa: S101 - backends are asynchronous generators
        async with aclosing(events):
            async for event in events:
                if focus.native:
                    yield event
                elif isinstance(event, BackendProgress):
                    yield await asyncio.to_thread(_in_picture, event, request.pixels, focus)
                else:
                    yield await asyncio.to_thread(_put_back, event, request, seen.pixels, focus)

    def _focus(self, request: BackendRequest) -> Focus:
        height, width = request.pixels.shape[:2]
        if request.native:
            return whole(height, width)
        region = request.region if request.crop else None
        try:
            return choose(height, width, region, self._working, self._multiple, enlargement=self._enlargement)
        except UnworkableShape as error:
            raise edit_error(error, "image") from error


def _seen(request: BackendRequest, focus: Focus) -> BackendRequest:
    """Return the edit of the crop; what strict adds to latent is done where it is put back."""
    parameters = dict(request.parameters)
    if parameters["preserve"] == Preserve.STRICT:
        parameters["preserve"] = Preserve.LATENT.value
    masks = tuple(crop_mask(mask, focus) for mask in request.masks)
    region = None if request.region is None else crop_mask(request.region, focus)
    return replace(
        request, pixels=crop(request.pixels, focus), masks=masks, region=region, parameters=parameters
    )


def _put_back(edited: Edited, request: BackendRequest, seen: Pixels, focus: Focus) -> Edited:
    if edited.pixels.shape[:2] != focus.size:
        raise RuntimeError(f"the engine returned {edited.pixels.shape} for a crop of {focus.size}")
    parameters = request.parameters
    pixels = put_back(
        request.pixels,
        edited.pixels,
        focus,
        request.region,
        preserve=Preserve(parameters["preserve"]),
        feather=parameters["feather"],
        seen=seen,
    )
    return replace(edited, pixels=pixels, focus=focus)


def _in_picture(progress: BackendProgress, picture: Pixels, focus: Focus) -> BackendProgress:
    if progress.preview is None:
        return progress
    return replace(progress, preview=in_sketch(progress.preview, picture, focus))
