"""From a picture and expressions to masks, verdicts and scores."""

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from langdesign_edits import Mask, Segment, Verdict, coverage
from langdesign_edits.edges import LARGEST_GUIDE, follow_edges, guide_of, scaled, shown
from langdesign_edits.focus import bands
from langdesign_edits.heads import names_unknown
from langdesign_edits.verdicts import Thresholds
from langdesign_media import View
from numpy.typing import NDArray
from PIL import Image

from langdesign_segmentation.network import Answer

_LEAST = 1e-6  # probability; nearer to 0 and 1, float32 tells no odds


class Network(Protocol):
    """Anything that segments: see `langdesign_segmentation.network.TritonNetwork`."""

    async def segment(self, pixels: NDArray[np.uint8], expressions: Sequence[str]) -> Answer:
        """Segment every expression on ``[H, W, 3]`` RGB pixels, in one batch."""
        ...


class Segmenter:
    """Segments pictures of any size with bounded memory.

    Args:
        network: What segments.
        working: Side of the square that the network sees, pixels; None where that is unknown. Then masks
            do not follow the picture's edges.
        max_side: Pixels along the longer side that a network of unknown size is given.
        batch_bytes: Bytes of probabilities that one call may ask for.

    """

    def __init__(self, network: Network, working: int | None, *, max_side: int, batch_bytes: int) -> None:
        self._network = network
        self._working = working
        self._max_side = max_side
        self._batch_bytes = batch_bytes

    @property
    def least(self) -> int:
        """Pixels that both sides of a view keep, so that scaling it further shows what the whole would."""
        return self._max_side if self._working is None else LARGEST_GUIDE * self._working

    async def segment(
        self, view: View, expressions: Sequence[str], thresholds: Thresholds
    ) -> AsyncGenerator[Segment, None]:
        """Segment every distinct expression on a picture: yield each once, at the picture's size.

        One by one, since the masks of many on a large picture are larger than the memory.

        Raises:
            NetworkError: the network gave no answer.

        """
        size = view.width, view.height
        reduced = await asyncio.to_thread(self._seen, view)
        guide = await asyncio.to_thread(self._guide, view)
        for batch in self._batches(list(dict.fromkeys(expressions)), reduced):
            answer = await self._network.segment(reduced, batch)
            for place in range(len(batch)):
                said = _Said(batch, answer, place)
                yield await asyncio.to_thread(_segment, said, guide, size, thresholds)

    def _seen(self, view: View) -> NDArray[np.uint8]:
        """Return what is sent to the network."""
        height, width, pixels = view.height, view.width, view.pixels
        if self._working is None:
            scale = min(1.0, self._max_side / max(height, width))
            return scaled(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))
        return shown(pixels, self._working)

    def _guide(self, view: View) -> NDArray[np.uint8] | None:
        """Return the picture whose edges masks follow, if any."""
        return None if self._working is None else guide_of(view.pixels, self._working)

    def _batches(self, expressions: list[str], pixels: NDArray[np.uint8]) -> Iterator[list[str]]:
        each = 4 * pixels.shape[0] * pixels.shape[1]
        count = max(1, self._batch_bytes // each)
        for start in range(0, len(expressions), count):
            yield expressions[start : start + count]


class _Said(NamedTuple):
    """What the network says of one expression of a batch."""

    batch: list[str]
    answer: Answer
    place: int

    @property
    def expression(self) -> str:
        return self.batch[self.place]

    @property
    def probability(self) -> NDArray[np.float32]:
        probability: NDArray[np.float32] = self.answer.probability[self.place]
        return probability

    @property
    def no_target(self) -> float:
        return min(max(float(self.answer.no_target[self.place]), 0.0), 1.0)

    @property
    def unknown_words(self) -> tuple[str, ...]:
        return self.answer.unknown[self.place]


def _segment(
    said: _Said, guide: NDArray[np.uint8] | None, size: tuple[int, int], thresholds: Thresholds
) -> Segment:
    """Return the segment of one expression; what is unknown, or surely absent, has no mask."""
    mask, score = np.zeros(size[::-1], np.bool_), 0.0
    if names_unknown(said.expression, said.unknown_words):
        verdict = Verdict.UNKNOWN_WORD
    elif said.no_target >= thresholds.no_target_threshold:
        verdict = Verdict.NO_TARGET
    else:
        followed = said.probability if guide is None else follow_edges(said.probability, guide)
        score = _fill(mask, followed, thresholds.mask_threshold)
        verdict = thresholds.verdict(said.no_target, coverage(mask))
    truncated = bool(said.answer.truncated[said.place])
    return Segment(said.expression, mask, said.no_target, score, truncated, verdict, said.unknown_words)


def _fill(mask: Mask, probability: NDArray[np.float32], threshold: float) -> float:
    """Mark where a probability, at the mask's size, reaches a threshold; return its mean there, or 0."""
    if probability.shape == mask.shape:
        np.greater_equal(probability, threshold, out=mask)
        total = float(probability[mask].sum(dtype=np.float64))
    else:
        total = _fill_enlarged(mask, probability, threshold)
    return min(max(total / max(1, int(np.count_nonzero(mask))), 0.0), 1.0)


def _fill_enlarged(mask: Mask, probability: NDArray[np.float32], threshold: float) -> float:
    """Mark where an enlarged probability reaches a threshold; return its sum there.

    Interpolated as log odds, as the network does it, and band by band, so that the memory of a large picture
    is that of its mask, at a byte a pixel.
    """
    rows, width = mask.shape
    likely = np.clip(probability, _LEAST, 1 - _LEAST)
    odds, limit = Image.fromarray(np.log(likely / (1 - likely))), math.log(threshold / (1 - threshold))
    total = 0.0
    for first, last in bands(rows, width):
        box = (0, first * odds.height / rows, odds.width, last * odds.height / rows)
        part = np.asarray(odds.resize((width, last - first), Image.Resampling.BILINEAR, box=box))
        inside = np.greater_equal(part, limit, out=mask[first:last])
        total += float((1 / (1 + np.exp(-part[inside]))).sum(dtype=np.float64))
    return total
