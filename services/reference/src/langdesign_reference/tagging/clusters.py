"""Words of one cluster mean similar things, so that what is learned of one is learned of the others.

Clusters of three sizes over the embeddings of a language model's tokens, as of Brown et al. (1992) over
their neighbours; the card in `data/tagging` says how they were made. English words alone have some.
"""

from functools import lru_cache
from importlib import resources

from langdesign_reference.occurrences import Occurrences

FILE = "clusters.txt"
COARSE, MEDIUM, FINE = 64, 256, 1024
"""Numbers of clusters."""
_ENDINGS = ("s", "es", "ed", "ing")
_NONE = -1


def clusters_of(key: str) -> tuple[int, int, int] | None:
    """Return the coarse, medium and fine cluster of a folded word, or of its stem; None where it has none."""
    forms = (key, *(key.removesuffix(end) for end in _ENDINGS if key.endswith(end)))
    packed = next((found for form in forms if (found := _packed(form)) != _NONE), _NONE)
    return None if packed == _NONE else unpacked(packed)


def packed(coarse: int, medium: int, fine: int) -> int:
    """Return three clusters as one number."""
    return (fine * MEDIUM + medium) * COARSE + coarse


def unpacked(number: int) -> tuple[int, int, int]:
    """Return the clusters of a number that `packed` made."""
    rest, coarse = divmod(number, COARSE)
    fine, medium = divmod(rest, MEDIUM)
    return coarse, medium, fine


@lru_cache(maxsize=8192)
def _packed(key: str) -> int:
    return _numbers().get(key, _NONE)


@lru_cache
def _numbers() -> Occurrences:
    file = resources.files("langdesign_reference").joinpath("data", "tagging", FILE)
    return Occurrences(file.read_bytes())
