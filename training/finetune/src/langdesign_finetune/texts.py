"""The family's words: one CLIP tokenizer, trained on what the rendered set and the project's corpus say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path

import torch
from langdesign_diffusion.checkpoint import load_tokenizer
from langdesign_diffusion.random_weights import make_tokenizer
from langdesign_scenes.dataset import Family
from torch import Tensor
from transformers import CLIPTokenizer

from .pictures import Pictures, mirrored


def family_texts(family: Family) -> Iterator[str]:
    """Yield all that a family says: captions, instructions and expressions."""
    for state in family.states:
        yield state.caption
    for edit in family.edits:
        yield from (edit.instruction, edit.caption_before, edit.caption_after)
    for expression in family.expressions:
        yield expression.text


def corpus(pictures: Pictures) -> Iterator[str]:
    """Yield each text of the training split once, mirrored too, and the lines that the project carries."""
    places = pictures.places("train")
    said = (text for place in places for text in family_texts(pictures.families[place]))
    once = dict.fromkeys(text for one in said for text in (one, mirrored(one)))
    yield from once
    lines = resources.files("langdesign_diffusion").joinpath("data/tokenizer_corpus.txt")
    yield from lines.read_text("utf-8").splitlines()


def kept_tokenizer(folder: Path, pictures: Pictures, vocabulary: int) -> CLIPTokenizer:
    """Return the tokenizer that a training began with; at its start, train one and keep it in `folder`.

    A set that grew would give another, in whose numbering what is learned would mean nothing.
    """
    if not (folder / "tokenizer_config.json").is_file():
        make_tokenizer(corpus(pictures), vocabulary=vocabulary).save_pretrained(folder)
    return load_tokenizer(folder)


class Encoder:
    """Texts to token numbers, each text once.

    Args:
        tokenizer: CLIP's.
        device: where the numbers go.
        rows: what the rows are padded to a multiple of, with empty texts.
        columns: what the columns are padded to a multiple of. On the CPU every new shape costs compiling its
            kernels, which are kept, so shapes that seldom repeat cost time and gigabytes.

    """

    def __init__(
        self, tokenizer: CLIPTokenizer, device: torch.device | str = "cpu", rows: int = 1, columns: int = 1
    ) -> None:
        self._tokenizer, self._device, self._rows, self._columns = tokenizer, device, rows, columns
        self._known: dict[str, list[int]] = {}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Encode N >= 1 texts: int64 [N, T], padded to the longest or more, with start and end tokens."""
        self._learn(texts)
        longest = min(
            _multiple(max(len(self._known[text]) for text in texts), self._columns),
            self._tokenizer.model_max_length,
        )
        shape = (_multiple(len(texts), self._rows), longest)
        rows = torch.full(shape, self._tokenizer.pad_token_id, dtype=torch.int64)
        for row, text in enumerate(texts):
            numbers = self._known[text]
            rows[row, : len(numbers)] = torch.tensor(numbers)
        return rows.to(self._device)

    def _learn(self, texts: Iterable[str]) -> None:
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            ids = self._tokenizer(missing, truncation=True)["input_ids"]
            self._known.update(zip(missing, ids, strict=True))


def _multiple(count: int, of: int) -> int:
    return -(-count // of) * of
