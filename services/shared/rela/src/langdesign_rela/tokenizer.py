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
            InvalidInput: there is no expression, or the part of one that is kept holds no known word: only
                white space, punctuation, emoji, or letters that the vocabulary lacks.

        """
        if not expressions:
            raise InvalidInput("No expression is given; give at least one, such as 'the blue chair'")
        length = self._max_tokens
        encodings = [self._tokenizer.encode(expression) for expression in expressions]
        for index, encoding in enumerate(encodings):
            if not any(map(_is_word, encoding.tokens[:length])):
                raise InvalidInput(
                    f"Expression {index} holds no word that the network reads; name a thing, such as "
                    "'the blue chair'"
                )
        pieces = [encoding.ids for encoding in encodings]
        rows = torch.zeros(len(pieces), length, dtype=torch.int64)
        mask = torch.zeros_like(rows)
        for row, ids in enumerate(pieces):
            kept = ids[:length]
            rows[row, : len(kept)] = torch.tensor(kept)
            mask[row, : len(kept)] = 1
        return Tokens(rows, mask, [len(ids) > length for ids in pieces])


def _is_word(piece: str) -> bool:
    """Whether a piece says something: of unknown ones, what would be found is not what is meant."""
    return piece not in SPECIAL_TOKENS and any(map(str.isalnum, piece))
