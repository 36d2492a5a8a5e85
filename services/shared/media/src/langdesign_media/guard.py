"""Decodes pictures from strangers in limited processes of their own."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from langdesign_edits import ImageFormat, Picture, Pixels
from numpy.typing import NDArray

from langdesign_media import _worker
from langdesign_media.errors import DecoderUnavailable, InvalidImage, InvalidMask, MediaError
from langdesign_media.headers import Header, read_header
from langdesign_media.masks import require_size, wrong_size
from langdesign_media.picture import ImageLimits
from langdesign_media.png import write_png

_log = logging.getLogger(__name__)

_REFUSALS = {
    _worker.DAMAGED: ("is truncated or damaged", "send the whole file, or export the picture anew"),
    _worker.TOO_LARGE: ("needs more memory than a picture may take", "scale it down"),
    _worker.ANIMATED: ("is animated", "send one frame of it"),
    _worker.NOT_GREY: ("is a colour or transparent picture", "send the mask as a greyscale PNG"),
}
# How a process ends that a picture broke; any other end (the kernel's, an operator's) is not the picture's.
_BROKEN = {-signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}


_PART = 1024 * 1024  # bytes that are read at once
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

    Args:
        limits: What one picture may ask.
        workers: Decoder processes; as many pictures are decoded at once, the others wait.

    """

    def __init__(self, limits: ImageLimits | None = None, *, workers: int = 2) -> None:
        self.limits = limits or ImageLimits()
        self._workers = workers
        self._idle: list[_Decoder] = []
        self._places = asyncio.Semaphore(workers)

    async def __aenter__(self) -> Self:
        """Starts the processes, and waits until they answer.

        Raises:
            DecoderUnavailable: They do not.

        """
        self._idle += await asyncio.gather(*(self._start() for _ in range(self._workers)))
        await asyncio.gather(
            *(
                self._exchange(_Question(_worker.PICTURE, _SMALLEST_HEADER, _SMALLEST))
                for _ in range(self._workers)
            )
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the processes."""
        while self._idle:
            await self._idle.pop().end()

    async def decode(self, data: bytes) -> Picture:
        """Decodes a picture: PNG, JPEG or WebP, as displayed, 8 bits a channel, RGB or RGBA.

        Grey, palette, CMYK and 16-bit pictures are converted; grey and CMYK to sRGB by their own profile,
        where they have one. An embedded profile of RGB colours is kept beside them (`Picture.profile`); one
        that is malformed, or larger than 4 MiB, is dropped, as viewers do.

        Raises:
            InvalidImage: The picture is refused; the message says why and names the mend.
            DecoderUnavailable: No decoder process could be had.

        """
        header = read_header(data, self.limits)
        found = await self._exchange(_Question(_worker.PICTURE, header, data))
        return Picture(found.pixels, header.format, found.profile)

    async def view(self, data: bytes, *, least: int) -> View:
        """Decodes a picture as far as a network needs to see it: reduced, in sRGB, without alpha.

        A reduced JPEG takes a fraction of the time and memory. Otherwise as `decode`.

        Args:
            data: The encoded picture.
            least: Pixels that each side keeps at least, where it has them.

        Raises:
            InvalidImage: The picture is refused; the message says why and what helps.
            DecoderUnavailable: No decoder process could be had.

        """
        header = read_header(data, self.limits)
        found = await self._exchange(_Question(_worker.VIEW, header, data, least=least))
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
        return (await self._exchange(_Question(purpose, size, pixels.tobytes(), profile))).pixels

    async def decode_mask(self, data: bytes, *, width: int, height: int) -> NDArray[np.bool_]:
        """Decodes a greyscale PNG into ``[H, W]`` bool; values of 128 and above are inside.

        Raises:
            InvalidMask: It is unreadable, or not ``width`` x ``height``.
            DecoderUnavailable: No decoder process could be had.

        """
        try:
            header = read_header(data, self.limits)
            if header.format is not ImageFormat.PNG:
                raise InvalidMask("is not PNG", mend="send the mask as a greyscale PNG")
            # EXIF may turn it, so that only a size that fits neither way is refused unseen.
            if {header.width, header.height} != {width, height}:
                raise wrong_size(header.width, header.height, width, height)
            found = await self._exchange(_Question(_worker.MASK, header, data))
        except InvalidImage as error:
            raise InvalidMask(error.message, mend=error.mend) from None
        require_size(*found.full, width=width, height=height)
        return np.unpackbits(found.pixels[:, :, 0], axis=1, count=width).view(np.bool_)

    async def _exchange(self, question: "_Question") -> "_Answer":
        async with self._places:
            decoder = await self._take()
            try:
                return await decoder.exchange(question, self.limits.wall_seconds)
            finally:
                # A process that was interrupted amid an answer would hand it to the next caller.
                if decoder.at_rest:
                    self._idle.append(decoder)
                else:
                    await asyncio.shield(decoder.end())

    async def _take(self) -> "_Decoder":
        while self._idle:
            decoder = self._idle.pop()
            if decoder.alive:
                return decoder
            await decoder.end()
        return await self._start()

    async def _start(self) -> "_Decoder":
        return await _Decoder.start(self.limits)


@dataclass(frozen=True, slots=True)
class _Question:
    """What a decoder process is to do."""

    purpose: int
    header: Header
    data: bytes  # an encoded picture; the colours [H, W, 3] of one that is to be converted
    profile: bytes = b""  # what the colours are converted from or to
    least: int = 0  # pixels that each side of a view keeps


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What a decoder process found."""

    pixels: Pixels  # read-only; a mask's rows are bits
    profile: bytes
    full: tuple[int, int]  # width and height of the picture as displayed


class _Decoder:
    """One decoder process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both are piped
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._sink, self._source = process.stdin, process.stdout
        self._busy = False

    @classmethod
    async def start(cls, limits: ImageLimits) -> Self:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(Path(_worker.__file__)),
                str(limits.worker_memory),
                str(limits.cpu_seconds),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
                limit=4 * 1024 * 1024,
            )
        except OSError as error:
            _log.error("a decoder process did not start", exc_info=error)
            raise DecoderUnavailable("could not be decoded now", mend="try again later") from None
        return cls(process)

    @property
    def alive(self) -> bool:
        # The event loop hears of an end a moment after it; the kernel knows at once.
        try:
            ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # the loop has collected it already
            return False
        return ended is None

    @property
    def at_rest(self) -> bool:
        return self.alive and not self._busy

    async def exchange(self, question: _Question, seconds: float) -> _Answer:
        self._busy = True
        try:
            async with asyncio.timeout(seconds):
                answer = await self._ask(question)
        except TimeoutError:
            raise InvalidImage(
                f"took longer than {seconds:g} s to decode", mend="send a simpler or smaller picture"
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._cause_of_death() from None
        self._busy = False
        if isinstance(answer, MediaError):
            raise answer
        return answer

    async def _ask(self, question: _Question) -> _Answer | InvalidImage:
        header, profile, data = question.header, question.profile, question.data
        sizes = header.width, header.height, question.least, len(profile), len(data)
        self._sink.write(_worker.REQUEST.pack(question.purpose, *sizes) + profile)
        self._sink.write(data)
        await self._sink.drain()
        answer = await self._source.readexactly(_worker.ANSWER.size)
        outcome, height, width, channels, turned, of_profile = _worker.ANSWER.unpack(answer)
        if outcome != _worker.DECODED:
            message, mend = _REFUSALS[outcome]
            return InvalidImage(message, mend=mend)
        full = (header.height, header.width) if turned else (header.width, header.height)
        reduced = question.purpose == _worker.VIEW and width <= full[0] and height <= full[1]
        if (width, height) != full and not reduced:
            message, mend = _REFUSALS[_worker.DAMAGED]
            raise InvalidImage(message, mend=mend)  # raised, so that this process is not used again
        found = await self._source.readexactly(of_profile)
        columns = -(-width // 8) if question.purpose == _worker.MASK else width  # a mask has a bit a pixel
        pixels = np.empty((height, columns, channels), np.uint8)
        await self._fill(pixels.reshape(-1))
        pixels.flags.writeable = False
        return _Answer(pixels, found, full)

    async def _fill(self, target: Pixels) -> None:
        """Read as they come: `readexactly` would hold all bytes twice."""
        filled = 0
        while filled < target.size:
            part = await self._source.read(min(_PART, target.size - filled))
            if not part:
                raise asyncio.IncompleteReadError(b"", target.size - filled)
            target[filled : filled + len(part)] = np.frombuffer(part, np.uint8)
            filled += len(part)

    async def _cause_of_death(self) -> MediaError:
        code = await self._process.wait()
        _log.warning("a decoder process ended with code %s; it is replaced", code)
        if code in _BROKEN:
            return InvalidImage("could not be decoded within its limits", mend="export the picture anew")
        return DecoderUnavailable("could not be decoded now", mend="try again later")

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        # Reading to the end lets asyncio close the pipe; without it, the transport would outlive the loop.
        self._sink.close()
        await self._process.wait()
