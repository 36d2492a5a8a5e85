"""`python -m langdesign_reference.tagging.clustering GGUF OUT`: clusters words of a language model.

Each token that is a whole word has an embedding; 128 principal components of it, of length 1, are clustered
by k-means three times (MacQueen, 1967). Needs `pip install gguf scikit-learn`, which serving does not.
"""

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, dequantize
from langdesign_reference.tagging.clusters import COARSE, FINE, MEDIUM, packed
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import PCA

_SPACE = "\u0120"
"""How a token says that a word starts with it."""
_COMPONENTS = 128


def main(gguf: str, out: str) -> None:
    """Write a line for each word: the word and its clusters as one number."""
    names, embeddings = _words(GGUFReader(gguf))
    centred = _unit(embeddings - embeddings.mean(0))
    points = _unit(PCA(_COMPONENTS, random_state=0).fit(centred).transform(centred))
    labels = [_clustered(points, count) for count in (COARSE, MEDIUM, FINE)]
    lines = [f"{name} {packed(*map(int, some))}" for name, *some in zip(names, *labels, strict=True)]
    told = [line for line in lines if re.match(r"[a-z][a-z'-]*[a-z] ", line)]
    Path(out).write_text("\n".join(sorted(told)) + "\n")


def _words(reader: GGUFReader) -> tuple[list[str], Any]:
    """Return the words and their embeddings; of "Bed" and "bed" that of the small one."""
    field = reader.fields["tokenizer.ggml.tokens"]
    tokens = [bytes(field.parts[at]).decode() for at in field.data]
    found: dict[str, list[tuple[bool, int]]] = {}
    for at, token in enumerate(tokens):
        word = token.removeprefix(_SPACE)
        if word != token and re.fullmatch("[a-zA-Z'\u2019-]{2,}", word):
            found.setdefault(word.lower(), []).append((not word.islower(), at))
    weights = next(one for one in reader.tensors if one.name == "token_embd.weight")
    rows = dequantize(weights.data, weights.tensor_type).astype(np.float32)
    names = sorted(found)
    return names, np.stack([rows[min(found[name])[1]] for name in names])


def _unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _clustered(points: Any, count: int) -> Any:
    return MiniBatchKMeans(count, random_state=0, batch_size=4096, n_init=5, max_iter=200).fit(points).labels_


if __name__ == "__main__":
    main(*sys.argv[1:])
