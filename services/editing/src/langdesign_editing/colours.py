"""A backend whose network is shown sRGB, whatever a picture's colours, and answers in the picture's own."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import numpy as np
from langdesign_edits import Pixels
from langdesign_edits.put_back import DETAIL
from langdesign_media import ImageGuard, MediaError

from langdesign_editing.backend import (
    Backend,
    BackendProgress,
    BackendRequest,
    Edited,
    InstructionCheck,
)
from langdesign_editing.failures import media_error


class ColourManagedBackend:
    """Edits pictures of any colour profile by a backend whose network was trained on sRGB.

    Only what the network sees is converted: the crop, on its way there, and its edit, on its way back. Pixels
    that the network leaves as it saw them keep their own values, so nothing is lost of colours that sRGB
    cannot hold, and a promise that holds in sRGB holds in the picture's profile.

    Args:
        backend: Edits sRGB.
        guard: Converts, in a process of its own: a profile comes from a stranger.

    """

    def __init__(self, backend: Backend, guard: ImageGuard) -> None:
        self._backend = backend
        self._guard = guard

    async def ready(self) -> bool:
        """Return whether the backend would take an edit now."""
        return await self._backend.ready()

    async def check(self, model: str, parameters: Mapping[str, Any]) -> Sequence[InstructionCheck]:
        """Return what a model makes of instructions; see `Backend.check`."""
        return await self._backend.check(model, parameters)

    async def edit(self, request: BackendRequest) -> AsyncGenerator[BackendProgress | Edited, None]:
        """Edits; see `Backend.edit`.

        Raises:
            errors.InvalidArgument: The profile cannot be used.
            errors.Unavailable: The decoders do not answer now.

        """
        seen = await self._seen(request) if request.profile else request
        events = self._backend.edit(seen)
        assert isinstance(events, AsyncGenerator)  # noqa: S101 - backends are asynchronous generators
        async with aclosing(events):
            async for event in events:
                yield await self._in_profile(event, request, seen) if request.profile else event

    async def _seen(self, request: BackendRequest) -> BackendRequest:
        colours = await self._converted(request, request.pixels, to_srgb=True)
        return replace(request, pixels=_with_colours(request.pixels, colours), profile=b"")

    async def _in_profile(
        self, event: BackendProgress | Edited, request: BackendRequest, seen: BackendRequest
    ) -> BackendProgress | Edited:
        if isinstance(event, BackendProgress):
            if event.preview is None:
                return event
            return replace(event, preview=await self._converted(request, event.preview, to_srgb=False))
        before = await self._converted(request, seen.pixels, to_srgb=False)
        after = await self._converted(request, event.pixels, to_srgb=False)
        colours = await asyncio.to_thread(
            kept_where_unchanged, request.pixels, before, after, seen.pixels, event.pixels
        )
        return replace(event, pixels=_with_colours(event.pixels, colours))

    async def _converted(self, request: BackendRequest, pixels: Pixels, *, to_srgb: bool) -> Pixels:
        convert = self._guard.to_srgb if to_srgb else self._guard.from_srgb
        try:
            return await convert(np.ascontiguousarray(pixels[..., :3]), request.profile)
        except MediaError as error:
            raise media_error(error, "image.data") from error


def kept_where_unchanged(
    original: Pixels, before: Pixels, after: Pixels, seen: Pixels, edited: Pixels
) -> Pixels:
    """Return the edited colours ``[H, W, 3]`` in the picture's profile, with what the way through sRGB lost.

    It comes back whole where the edit changed nothing, so that the original's values stand there, and fades
    out over the change up to which the original's detail is kept elsewhere too (`put_back.DETAIL`).

    Args:
        original: ``[H, W, 3 or 4]`` uint8, in the profile, as the picture has it.
        before: ``[H, W, 3]`` uint8, in the profile: what the network saw, converted back.
        after: ``[H, W, 3]`` uint8, in the profile: what it answered.
        seen: ``[H, W, 3 or 4]`` uint8, sRGB: what the network saw.
        edited: ``[H, W, 3 or 4]`` uint8, sRGB: what it answered.

    """
    change = np.abs(edited[..., :3].astype(np.int16) - seen[..., :3]).max(axis=2, keepdims=True)
    kept = np.clip(1 - change.astype(np.float32) / np.float32(DETAIL), 0, 1)
    lost = original[..., :3].astype(np.float32) - before
    colours: Pixels = np.clip(np.rint(after + kept * lost), 0, 255).astype(np.uint8)
    return colours


def _with_colours(pixels: Pixels, colours: Pixels) -> Pixels:
    """Return colours ``[H, W, 3]`` with the alpha that pixels have, if any."""
    return colours if pixels.shape[2] == 3 else np.concatenate([colours, pixels[..., 3:]], axis=2)
