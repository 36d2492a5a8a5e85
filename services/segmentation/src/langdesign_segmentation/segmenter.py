"""From a picture and expressions to masks, verdicts and scores."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from langdesign_edits import Segment
from numpy.typing import NDArray
from PIL import Image

from langdesign_segmentation.network import Answer
from langdesign_segmentation.thresholds import Thresholds


class Network(Protocol):
    """Anything that segments: see `langdesign_segmentation.network.TritonNetwork`."""

    async def segment(self, pixels: NDArray[np.uint8], expressions: Sequence[str]) -> Answer:
        """Segment every expression on ``[H, W, 3]`` RGB pixels, in one batch."""
        ...


class Segmenter:
    """Segments pictures of any size with bounded memory.

    Args:
        network: What segments.
        max_side: Pixels along the longer side that the network is given; its input is far smaller anyway.
        batch_bytes: Bytes of probabilities that one call may ask for.

    """

    def __init__(self, network: Network, *, max_side: int, batch_bytes: int) -> None:
        self._network = network
        self._max_side = max_side
        self._batch_bytes = batch_bytes

    async def segment(
        self, pixels: NDArray[np.uint8], expressions: Sequence[str], thresholds: Thresholds
    ) -> list[Segment]:
        """Segment every expression on ``[H, W, 3]`` RGB pixels; the segments stand in their order.

        Equal expressions are asked once.

        Raises:
            NetworkError: the network gave no answer.

        """
        size = pixels.shape[1], pixels.shape[0]
        reduced = await asyncio.to_thread(_reduce, pixels, self._max_side)
        found: dict[str, Segment] = {}
        for batch in self._batches(list(dict.fromkeys(expressions)), reduced):
            answer = await self._network.segment(reduced, batch)
            segments = await asyncio.to_thread(_segments, batch, answer, size, thresholds)
            found.update(zip(batch, segments, strict=True))
        return [found[expression] for expression in expressions]

    def _batches(self, expressions: list[str], pixels: NDArray[np.uint8]) -> Iterator[list[str]]:
        each = 4 * pixels.shape[0] * pixels.shape[1]
        count = max(1, self._batch_bytes // each)
        for start in range(0, len(expressions), count):
            yield expressions[start : start + count]


def _reduce(pixels: NDArray[np.uint8], max_side: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def _segments(
    expressions: Sequence[str], answer: Answer, size: tuple[int, int], thresholds: Thresholds
) -> list[Segment]:
    rows = zip(expressions, answer.probability, answer.no_target, answer.truncated, strict=True)
    return [
        _segment(text, _enlarge(probability, size), float(none), bool(cut), thresholds)
        for text, probability, none, cut in rows
    ]


def _enlarge(probability: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    if probability.shape == (size[1], size[0]):
        return probability
    return np.asarray(Image.fromarray(probability).resize(size, Image.Resampling.BILINEAR), np.float32)


def _segment(
    expression: str,
    probability: NDArray[np.float32],
    no_target: float,
    truncated: bool,
    thresholds: Thresholds,
) -> Segment:
    nothing = no_target >= thresholds.no_target_threshold
    mask = np.zeros(probability.shape, np.bool_) if nothing else probability >= thresholds.mask_threshold
    score = float(np.clip(probability[mask].mean(dtype=np.float64), 0, 1)) if mask.any() else 0.0
    none = min(max(no_target, 0.0), 1.0)
    return Segment(expression, mask, none, nothing, score, truncated)
