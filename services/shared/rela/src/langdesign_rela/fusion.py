"""Word-visual fusion: every pixel reads the words (Yang et al., LAVT, CVPR 2022, section 3.2)."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def instance_norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Normalise each channel of `x` [N, L, C] over its L positions, in fp32 at least."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    variance, mean = torch.var_mean(wide, dim=1, correction=0, keepdim=True)
    return ((wide - mean) * torch.rsqrt(variance + eps)).to(x.dtype)


class WordFusion(nn.Module):
    """Pixels query the words by attention; what they read gates what they show.

    The two halves are apart because `look` does not depend on the words, so that expressions can share it.

    What is read is normalised over the positions, which takes away what all positions read alike: the mean of
    the values, and the biases of `value` and `output`. It is taken away beforehand, where words are still
    apart; otherwise words that hardly differ would drown in the rounding of what they share. The result is
    that of the published order of operations, and those two biases have no influence and no gradient.
    """

    def __init__(self, dim: int, word_dim: int) -> None:
        super().__init__()
        self.visual = nn.Linear(dim, dim)
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(word_dim, dim)
        self.value = nn.Linear(word_dim, dim)
        self.output = nn.Linear(dim, dim)
        self.project = nn.Linear(dim, dim)

    def look(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Map pixels [B, L, C] to their visual part and their query, both [B, L, C]."""
        return functional.gelu(self.visual(pixels)), instance_norm(self.query(pixels))

    def forward(self, visual: Tensor, query: Tensor, words: Tensor, word_mask: Tensor) -> Tensor:
        """Fuse.

        Args:
            visual: `look`'s first part [N, L, C].
            query: `look`'s second part [N, L, C].
            words: word features [N, T, C_words].
            word_mask: bool [N, T], False for padding.

        Returns:
            Fused features [N, L, C].

        """
        key = self.key(words)[:, None]
        value = functional.linear(_centred(words, word_mask), self.value.weight)[:, None]
        read = functional.scaled_dot_product_attention(
            query[:, None], key, value, attn_mask=word_mask[:, None, None]
        )
        gate = instance_norm(functional.linear(read[:, 0], self.output.weight))
        return functional.gelu(self.project(visual * gate))


def _centred(words: Tensor, word_mask: Tensor) -> Tensor:
    """Subtract the mean of an expression's words from each of them: [N, T, C]."""
    wide = words.to(torch.promote_types(words.dtype, torch.float32))
    weight = word_mask[..., None].to(wide.dtype)
    mean = (wide * weight).sum(dim=1, keepdim=True) / weight.sum(dim=1, keepdim=True).clamp(min=1)
    return (wide - mean).to(words.dtype)
