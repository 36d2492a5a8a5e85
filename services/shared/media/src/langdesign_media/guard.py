"""Decodes pictures from strangers in limited processes of their own."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from langdesign_edits import ImageFormat, Picture, Pixels
from numpy.typing import NDArray

from langdesign_media import _worker
from langdesign_media.decoder import Answer, Decoder, Question
from langdesign_media.errors import InvalidImage, InvalidMask
from langdesign_media.headers import Header, read_header
from langdesign_media.masks import require_size, wrong_size
from langdesign_media.picture import ImageLimits
from langdesign_media.png import write_png

_SMALLEST = write_png(np.zeros((1, 1, 3), np.uint8))
_SMALLEST_HEADER = Header(ImageFormat.PNG, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture as a network needs to see it.

    Attributes:
        pixels: ``[h, w, 3]`` sRGB, uint8 0..255, as displayed, reduced.
        width: Of the picture as displayed, pixels.
        height: Likewise.

    """

    pixels: Pixels
    width: int
    height: int


class ImageGuard:
    """A pool of decoder processes with bounded memory and time; use it as an async context manager.

    Processes are started by exec, never forked from this one, so threads of gRPC do no harm; they hold an
    empty environment and no open connection. One that dies, hangs or is interrupted is replaced.

    A process is started when a picture finds none free, which takes a tenth of a second, and ended when none
    had work for a while: what the largest picture took comes back to the machine in no other way.

    Args:
        limits: What one picture may ask.
        workers: Decoder processes at most; as many pictures are decoded at once, the others wait.
        rest: Seconds without a picture after which the processes end, > 0.

    """

    def __init__(self, limits: ImageLimits | None = None, *, workers: int = 2, rest: float = 60.0) -> None:
        self.limits = limits or ImageLimits()
        self._rest = rest
        self._idle: list[Decoder] = []
        self._places = asyncio.Semaphore(workers)
        self._alarm: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Start one process, and wait until it answers.

        Raises:
            DecoderUnavailable: It does not.

        """
        await self._exchange(Question(_worker.PICTURE, _SMALLEST_HEADER, _SMALLEST))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._end_idle()
        await asyncio.gather(*self._ending)

    async def decode(self, data: bytes) -> Picture:
        """Decode a picture: PNG, JPEG or WebP, as displayed, 8 bits a channel, RGB or RGBA.

        Grey, palette, CMYK and 16-bit pictures are converted; grey and CMYK to sRGB by their own profile,
        where they have one. An embedded profile of RGB colours is kept beside them (`Picture.profile`); one
        that is malformed, or larger than 4 MiB, is dropped, as viewers do.

        Raises:
            InvalidImage: The picture is refused; the message says why and names the hint.
            DecoderUnavailable: No decoder process could be had.

        """
        header = read_header(data, self.limits)
        found = await self._exchange(Question(_worker.PICTURE, header, data))
        return Picture(found.pixels, header.format, found.profile)

    async def view(self, data: bytes, *, least: int) -> View:
        """Decode a picture as far as a network needs to see it: reduced, in sRGB, without alpha.

        A reduced JPEG takes a fraction of the time and memory. Otherwise as `decode`.

        Args:
            data: The encoded picture.
            least: Pixels that each side keeps at least, where it has them.

        Raises:
            InvalidImage: The picture is refused; the message says why and what helps.
            DecoderUnavailable: No decoder process could be had.

        """
        header = read_header(data, self.limits)
        found = await self._exchange(Question(_worker.VIEW, header, data, least=least))
        return View(found.pixels, *found.full)

    async def to_srgb(self, pixels: Pixels, profile: bytes) -> Pixels:
        """Convert ``[H, W, 3]`` uint8 colours of a decoded picture's profile to sRGB.

        Relative colorimetric with black point compensation; what sRGB cannot hold is clipped.

        Raises:
            InvalidImage: The profile cannot be used.
            DecoderUnavailable: No decoder process could be had.

        """
        return await self._convert(_worker.TO_SRGB, pixels, profile)

    async def from_srgb(self, pixels: Pixels, profile: bytes) -> Pixels:
        """Convert ``[H, W, 3]`` uint8 sRGB colours to those of a profile; see `to_srgb`."""
        return await self._convert(_worker.FROM_SRGB, pixels, profile)

    async def _convert(self, purpose: int, pixels: Pixels, profile: bytes) -> Pixels:
        size = Header(ImageFormat.PNG, pixels.shape[1], pixels.shape[0])
        return (await self._exchange(Question(purpose, size, pixels.tobytes(), profile))).pixels

    async def decode_mask(self, data: bytes, *, width: int, height: int) -> NDArray[np.bool_]:
        """Decode a greyscale PNG into ``[H, W]`` bool; values of 128 and above are inside.

        Raises:
            InvalidMask: It is unreadable, or not ``width`` x ``height``.
            DecoderUnavailable: No decoder process could be had.

        """
        try:
            header = read_header(data, self.limits)
            if header.format is not ImageFormat.PNG:
                raise InvalidMask("is not PNG", hint="send the mask as a greyscale PNG")
            # EXIF may turn it, so that only a size that fits neither way is refused unseen.
            if {header.width, header.height} != {width, height}:
                raise wrong_size(header.width, header.height, width, height)
            found = await self._exchange(Question(_worker.MASK, header, data))
        except InvalidImage as error:
            raise InvalidMask(error.message, hint=error.hint) from None
        require_size(*found.full, width=width, height=height)
        return np.unpackbits(found.pixels[:, :, 0], axis=1, count=width).view(np.bool_)

    async def _exchange(self, question: Question) -> Answer:
        async with self._places:
            decoder = await self._take()
            try:
                return await decoder.exchange(question, self.limits.wall_seconds)
            finally:
                # A process that was interrupted amid an answer would hand it to the next caller.
                if decoder.at_rest:
                    self._idle.append(decoder)
                    self._await_rest()
                else:
                    await asyncio.shield(decoder.end())

    def _await_rest(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(self._rest, self._end_idle)

    def _end_idle(self) -> None:
        while self._idle:
            ending = asyncio.create_task(self._idle.pop().end())
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _take(self) -> "Decoder":
        while self._idle:
            decoder = self._idle.pop()
            if decoder.alive:
                return decoder
            await decoder.end()
        return await self._start()

    async def _start(self) -> "Decoder":
        return await Decoder.start(self.limits)
