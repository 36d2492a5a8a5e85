"""The instructions of an edit and of its regions, each encoded by itself.

Instructions in one text would read each other in the text encoder ("make the bed red, make the wall blue"
mixes the two colours) and share its 77 tokens. So each distinct instruction has a context of its own. The
contexts lie one after the other as the keys of cross-attention, and a position attends to those of its
regions alone. Self-attention and convolutions are shared, so that an edit of several instructions costs
little more than one of one. (MultiDiffusion, Bar-Tal et al., arXiv:2302.08113, runs the network for each.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import CLIPTokenizer

from langdesign_diffusion.tokens import Prompt, encode_prompt


@dataclass(frozen=True, slots=True)
class RegionPrompts:
    """The distinct instructions of an edit, K of them, and where each is read."""

    prompts: tuple[Prompt, ...]  # K
    regions: tuple[int, ...]  # of each region the place of its instruction, 0..K-1
    outside: tuple[int, ...]  # the places of what is read where no region is

    @property
    def words(self) -> torch.Tensor:
        """The content words of each region's instruction, `[R, 77 K]` bool."""
        return self._of_regions([prompt.words for prompt in self.prompts])

    @property
    def effective(self) -> torch.Tensor:
        """What LIME calls effective for each region, `[R, 77 K]` bool; see `Prompt.effective`."""
        return self._of_regions([prompt.effective() for prompt in self.prompts])

    @property
    def read(self) -> torch.Tensor:
        """All tokens of each region's instruction, `[R, 77 K]` bool."""
        return self._of_regions([torch.ones_like(prompt.words) for prompt in self.prompts])

    @property
    def read_outside(self) -> torch.Tensor:
        """The tokens that are read where no region is, `[77 K]` bool."""
        return torch.cat(
            [torch.full_like(prompt.words, at in self.outside) for at, prompt in enumerate(self.prompts)]
        )

    def _of_regions(self, tokens: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the tokens `[77]` of each region's instruction in its place, `[R, 77 K]`."""
        length = len(self.prompts[0].words)
        placed = torch.zeros(len(self.regions), len(self.prompts), length, dtype=torch.bool)
        for region, at in enumerate(self.regions):
            placed[region, at] = tokens[at]
        return placed.flatten(1)


def encode_regions(
    tokenizer: CLIPTokenizer, instruction: str, regions: Sequence[str | None] = ()
) -> RegionPrompts:
    """Tokenise an instruction and its regions' own (None: the whole one).

    Where no region is the whole instruction is read, or without one (blank) those of all regions.

    Raises:
        InvalidParameters: one of them is longer than the text encoder's context.

    """
    whole = instruction.strip() or not regions or None in regions
    prompts = [encode_prompt(tokenizer, instruction)] if whole else []
    distinct = {_key(prompt): prompt for prompt in prompts}
    places = []
    for number, own in enumerate(regions):
        if own is None:
            places.append(0)
            continue
        prompt = encode_prompt(tokenizer, own, f"regions[{number}].instruction")
        distinct.setdefault(_key(prompt), prompt)
        places.append(list(distinct).index(_key(prompt)))
    outside = (0,) if whole else tuple(range(len(distinct)))
    return RegionPrompts(tuple(distinct.values()), tuple(places), outside)


def _key(prompt: Prompt) -> tuple[int, ...]:
    return tuple(prompt.ids[0].tolist())
