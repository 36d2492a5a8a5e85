"""The tagger's network as it learns; `langdesign_reference.tagging.network` says what it makes of words."""

from collections.abc import Sequence

import numpy as np
import torch
from langdesign_reference.tagging.chain import FORBIDDEN, Array
from langdesign_reference.tagging.network import DILATIONS, EMBEDDING, SENTENCE_AFTER
from langdesign_reference.tagging.tagset import LABELS, TAGS, may_follow, may_start
from langdesign_reference.tagging.vocabulary import WIDTH
from torch import Tensor, nn
from torch.nn import functional

_STATES = 80
_TAG_STATES, _PASSAGE_STATES = 24, 96
_DROPOUT = 0.25
_SPREAD = 0.25
"""Standard deviation of the embedding at the start."""
_TAG_DROPOUT = 0.1
"""Share of words whose tag the second head does not see, since it will see wrong ones."""
_TINY = 1e-30


class TaggerNetwork(nn.Module):
    """Tags words, and labels the passages that the tags make.

    Args:
        size: How many rows the embedding has.

    """

    forbidden: Tensor
    no_start: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(size, _STATES, mode="sum", padding_idx=0)
        nn.init.normal_(self.embedding.weight, 0, _SPREAD)
        self.embedding.weight.data[0] = 0
        self.meaning = nn.Linear(WIDTH, _STATES)
        self.norm = nn.LayerNorm(_STATES)
        self.convolutions = nn.ModuleList(nn.Linear(3 * _STATES, 2 * _STATES) for _ in DILATIONS)
        self.norms = nn.ModuleList(nn.LayerNorm(_STATES) for _ in DILATIONS)
        self.sentence = nn.Linear(_STATES, _STATES)
        self.emissions = nn.Linear(_STATES, len(TAGS))
        self.transitions = nn.Parameter(torch.zeros(len(TAGS), len(TAGS)))
        self.tags = nn.Embedding(len(TAGS), _TAG_STATES)
        self.words = nn.Linear(_STATES + _TAG_STATES, _PASSAGE_STATES)
        self.labels = nn.Linear(3 * _PASSAGE_STATES, len(LABELS))
        follows = [[not may_follow(after, before) for after in TAGS] for before in TAGS]
        self.register_buffer("forbidden", torch.tensor(follows), persistent=False)
        self.register_buffer("no_start", torch.tensor([not may_start(tag) for tag in TAGS]), persistent=False)

    def forget(self, rows: Sequence[int]) -> None:
        """Let rows of the embedding say nothing."""
        self.embedding.weight.data[list(rows)] = 0

    def states(self, rows: Tensor, vectors: Tensor, there: Tensor) -> Tensor:
        """Return what the network makes of words, (batch, words, states).

        Args:
            rows: Of the embedding, 0 for none, (batch, words, rows).
            vectors: Of the words, (batch, words, WIDTH).
            there: Where there is a word, (batch, words).

        """
        batch, count, _ = rows.shape
        held = there[..., None].float()
        embedded = self.embedding(rows.flatten(0, 1)).view(batch, count, -1) + self.meaning(vectors)
        states: Tensor = self._dropped(self.norm(embedded)) * held
        for layer, dilation in enumerate(DILATIONS):
            padded = functional.pad(states, (0, 0, dilation, dilation))
            window = torch.cat([padded[:, :count], states, padded[:, 2 * dilation :]], -1)
            value, gate = self.convolutions[layer](window).chunk(2, -1)
            gated = torch.relu(value) * torch.sigmoid(gate)
            states = self.norms[layer](states + self._dropped(gated))
            if layer == SENTENCE_AFTER:
                mean = (states * held).sum(1) / held.sum(1)
                states = states + self.sentence(mean)[:, None]
            states = states * held
        return states

    def tag_loss(self, states: Tensor, there: Tensor, tags: Tensor) -> Tensor:
        """Return the sum of the negative logarithms of the chances of tags, by the forward algorithm."""
        emissions = self.emissions(states)
        transitions = self.transitions.masked_fill(self.forbidden, FORBIDDEN)
        told = (emissions.gather(2, tags[..., None])[..., 0] * there).sum(1)
        told = told + (transitions[tags[:, :-1], tags[:, 1:]] * there[:, 1:]).sum(1)
        total, follows = emissions[:, 0].masked_fill(self.no_start, FORBIDDEN), transitions.exp()
        for at in range(1, emissions.shape[1]):
            most = total.max(1, keepdim=True)[0]
            after = ((total - most).exp() @ follows + _TINY).log() + most + emissions[:, at]
            total = torch.where(there[:, at : at + 1], after, total)
        loss: Tensor = (total.logsumexp(1) - told).sum()
        return loss

    def label_scores(self, states: Tensor, tags: Tensor, passages: Tensor, before: Tensor) -> Tensor:
        """Return how well each label fits each passage, (passages, labels).

        Args:
            states: Of the words.
            tags: Theirs, (batch, words).
            passages: The number of the passage of each word, the highest where there is none.
            before: The number of the passage before each, in its instruction; -1 of none.

        """
        told, count = self.tags(tags), len(before)
        if self.training:
            told = told * (torch.rand(*tags.shape, 1) > _TAG_DROPOUT)
        words = torch.relu(self.words(torch.cat([states, told], -1))).flatten(0, 1)
        home = passages.flatten()
        most = torch.zeros(count + 1, _PASSAGE_STATES)
        most = most.scatter_reduce(0, home[:, None].expand_as(words), words, "amax")[:-1]
        sums = torch.zeros(count + 1, _PASSAGE_STATES).index_add(0, home, words)[:-1]
        mean = sums / torch.bincount(home, minlength=count + 1)[:count, None]
        earlier = most[before.clamp(min=0)] * (before >= 0)[:, None]
        scores: Tensor = self.labels(self._dropped(torch.cat([most, mean, earlier], -1)))
        return scores

    def table(self, name: str) -> Array:
        """Return weights, with what may not follow forbidden."""
        weights = self.state_dict()[name]
        if name == "transitions":
            weights = weights.masked_fill(self.forbidden, FORBIDDEN)
        found: Array = weights.numpy(force=True).astype(np.float32)
        return found

    def _dropped(self, states: Tensor) -> Tensor:
        return functional.dropout(states, _DROPOUT, self.training)


def tables(networks: Sequence[TaggerNetwork]) -> dict[str, Array]:
    """Return the weights of networks as `langdesign_reference.tagging.network` takes them."""
    return {
        name: np.stack([one.table(name) for one in networks], 1 if name == EMBEDDING else 0)
        for name in networks[0].state_dict()
    }
