"""Expressions to word pieces, as the published data mapper does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import BertWordPieceTokenizer
from torch import Tensor

from .errors import CheckpointError, InvalidInput

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class Tokens(NamedTuple):
    """N expressions of T word pieces."""

    ids: Tensor  # int64 [N, T], 0 where padded
    mask: Tensor  # int64 [N, T], 1 for word pieces, 0 for padding
    truncated: list[bool]  # for each expression, whether word pieces were cut off


class ExpressionTokenizer:
    """BERT's lower-casing word-piece tokenizer, cut and padded to a fixed length.

    Args:
        vocabulary: a `vocab.txt`, one word piece per line.
        max_tokens: word pieces to keep, [CLS] and [SEP] included. As in the original, what is too long is cut
            off behind, [SEP] with it.

    Raises:
        CheckpointError: the file is absent, or lacks a special token.

    """

    def __init__(self, vocabulary: Path, max_tokens: int) -> None:
        if not vocabulary.is_file():
            raise CheckpointError(
                f"{vocabulary.name} is missing beside the weights: put the word pieces there that the "
                f"checkpoint was trained with (for the published ones, vocab.txt of bert-base-uncased)"
            )
        pieces = set(vocabulary.read_text(encoding="utf-8").split("\n"))
        lacking = ", ".join(token for token in SPECIAL_TOKENS if token not in pieces)
        if lacking:
            raise CheckpointError(f"{vocabulary.name} lacks {lacking}: it is not a vocabulary of BERT")
        self._tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
        self._max_tokens = max_tokens

    @property
    def vocabulary_size(self) -> int:
        """Number of word pieces."""
        return self._tokenizer.get_vocab_size()  # type: ignore[no-any-return]

    def encode(self, expressions: Sequence[str]) -> Tokens:
        """Encode N >= 1 expressions.

        Raises:
            InvalidInput: there is no expression, or one holds no word.

        """
        if not expressions:
            raise InvalidInput("No expression is given; give at least one, such as 'the blue chair'")
        pieces = [self._tokenizer.encode(expression).ids for expression in expressions]
        empty = [index for index, ids in enumerate(pieces) if len(ids) <= 2]  # [CLS] and [SEP] alone
        if empty:
            raise InvalidInput(f"Expression {empty[0]} holds no word; name a thing, such as 'the blue chair'")
        length = self._max_tokens
        rows = torch.zeros(len(pieces), length, dtype=torch.int64)
        mask = torch.zeros_like(rows)
        for row, ids in enumerate(pieces):
            kept = ids[:length]
            rows[row, : len(kept)] = torch.tensor(kept)
            mask[row, : len(kept)] = 1
        return Tokens(rows, mask, [len(ids) > length for ids in pieces])
