"""How the words of a second caption take over the attention of the first one's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

import torch
from langdesign_diffusion.errors import InvalidParameters
from langdesign_diffusion.tokens import encode_prompt, tokenise, word_spans
from transformers import CLIPTokenizer


@dataclass(frozen=True, slots=True)
class CrossAttentionEdit:
    """The second image's map M2' as a linear function of both maps: M1 @ transfer + M2 * own."""

    transfer: torch.Tensor  # [77, 77] float32, from the first caption's tokens to the second's
    own: torch.Tensor  # [77] float32, how much of its own map each token of the second keeps

    def placed(self, device: torch.device, dtype: torch.dtype) -> CrossAttentionEdit:
        """Return the edit on a device, in a type."""
        return CrossAttentionEdit(self.transfer.to(device, dtype), self.own.to(device, dtype))


def replace(tokenizer: CLIPTokenizer, before: str, after: str) -> CrossAttentionEdit:
    """Give each word of `after` the map of the word at its place in `before` (section 3, "word swap").

    Where the two words differ in tokens, the map is shared out evenly.

    Raises:
        InvalidParameters: if the captions differ in their number of words.

    """
    first, second = word_tokens(tokenizer, before), word_tokens(tokenizer, after)
    if len(first) != len(second):
        raise InvalidParameters(
            "after", f"has {len(second)} words, before {len(first)}; replace needs as many, or use refine"
        )
    length = tokenizer.model_max_length
    transfer = torch.zeros(length, length)
    for source, target in zip(first, second, strict=True):
        for column in target:
            transfer[source, column] = 1.0 / len(target)
    ends = (_end(tokenizer, before), _end(tokenizer, after))
    _carry_over_rest(transfer, *ends)
    return CrossAttentionEdit(transfer, (transfer.sum(dim=0) == 0).float())


def refine(tokenizer: CLIPTokenizer, before: str, after: str) -> CrossAttentionEdit:
    """Give tokens common to both captions the first one's map; new tokens keep their own."""
    first, second = _ids(tokenizer, before), _ids(tokenizer, after)
    length = tokenizer.model_max_length
    transfer = torch.zeros(length, length)
    for block in SequenceMatcher(a=first, b=second, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            transfer[block.a + offset, block.b + offset] = 1.0
    return CrossAttentionEdit(transfer, (transfer.sum(dim=0) == 0).float())


def reweight(
    edit: CrossAttentionEdit, tokenizer: CLIPTokenizer, after: str, weights: Mapping[str, float]
) -> CrossAttentionEdit:
    """Scale the attention to words of `after` ("attention re-weighting"), on top of another edit.

    Raises:
        InvalidParameters: if a word is not in the caption.

    """
    scale = torch.ones(len(edit.own))
    for word, weight in weights.items():
        scale[positions_of(tokenizer, after, word)] = weight
    return CrossAttentionEdit(edit.transfer * scale, edit.own * scale)


def identity(length: int) -> CrossAttentionEdit:
    """Return the edit that takes the first caption's map as it is; the start of a re-weighting."""
    return CrossAttentionEdit(torch.eye(length), torch.zeros(length))


def positions_of(tokenizer: CLIPTokenizer, caption: str, word: str) -> list[int]:
    """Return the positions of the tokens of a word, at each of its places.

    Raises:
        InvalidParameters: if the word is not in the caption.

    """
    spans = word_spans(caption)
    tokens = word_tokens(tokenizer, caption)
    found = [
        position
        for (start, end), positions in zip(spans, tokens, strict=True)
        if caption[start:end].lower() == word.lower()
        for position in positions
    ]
    if not found:
        raise InvalidParameters(
            "word", f"{word!r} is not in the caption {caption!r}; choose one of its words"
        )
    return found


def word_tokens(tokenizer: CLIPTokenizer, caption: str) -> list[list[int]]:
    """Return, per word of a caption, the positions of its tokens."""
    encode_prompt(tokenizer, caption, "caption")  # refuses a caption that is too long
    _, offsets = tokenise(tokenizer, caption)
    return [
        [position for position, (left, right) in enumerate(offsets) if start < right and left < end]
        for start, end in word_spans(caption)
    ]


def _ids(tokenizer: CLIPTokenizer, caption: str) -> list[int]:
    ids: list[int] = encode_prompt(tokenizer, caption, "caption").ids[0].tolist()
    return ids


def _end(tokenizer: CLIPTokenizer, caption: str) -> int:
    return encode_prompt(tokenizer, caption, "caption").end


def _carry_over_rest(transfer: torch.Tensor, end_before: int, end_after: int) -> None:
    """Map the start token and the padding, in order, and give a longer padding's rest its last map."""
    last = len(transfer) - 1
    transfer[0, 0] = 1.0
    for column in range(end_after, last + 1):
        transfer[min(end_before + column - end_after, last), column] = 1.0
