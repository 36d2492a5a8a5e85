"""CLIP and DINO features of pictures and texts, from local model folders of any size."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from transformers import CLIPModel, CLIPTokenizer, Dinov2Model

from .errors import ModelError
from .metrics import Mask, Pixels
from .provenance import identity

Features = NDArray[np.float32]
Key = TypeVar("Key")
Value = TypeVar("Value")

_CLIP_MEAN, _CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_DINO_SIZE = 224  # at which DINOv2 is used, though its positions are stored for 518


class PictureFeatures(ABC):
    """Features of pictures, each picture's computed once by its content.

    Args:
        folder: a transformers folder with safetensors; its `preprocessor_config.json`, if any, is heeded.
        device: where to run.
        batch: pictures of one pass.

    Raises:
        ModelError: the folder is missing or holds another kind of model.

    """

    _kind: Any
    _mean: Sequence[float]
    _std: Sequence[float]

    def __init__(self, folder: Path, device: str | torch.device = "cpu", batch: int = 32) -> None:
        self.identity = identity(_existing(folder))
        self._device, self._batch = torch.device(device), batch
        self._model = _load(self._kind, folder).to(self._device).eval()
        self._cache: dict[bytes, Features] = {}
        self._read_preprocessing(folder)

    def images(self, pictures: Sequence[Pixels]) -> Features:
        """Return features [N, D] of length 1 for N >= 1 pictures, RGB uint8 [H, W, 3] of any sizes."""
        keys = [_content(picture) for picture in pictures]
        missing = {
            key: picture for key, picture in zip(keys, pictures, strict=True) if key not in self._cache
        }
        _fill(self._cache, missing, self._batch, self._pass)
        return np.stack([self._cache[key] for key in keys])

    def forget(self) -> None:
        """Drop all features kept; then they do not depend, in their last digits, on what was asked before."""
        self._cache.clear()

    @torch.inference_mode()
    def _pass(self, pictures: Sequence[Pixels]) -> Features:
        pixels = torch.stack([self._prepared(picture) for picture in pictures])
        return _normalised(self._embed(pixels.to(self._device)))

    def _prepared(self, picture: Pixels) -> Tensor:
        """Fit to the model's size and normalise: float32 [3, size, size]."""
        colours = np.asarray(self._fitted(Image.fromarray(picture)), np.float32) / 255.0
        scaled = (colours - np.array(self._mean, np.float32)) / np.array(self._std, np.float32)
        return torch.from_numpy(scaled).permute(2, 0, 1)

    def _fitted(self, image: Image.Image) -> Image.Image:
        """Scale the shorter side to the model's and crop the middle."""
        size = self._size
        scale = size / min(image.size)
        wide, high = (max(round(side * scale), size) for side in image.size)
        image = image.resize((wide, high), Image.Resampling.BICUBIC)
        left, top = (wide - size) // 2, (high - size) // 2
        return image.crop((left, top, left + size, top + size))

    def _read_preprocessing(self, folder: Path) -> None:
        path = folder / "preprocessor_config.json"
        settings = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        asked = _side(settings.get("crop_size") or settings.get("size"), self._default_size())
        self._size = self._seen_whole(asked)
        self._mean = settings.get("image_mean", self._mean)
        self._std = settings.get("image_std", self._std)

    @abstractmethod
    def _default_size(self) -> int:
        """Return the side of the pictures that the model takes."""

    def _seen_whole(self, size: int) -> int:
        """Return the nearest side that the model sees to its edges."""
        return size

    @abstractmethod
    def _embed(self, pixels: Tensor) -> Tensor:
        """Return features [N, D] of normalised pixels [N, 3, size, size]."""


_PROBES = ("a red chair", "a painting of the sea at night")
"""Texts that no text encoder may take for one."""


class Clip(PictureFeatures):
    """Contrastive features of pictures and texts in one space (Radford et al., arXiv:2103.00020)."""

    _kind = CLIPModel
    _mean, _std = _CLIP_MEAN, _CLIP_STD

    def __init__(self, folder: Path, device: str | torch.device = "cpu", batch: int = 32) -> None:
        super().__init__(folder, device, batch)
        self._tokenizer = _tokenizer(folder)
        self._texts: dict[str, Features] = {}
        self._check_texts(folder)

    def _check_texts(self, folder: Path) -> None:
        """Refuse a text encoder that pools a token which no text has: it gives all texts one feature.

        CLIP pools the text at its end token; where the settings name another, transformers takes the first
        token of every text, and no metric would complain.
        """
        settings = self._model.config.text_config
        end, size = settings.eos_token_id, settings.vocab_size
        hint = "set eos_token_id in its config.json's text_config to the tokenizer's end token"
        if end is None or not 0 <= end < size:
            raise ModelError(f"{folder} has a vocabulary of {size} tokens, but eos_token_id {end}; {hint}")
        one, other = self._text_pass(_PROBES)
        if np.allclose(one, other, atol=1e-6):
            raise ModelError(f"{folder} gives different texts one feature; {hint}")

    def texts(self, texts: Sequence[str]) -> Features:
        """Return features [N, D] of length 1 for N >= 1 texts; what exceeds the model's tokens is cut."""
        missing = {text: text for text in texts if text not in self._texts}
        _fill(self._texts, missing, self._batch, self._text_pass)
        return np.stack([self._texts[text] for text in texts])

    def forget(self) -> None:
        """Drop all features kept, of texts too."""
        super().forget()
        self._texts.clear()

    @torch.inference_mode()
    def _text_pass(self, texts: Sequence[str]) -> Features:
        length = self._model.config.text_config.max_position_embeddings
        tokens = self._tokenizer(
            list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="pt"
        )
        return _normalised(self._model.get_text_features(**tokens.to(self._device)).pooler_output)

    def _default_size(self) -> int:
        return int(self._model.config.vision_config.image_size)

    def _embed(self, pixels: Tensor) -> Tensor:
        features: Tensor = self._model.get_image_features(pixel_values=pixels).pooler_output
        return features


class Dino(PictureFeatures):
    """Class features of DINOv2 (Oquab et al., arXiv:2304.07193)."""

    _kind = Dinov2Model
    _mean, _std = _IMAGENET_MEAN, _IMAGENET_STD

    @torch.inference_mode()
    def patches(self, pictures: Sequence[Pixels]) -> Features:
        """Return patch features [N, P, D] of length 1 for N >= 1 pictures, row by row; none are kept."""
        parts = [
            self._patch_pass(pictures[start : start + self._batch])
            for start in range(0, len(pictures), self._batch)
        ]
        return np.concatenate(parts)

    def _patch_pass(self, pictures: Sequence[Pixels]) -> Features:
        pixels = torch.stack([self._prepared(picture) for picture in pictures])
        return _normalised(self._model(pixel_values=pixels.to(self._device)).last_hidden_state[:, 1:])

    def patch_shares(self, mask: Mask) -> Features:
        """Return the share of each patch [P] that a mask [H, W] of a picture covers, 0..1."""
        side, patch = self._size, self._model.config.patch_size
        fitted = np.asarray(self._fitted(Image.fromarray(mask.astype(np.uint8) * 255)), np.float32) / 255.0
        count = side // patch
        cells = fitted[: count * patch, : count * patch].reshape(count, patch, count, patch)
        shares: Features = cells.mean(axis=(1, 3)).ravel()
        return shares

    def _default_size(self) -> int:
        return int(min(self._model.config.image_size, _DINO_SIZE))

    def _seen_whole(self, size: int) -> int:
        """Return a side of whole patches: what is left over DINOv2 would not look at."""
        patch = int(self._model.config.patch_size)
        return max(size // patch, 1) * patch

    def _embed(self, pixels: Tensor) -> Tensor:
        features: Tensor = self._model(pixel_values=pixels).pooler_output
        return features


def _existing(folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder} holds no model; make the mini family with `make mini`, or name another folder"
        )
    return folder


def _load(kind: Any, folder: Path) -> Any:
    try:
        model, report = kind.from_pretrained(
            folder,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{folder} cannot be read as {kind.__name__}: {error}") from error
    missing = [key for key in report["missing_keys"] if not key.endswith("position_ids")]
    if missing:
        raise ModelError(
            f"{folder} lacks {len(missing)} weights of {kind.__name__}, such as {missing[0]}; fetch it again"
        )
    return model


def _tokenizer(folder: Path) -> Any:
    """Load the tokenizer from `tokenizer/` or from beside the weights; it must have files."""
    inside = folder / "tokenizer"
    place = inside if inside.is_dir() else folder
    if not any((place / name).is_file() for name in ("tokenizer.json", "vocab.json")):
        raise ModelError(f"{folder} holds no tokenizer; put CLIP's tokenizer.json beside its weights")
    return CLIPTokenizer.from_pretrained(place, local_files_only=True)


def _side(setting: Any, default: int) -> int:
    if isinstance(setting, dict):
        return int(setting.get("shortest_edge") or setting.get("height") or default)
    return int(setting or default)


def _fill(
    cache: dict[Key, Features],
    missing: dict[Key, Value],
    batch: int,
    run: Callable[[Sequence[Value]], Features],
) -> None:
    keys = list(missing)
    for start in range(0, len(keys), batch):
        part = keys[start : start + batch]
        cache.update(zip(part, run([missing[key] for key in part]), strict=True))


def _normalised(features: Tensor) -> Features:
    unit = torch.nn.functional.normalize(features.float(), dim=-1)
    result: Features = unit.cpu().numpy()
    return result


def _content(picture: Pixels) -> bytes:
    digest = hashlib.sha256(repr(picture.shape).encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.digest()
