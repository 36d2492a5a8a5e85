"""From an image and expressions to masks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from .checkpoint import VOCABULARY, load_checkpoint
from .config import RelaConfig, SwinConfig
from .errors import CheckpointError, InvalidInput
from .model import Rela
from .region_decoder import RelaOutput
from .tokenizer import ExpressionTokenizer
from .words import read_words

Pixels = NDArray[np.uint8]
_CPU_BYTES = 32 * 2**20  # of a chunk's mask features; see `default_rows`


@dataclass(frozen=True, eq=False)
class Request:
    """One image and what is looked for in it."""

    image: Pixels  # RGB [H, W, 3]
    expressions: Sequence[str]  # N >= 1


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What the network says about N expressions on one image.

    The probabilities are the softmax of the two logits, as they were trained; the published code reports a
    sigmoid of each logit, whose argmax is the same as `masks()` wherever the two logits differ.
    """

    probability: NDArray[np.float32]  # that a pixel belongs to what is meant, 0..1 [N, H, W]
    no_target: NDArray[np.float32]  # that the image holds nothing that is meant, 0..1 [N]
    truncated: NDArray[np.bool_]  # whether the expression was longer than the network reads [N]
    unknown: tuple[
        tuple[str, ...], ...
    ] = ()  # of each expression the words that the network does not know [N]

    def masks(self, threshold: float = 0.5) -> NDArray[np.bool_]:
        """Return bool [N, H, W]: where the probability is at least `threshold` (0..1): `>=`, not `>`."""
        return self.probability >= threshold


class Predictor:
    """Segments expressions on images of any size.

    Args:
        model: the network; it is put on `device`, in `dtype` and in evaluation mode.
        tokenizer: the tokenizer of its checkpoint.
        device: where to run.
        dtype: fp32 or bf16.
        max_expressions: expressions of one pass; more are run in several passes, which bounds the memory.
        compiled: whether to run through `torch.compile` (the first call of each shape takes longer).
        rows: expressions of a pass that go through the network at once, >= 1, once their words are encoded
            and what they share is computed; None for `default_rows`. Results are equal up to rounding.

    """

    def __init__(
        self,
        model: Rela,
        tokenizer: ExpressionTokenizer,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        max_expressions: int = 16,
        compiled: bool = False,
        rows: int | None = None,
    ) -> None:
        model = model.to(device=device, dtype=dtype).eval()
        # Each part is compiled by itself, so that what is compiled does not grow with the number of chunks.
        self._encode_words = torch.compile(model.encode_words) if compiled else model.encode_words
        self._look = torch.compile(model.look) if compiled else model.look
        self._refer = torch.compile(model.refer) if compiled else model.refer
        self._tokenizer = tokenizer
        self._device = torch.device(device)
        self._size = model.config.image_size
        self._rows = default_rows(model.config, self._device, dtype) if rows is None else rows
        self._max_expressions = max_expressions

    @property
    def working(self) -> int:
        """Side of the square that the network sees, pixels."""
        return self._size

    @classmethod
    def from_folder(
        cls,
        path: str | Path,
        device: str | torch.device = "cpu",
        dtype: torch.dtype = torch.float32,
        max_expressions: int = 16,
        compiled: bool = False,
        rows: int | None = None,
    ) -> Predictor:
        """Load a checkpoint folder (`config.json`, `model.safetensors`, `vocab.txt`, perhaps `words.txt`).

        Raises:
            CheckpointError: a file is missing, unreadable, or does not fit the others.

        """
        model = load_checkpoint(path)
        text = model.config.text
        tokenizer = ExpressionTokenizer(Path(path) / VOCABULARY, text.max_tokens, read_words(Path(path)))
        if tokenizer.vocabulary_size != text.vocab_size:
            raise CheckpointError(
                f"{VOCABULARY} holds {tokenizer.vocabulary_size} word pieces, the network {text.vocab_size}; "
                "put the vocabulary that it was trained with there"
            )
        return cls(model, tokenizer, device, dtype, max_expressions, compiled, rows)

    def predict(self, image: Pixels, expressions: Sequence[str]) -> Segmentation:
        """Segment N expressions on one image.

        Args:
            image: RGB uint8 [H, W, 3] of any size; it is resized to the network's square as in the original.
            expressions: N >= 1, in words; beyond the network's length (20 word pieces) they are cut.

        Raises:
            InvalidInput: the image has another type or shape, or an expression holds no word.

        """
        return self.predict_many([Request(image, expressions)])[0]

    def predict_many(self, requests: Sequence[Request]) -> list[Segmentation]:
        """Segment several requests, whose images may differ in size, in one batch.

        Raises:
            InvalidInput: as in `predict`, for any of them; then none is segmented.

        """
        images = torch.stack([_resized(request.image, self._size) for request in requests])
        tokens = self._tokenizer.encode([text for request in requests for text in request.expressions])
        counts = [len(request.expressions) for request in requests]
        if 0 in counts:
            raise InvalidInput(f"Request {counts.index(0)} has no expression; give at least one")
        image_of = torch.repeat_interleave(torch.tensor(counts))
        parts = [
            self._pass(images, tokens.ids[chunk], tokens.mask[chunk], image_of[chunk])
            for chunk in _chunks(len(image_of), self._max_expressions)
        ]
        logits, no_target = (torch.split(torch.cat(column), counts) for column in zip(*parts, strict=True))
        truncated = torch.split(torch.tensor(tokens.truncated), counts)
        return [
            Segmentation(
                _probability(logit, *request.image.shape[:2]),
                none.numpy(),
                cut.numpy(),
                tuple(self._tokenizer.read(text).unknown for text in request.expressions),
            )
            for logit, none, cut, request in zip(logits, no_target, truncated, requests, strict=True)
        ]

    @torch.inference_mode()
    def _pass(self, images: Tensor, ids: Tensor, mask: Tensor, image_of: Tensor) -> tuple[Tensor, Tensor]:
        """Return mask logits at the network's size [N, S, S] and no-target probabilities [N], on the CPU."""
        needed, image_of = torch.unique(image_of, return_inverse=True)
        images, ids, mask, image_of = (x.to(self._device) for x in (images[needed], ids, mask, image_of))
        looked = [self._look(images[chunk]) for chunk in _chunks(len(images), self._rows)]
        words = self._encode_words(ids, mask)
        out = self._refer_in_chunks(
            [torch.cat(maps) for maps in zip(*looked, strict=True)], words, mask, image_of
        )
        logit = (out.masks[:, 1:] - out.masks[:, :1]).float()
        size = (self._size, self._size)
        logit = functional.interpolate(logit, size=size, mode="bilinear", align_corners=False)
        return logit[:, 0].cpu(), out.no_target.float().softmax(dim=1)[:, 1].cpu()

    def _refer_in_chunks(
        self, looked: list[Tensor], words: Tensor, mask: Tensor, image_of: Tensor
    ) -> RelaOutput:
        outputs = [
            self._refer(looked, words[chunk], mask[chunk], image_of[chunk])
            for chunk in _chunks(len(words), self._rows)
        ]
        return RelaOutput(*(torch.cat(column) for column in zip(*outputs, strict=True)))


def default_rows(config: RelaConfig, device: torch.device, dtype: torch.dtype) -> int:
    """Return how many expressions go through a network at once.

    On an accelerator, all of a pass. On a CPU as many as keep their mask features within 32 MiB, which at
    Swin-T are two and at the mini size all: larger batches save a little arithmetic, and lose more to the
    allocator, for glibc maps and clears larger tensors anew each time. With a ResNet all, as only the region
    decoder, which is small, runs for each.
    """
    if device.type != "cpu" or not isinstance(config.backbone, SwinConfig):
        return sys.maxsize
    side = config.image_size // 4
    return max(1, _CPU_BYTES // (config.hidden * side**2 * dtype.itemsize))


def _resized(image: Pixels, size: int) -> Tensor:
    """Resize RGB uint8 [H, W, 3] to uint8 [3, size, size], with Pillow's filter, as the original does."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise InvalidInput(
            f"The image is {image.dtype} {list(image.shape)}; give RGB as uint8 [height, width, 3], not empty"
        )
    resized = Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(resized)).permute(2, 0, 1)


def _probability(logits: Tensor, height: int, width: int) -> NDArray[np.float32]:
    """Resize logits [N, S, S] to the image and map them to probabilities."""
    if logits.shape[1:] != (height, width):
        logits = functional.interpolate(
            logits[:, None], size=(height, width), mode="bilinear", align_corners=False, antialias=True
        )[:, 0]
    return logits.sigmoid().numpy()


def _chunks(count: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]
