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
CLOSED_VOCABULARY = 16_384
"""Tokens below which a vocabulary is taken for one of the training texts alone; CLIP's has 49,408."""

_ENDS = 2  # the start and the end of a text are tokens too


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text as tokens, and which of them carry its content."""

    ids: torch.Tensor  # [1, 77] int64
    words: torch.Tensor  # [77] bool, the content words
    end: int  # position of the first end-of-text token

    def effective(self) -> torch.Tensor:
        """Return `[77]` bool: the content words and the first end-of-text token."""
        effective = self.words.clone()
        effective[self.end] = True
        return effective


@dataclass(frozen=True, slots=True)
class CheckedInstruction:
    """What can be said of an instruction before any work."""

    field: str  # where it stands in the parameters
    tokens: int  # of the text; its start and end do not count
    token_limit: int  # the most that fit
    unknown_words: tuple[str, ...]  # as written, each once; see `unknown_words`


@cache
def stop_words() -> frozenset[str]:
    """Return the words that carry no content, from `data/stop_words.txt`."""
    text = resources.files("langdesign_diffusion").joinpath("data/stop_words.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def encode_prompt(tokenizer: CLIPTokenizer, text: str, field: str = "instruction") -> Prompt:
    """Tokenise a text.

    Raises:
        InvalidParameters: of `field`, if the text is longer than the text encoder's context.

    """
    ids, offsets = tokenise(tokenizer, text)
    _check_length(len(ids) - _ENDS, token_limit(tokenizer), field)
    words = torch.zeros(tokenizer.model_max_length, dtype=torch.bool)
    for position in range(1, len(ids) - 1):
        words[position] = _carries_content(text, offsets[position])
    return Prompt(ids=pad_ids(tokenizer, ids), words=words, end=len(ids) - 1)


def check_instruction(tokenizer: CLIPTokenizer, text: str, field: str) -> CheckedInstruction:
    """Count the tokens of an instruction and find the words that the network cannot know.

    Raises:
        InvalidParameters: of `field`, if it is longer than the text encoder's context.

    """
    tokens, limit = len(tokenise(tokenizer, text)[0]) - _ENDS, token_limit(tokenizer)
    _check_length(tokens, limit, field)
    return CheckedInstruction(field, tokens, limit, unknown_words(tokenizer, text))


def unknown_words(tokenizer: CLIPTokenizer, text: str) -> tuple[str, ...]:
    """Return the words of a text that a network with this tokenizer cannot know, each once.

    Those are words with the unknown token. Of a closed vocabulary, as the embedded family's, they are words
    in pieces too: there every word of the texts that the network was trained on is a token. A vocabulary of a
    language at large spells most words, and its network has met them so.
    """
    ids, offsets = tokenise(tokenizer, text)
    closed = len(tokenizer) < CLOSED_VOCABULARY
    unknown: dict[str, None] = {}
    for start, end in word_spans(text):
        own = [ids[at] for at, (left, right) in enumerate(offsets) if start < right and left < end]
        if tokenizer.unk_token_id in own or (closed and len(own) > 1):
            unknown[text[start:end]] = None
    return tuple(unknown)


def token_limit(tokenizer: CLIPTokenizer) -> int:
    """Return how many tokens of a text fit into the text encoder's context: 75 of CLIP's 77."""
    limit: int = tokenizer.model_max_length - _ENDS
    return limit


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


def _check_length(tokens: int, limit: int, field: str) -> None:
    if tokens > limit:
        raise InvalidParameters(field, f"has {tokens} tokens; at most {limit} fit: shorten it")


def _carries_content(text: str, offset: Span) -> bool:
    """Tell whether a token, at these characters, is part of a word that is no stop word."""
    for start, end in word_spans(text):
        if start < offset[1] and offset[0] < end:
            return text[start:end].lower() not in stop_words()
    return False
