"""One decoder process, seen from the process that asks it."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from langdesign_edits import Pixels

from langdesign_media import _worker
from langdesign_media.errors import DecoderUnavailable, InvalidImage, MediaError
from langdesign_media.headers import Header
from langdesign_media.picture import ImageLimits

_log = logging.getLogger(__name__)

_REFUSALS = {
    _worker.DAMAGED: ("is truncated or damaged", "send the whole file, or export the picture anew"),
    _worker.TOO_LARGE: ("needs more memory than a picture may take", "scale it down"),
    _worker.ANIMATED: ("is animated", "send one frame of it"),
    _worker.NOT_GREY: ("is a colour or transparent picture", "send the mask as a greyscale PNG"),
    _worker.FAINT: (
        "has nothing inside: its largest value is {value}",
        "inside is 128 and above of 255 (32768 of 65535 at 16 bits); scale the mask up, or send one of 1 bit",
    ),
}
# How a process ends that a picture broke; any other end (the kernel's, an operator's) is not the picture's.
_BROKEN = {-signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}

_PART = 1024 * 1024  # bytes that are read at once


@dataclass(frozen=True, slots=True)
class Question:
    """What a decoder process is to do."""

    purpose: int
    header: Header
    data: bytes  # an encoded picture; the colours [H, W, 3] of one that is to be converted
    profile: bytes = b""  # what the colours are converted from or to
    least: int = 0  # pixels that each side of a view keeps


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a decoder process found."""

    pixels: Pixels  # read-only; a mask's rows are bits
    profile: bytes
    full: tuple[int, int]  # width and height of the picture as displayed


class Decoder:
    """One decoder process; the operating system bounds its memory and its processor time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both are piped
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._sink, self._source = process.stdin, process.stdout
        self._busy = False

    @classmethod
    async def start(cls, limits: ImageLimits) -> Self:
        """Start a process.

        Raises:
            DecoderUnavailable: It does not start.

        """
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
            raise DecoderUnavailable("could not be decoded now", hint="try again later") from None
        return cls(process)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        # The event loop hears of an end a moment after it; the kernel knows at once.
        try:
            ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # the loop has collected it already
            return False
        return ended is None

    @property
    def at_rest(self) -> bool:
        """Whether it runs and owes no answer."""
        return self.alive and not self._busy

    async def exchange(self, question: Question, seconds: float) -> Answer:
        """Ask, and return the answer.

        Raises:
            InvalidImage: The picture is refused.
            DecoderUnavailable: The process ended, and not by the picture, or did not answer in time.

        """
        self._busy = True
        try:
            async with asyncio.timeout(seconds):
                answer = await self._ask(question)
        except TimeoutError:
            # What a picture may cost is bounded in processor time; this process did not get any, or hangs.
            raise DecoderUnavailable(
                f"was not decoded within {seconds:g} s", hint="try again later, or send a smaller picture"
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._cause_of_death() from None
        self._busy = False
        if isinstance(answer, MediaError):
            raise answer
        return answer

    async def _ask(self, question: Question) -> Answer | InvalidImage:
        header, profile, data = question.header, question.profile, question.data
        sizes = header.width, header.height, question.least, len(profile), len(data)
        self._sink.write(_worker.REQUEST.pack(question.purpose, *sizes) + profile)
        self._sink.write(data)
        await self._sink.drain()
        answer = await self._source.readexactly(_worker.ANSWER.size)
        outcome, height, width, channels, turned, of_profile = _worker.ANSWER.unpack(answer)
        if outcome != _worker.DECODED:
            message, hint = _REFUSALS[outcome]
            return InvalidImage(message.format(value=height), hint=hint)
        full = (header.height, header.width) if turned else (header.width, header.height)
        reduced = question.purpose == _worker.VIEW and width <= full[0] and height <= full[1]
        if (width, height) != full and not reduced:
            message, hint = _REFUSALS[_worker.DAMAGED]
            raise InvalidImage(message, hint=hint)  # raised, so that this process is not used again
        found = await self._source.readexactly(of_profile)
        columns = -(-width // 8) if question.purpose == _worker.MASK else width  # a mask has a bit a pixel
        pixels = np.empty((height, columns, channels), np.uint8)
        await self._fill(pixels.reshape(-1))
        pixels.flags.writeable = False
        return Answer(pixels, found, full)

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
            return InvalidImage("could not be decoded within its limits", hint="export the picture anew")
        return DecoderUnavailable("could not be decoded now", hint="try again later")

    async def end(self) -> None:
        """End the process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        # Reading to the end lets asyncio close the pipe; without it, the transport would outlive the loop.
        self._sink.close()
        await self._process.wait()
