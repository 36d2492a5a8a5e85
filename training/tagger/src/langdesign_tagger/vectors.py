"""Vectors of what English words mean, of a language model's embeddings of its tokens."""

import re
from pathlib import Path

import numpy as np
from langdesign_reference.tagging.tagger import TABLE
from langdesign_reference.tagging.vocabulary import WIDTH
from langdesign_reference.tagging.weights import save
from numpy.typing import NDArray

Array = NDArray[np.float32]
_SPACE = "\u0120"
"""How a token says that a word starts with it."""
_COUNT = 20_000
"""Words that are kept, the commonest: tokens are numbered in the order in which they were merged."""


def extract(model: Path, out: Path) -> int:
    """Write the principal components of the embeddings of tokens that are whole words; return how many.

    Needs `pip install langdesign-tagger[vectors]`. The components may differ between machines.

    Args:
        model: A language model in the format GGUF, quantised or not.
        out: The file to write.

    """
    from gguf import GGUFReader, dequantize  # noqa: PLC0415 - of an extra: training needs the file alone

    reader = GGUFReader(model)
    field = reader.fields["tokenizer.ggml.tokens"]
    found = commonest([bytes(field.parts[at]).decode() for at in field.data])
    weights = next(one for one in reader.tensors if one.name == "token_embd.weight")
    rows = dequantize(weights.data, weights.tensor_type).astype(np.float32)
    vectors = components(np.stack([rows[at] for at in found.values()]))
    save(out, {TABLE: vectors}, list(found))
    return len(found)


def commonest(tokens: list[str]) -> dict[str, int]:
    """Return the commonest folded words and the token of each: of "Bed" and "bed" the latter."""
    first, small = dict[str, int](), dict[str, int]()
    for at, token in enumerate(tokens):
        word = token.removeprefix(_SPACE)
        if word != token and re.fullmatch("[a-zA-Z'-]*[a-zA-Z]", word) and len(word) > 1:
            first.setdefault(word.lower(), at)
            if word.islower():
                small.setdefault(word, at)
    return {word: small.get(word, at) for word, at in list(first.items())[:_COUNT]}


def components(embeddings: Array) -> Array:
    """Return the first `WIDTH` principal components of embeddings of length 1, again of length 1."""
    centred = _unit(embeddings - embeddings.mean(0))
    centred = centred - centred.mean(0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    return _unit(centred @ directions[:, : -WIDTH - 1 : -1])


def _unit(rows: Array) -> Array:
    unit: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
