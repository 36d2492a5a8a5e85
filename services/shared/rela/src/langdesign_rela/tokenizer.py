"""Expressions to word pieces, as the published data mapper does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import BertWordPieceTokenizer
from torch import Tensor

from .errors import CheckpointError, InvalidInput
from .words import SILENT, known_form

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_UNKNOWN = "[UNK]"
_SHORT = 2  # letters of a piece that no word is known by, but one as short as that


class Tokens(NamedTuple):
    """N expressions of T word pieces."""

    ids: Tensor  # int64 [N, T], 0 where padded
    mask: Tensor  # int64 [N, T], 1 for word pieces, 0 for padding
    truncated: list[bool]  # for each expression, whether word pieces were cut off


@dataclass(frozen=True)
class Reading:
    """An expression as the network reads it."""

    text: str  # what is encoded: known forms in the place of other ones, without the words that are unknown
    unknown: tuple[str, ...]  # words that the network does not know, as they were written, in order


class ExpressionTokenizer:
    """BERT's lower-casing word-piece tokenizer, cut and padded to a fixed length.

    Args:
        vocabulary: a `vocab.txt`, one word piece per line.
        max_tokens: word pieces to keep, [CLS] and [SEP] included. As in the original, what is too long is cut
            off behind, [SEP] with it.
        words: that the network learned (see `words`); None where that is not known.

    Raises:
        CheckpointError: the file is absent, or lacks a special token.

    """

    def __init__(self, vocabulary: Path, max_tokens: int, words: frozenset[str] | None = None) -> None:
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
        self._words = None if words is None else words | SILENT

    @property
    def vocabulary_size(self) -> int:
        """Number of word pieces."""
        return self._tokenizer.get_vocab_size()  # type: ignore[no-any-return]

    def read(self, expression: str) -> Reading:
        """Return how the network reads an expression: what is encoded, and which words it does not know.

        Where it is told what it learned, a word that it knows in its singular or plural alone is read as
        that, and one that it does not know and that would have to be spelt is left out, for its pieces would
        say something at random; where no other word is left, it stays.
        """
        kept: list[str] = []
        unknown: list[_Word] = []
        for word in self._words_of(expression):
            form = self._form(word) if any(map(str.isalpha, word.plain)) else word.plain
            if form is None:
                unknown.append(word)
            if form is not None or len(word.pieces) == 1:
                kept.append(form or word.plain)
        says = any(word not in SILENT and any(map(str.isalnum, word)) for word in kept)
        text = " ".join(kept) if says and self._words is not None else expression
        return Reading(text, tuple(_joined(unknown)))

    def encode(self, expressions: Sequence[str]) -> Tokens:
        """Encode N >= 1 expressions as `read` reads them.

        Raises:
            InvalidInput: there is no expression, or the part of one that is kept holds no word, known or not:
                only white space, punctuation or emoji.

        """
        if not expressions:
            raise InvalidInput("No expression is given; give at least one, such as 'the blue chair'")
        length = self._max_tokens
        readings = [self.read(expression) for expression in expressions]
        encodings = [self._tokenizer.encode(reading.text) for reading in readings]
        for index, (reading, encoding) in enumerate(zip(readings, encodings, strict=True)):
            if not reading.unknown and not any(map(_is_word, encoding.tokens[:length])):
                raise InvalidInput(
                    f"Expression {index} holds no word; name a thing, such as 'the blue chair'"
                )
        pieces = [encoding.ids for encoding in encodings]
        rows = torch.zeros(len(pieces), length, dtype=torch.int64)
        mask = torch.zeros_like(rows)
        for row, ids in enumerate(pieces):
            kept = ids[:length]
            rows[row, : len(kept)] = torch.tensor(kept)
            mask[row, : len(kept)] = 1
        return Tokens(rows, mask, [len(ids) > length for ids in pieces])

    def _words_of(self, expression: str) -> list[_Word]:
        """Return the words of an expression, marks of punctuation among them; special tokens are none."""
        encoding = self._tokenizer.encode(expression, add_special_tokens=False)
        found: dict[int, list[int]] = {}
        for place, number in enumerate(encoding.word_ids):
            if number is not None and not _typed(expression, encoding, place):
                found.setdefault(number, []).append(place)
        return [_word(expression, encoding, places) for places in found.values()]

    def _form(self, word: _Word) -> str | None:
        """Return the known form of a word; None where it is unknown."""
        if self._words is not None:
            return known_form(word.plain, self._words)
        spelt = len(word.plain) > _SHORT and all(
            len(piece.removeprefix("##")) <= _SHORT for piece in word.pieces
        )
        return None if spelt or _UNKNOWN in word.pieces else word.plain


def _is_word(piece: str) -> bool:
    return piece not in SPECIAL_TOKENS and any(map(str.isalnum, piece))


class _Word(NamedTuple):
    first: int  # of its letters in the expression
    written: str  # as it stands there
    plain: str  # lower case, without accents
    pieces: tuple[str, ...]


def _word(expression: str, encoding: Any, places: Sequence[int]) -> _Word:
    first, last = encoding.offsets[places[0]][0], encoding.offsets[places[-1]][1]
    pieces = tuple(encoding.tokens[place] for place in places)
    written = expression[first:last]
    plain = written.lower() if _UNKNOWN in pieces else "".join(piece.removeprefix("##") for piece in pieces)
    return _Word(first, written, plain, pieces)


def _joined(words: Sequence[_Word]) -> list[str]:
    """Return words as they were written; in a script without spaces, characters that touch are one."""
    joined: list[tuple[int, str]] = []
    for word in words:
        first, written = joined[-1] if joined else (-1, "")
        if joined and first + len(written) == word.first:
            joined[-1] = (first, written + word.written)
        else:
            joined.append((word.first, word.written))
    return [written for _, written in joined]


def _typed(expression: str, encoding: Any, place: int) -> bool:
    """Whether a token is a special one that somebody typed."""
    first, last = encoding.offsets[place]
    return encoding.tokens[place] in SPECIAL_TOKENS and expression[first:last] == encoding.tokens[place]
