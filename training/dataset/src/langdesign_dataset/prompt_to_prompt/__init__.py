"""Pairs of images that differ by what their captions differ by (Hertz et al., arXiv:2208.01626).

Attention maps are shared by substitution: `softmax(q1 k1) v2` is `SDPA(q1, k1, v2)`, and a linear
map of a map's columns is the same map of the values' rows. So no attention map ever exists.
"""

from langdesign_dataset.prompt_to_prompt.alignment import CrossAttentionEdit, refine, replace, reweight
from langdesign_dataset.prompt_to_prompt.blending import LocalBlend
from langdesign_dataset.prompt_to_prompt.pairs import Pair, PairParameters, generate_pair, generate_pairs

__all__ = [
    "CrossAttentionEdit",
    "LocalBlend",
    "Pair",
    "PairParameters",
    "generate_pair",
    "generate_pairs",
    "refine",
    "replace",
    "reweight",
]
