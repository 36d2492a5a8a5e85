"""Instructions as CLIP tokens, and which of them carry the content of an edit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import torch
from transformers import CLIPTokenizer

from langdesign_diffusion.errors import InvalidParameters

Span = tuple[int, int]

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One text for the whole edit, and the tokens that matter to each region."""

    ids: torch.Tensor  # [1, 77] int64
    words: torch.Tensor  # [R, 77] bool, the content words of each region's instruction
    end: int  # position of the first end-of-text token

    def effective(self) -> torch.Tensor:
        """Return `[R, 77]` bool: each region's content words and the first end-of-text token."""
        effective = self.words.clone()
        effective[:, self.end] = True
        return effective


@cache
def stop_words() -> frozenset[str]:
    """Return the words that carry no content, from `data/stop_words.txt`."""
    text = resources.files("langdesign_diffusion").joinpath("data/stop_words.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def compose(instruction: str, regions: Sequence[str | None]) -> tuple[str, tuple[Span, ...]]:
    """Join the edit's instruction and the regions' own into one text.

    A region's instruction that the text already contains is found there, another is appended.

    Returns:
        The text, and per region the span of characters of its instruction.

    """
    text = instruction.strip()
    whole = (0, len(text))
    spans: list[Span] = []
    for own in regions:
        if own is None:
            spans.append(whole)
            continue
        part = own.strip()
        found = re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text, re.IGNORECASE)  # whole words only
        if found:
            spans.append(found.span())
            continue
        text = f"{text}, {part}" if text else part
        spans.append((len(text) - len(part), len(text)))
    return text, tuple(spans)


def encode_prompt(tokenizer: CLIPTokenizer, instruction: str, regions: Sequence[str | None]) -> Prompt:
    """Tokenise an instruction and its regions' own instructions (None: the whole one).

    Raises:
        InvalidParameters: if the text is longer than the text encoder's context.

    """
    text, spans = compose(instruction, regions)
    length = tokenizer.model_max_length
    ids, offsets = tokenise(tokenizer, text)
    if len(ids) > length:
        over = f"has {len(ids) - 2} tokens with its regions' instructions; at most {length - 2} fit"
        raise InvalidParameters("instruction", f"{over}: shorten it, or make fewer edits at once")
    words = torch.zeros(len(spans), length, dtype=torch.bool)
    for position in range(1, len(ids) - 1):
        if _carries_content(text, offsets[position]):
            for region, (start, end) in enumerate(spans):
                words[region, position] = start <= offsets[position][0] and offsets[position][1] <= end
    return Prompt(ids=pad_ids(tokenizer, ids), words=words, end=len(ids) - 1)


def tokenise(tokenizer: CLIPTokenizer, text: str) -> tuple[list[int], list[Span]]:
    """Return the ids of a text, start and end included, and the span of characters of each.

    The text is data: the name of a special token in it is spelt out, and ends nothing.
    """
    encoded = tokenizer(text, return_offsets_mapping=True, split_special_tokens=True, verbose=False)
    return list(encoded["input_ids"]), list(encoded["offset_mapping"])


def pad_ids(tokenizer: CLIPTokenizer, ids: Sequence[int]) -> torch.Tensor:
    """Pad token ids to the context length, `[1, 77]`."""
    padding = [tokenizer.pad_token_id] * (tokenizer.model_max_length - len(ids))
    return torch.tensor([[*ids, *padding]], dtype=torch.int64)


def word_spans(text: str) -> list[Span]:
    """Return the spans of characters of the words of a text."""
    return [match.span() for match in _WORD.finditer(text)]


def _carries_content(text: str, offset: Span) -> bool:
    """Tell whether a token, at these characters, is part of a word that is no stop word."""
    for start, end in word_spans(text):
        if start < offset[1] and offset[0] < end:
            return text[start:end].lower() not in stop_words()
    return False
