"""Referring expressions of a rendered set, as batches that ReLA trains on.

What an expression means is kept as which values of a picture's index map are inside: 32 bytes, not a mask.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from langdesign_rela.losses import Targets
from langdesign_rela.random_weights import interior_vocabulary
from langdesign_rela.tokenizer import ExpressionTokenizer, Tokens
from langdesign_rela.training import Batch
from langdesign_scenes.dataset import Edit, Family
from langdesign_scenes.language import many_expressions
from numpy.typing import NDArray

from .augmentation import Augmentation, cropped, draw_window, tinted
from .batches import draws
from .errors import DataError
from .pictures import Pictures, Pixels, mirrored

GROUPS = ("unique", "placed", "several", "ambiguous", "absent")
"""Kinds of expressions; of the unique ones, those that say where a thing is are "placed"."""
_PLACED_GROUP, _ABSENT_GROUP = GROUPS.index("placed"), GROUPS.index("absent")

_PLACED = re.compile(
    r"\b(left|leftmost|right|rightmost|middle|nearest|closest|farthest|back|next to|above|on the)\b"
)
_SURELY_SEEN = 25  # pixels from which a thing surely shows


@dataclass(frozen=True)
class Mixture:
    """How a batch is made up."""

    pictures: int = 8  # in a batch
    expressions: int = 4  # on each
    shares: Mapping[str, float] = field(
        default_factory=lambda: {
            "unique": 0.27,
            "placed": 0.23,
            "several": 0.10,
            "ambiguous": 0.15,
            "absent": 0.25,
        }
    )  # of `GROUPS`, where a picture has them all


class _Sample(NamedTuple):
    row: int
    text: str
    group: str
    inside: tuple[int, ...]  # values of the index map


@dataclass(frozen=True, eq=False)
class Expressions:
    """S expressions on the pictures of some families, sorted by picture."""

    texts: tuple[str, ...]  # [S]
    rows: NDArray[np.int64]  # [S], of `Pictures`
    groups: NDArray[np.int64]  # [S], places in `GROUPS`
    inside: NDArray[np.uint8]  # [S, 32], packed bits: whether each value of the index map is inside

    def __len__(self) -> int:
        return len(self.texts)

    def mask(self, sample: int, index_map: Pixels) -> NDArray[np.bool_]:
        """Return what an expression means, bool [H, W]."""
        table = np.unpackbits(self.inside[sample]).astype(bool)
        return table[index_map]

    def taken(self, places: NDArray[np.int64]) -> Expressions:
        """Return some of them."""
        texts = tuple(self.texts[place] for place in places)
        return Expressions(texts, self.rows[places], self.groups[places], self.inside[places])

    def texts_of(self, group: str) -> tuple[str, ...]:
        """Return the texts of one of `GROUPS`."""
        return tuple(self.texts[place] for place in np.flatnonzero(self.groups == GROUPS.index(group)))

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Whether nothing is meant, [S]."""
        empty: NDArray[np.bool_] = np.all(self.inside == 0, axis=1)
        return empty


def gather(
    pictures: Pictures, places: Sequence[int], absent: int = 0, *, removed: bool = True
) -> Expressions:
    """Gather the expressions of families, and those in their instructions.

    Args:
        pictures: the set.
        places: of the families.
        absent: where above 0, so many expressions of what is not there are written anew for each picture, and
            as many of what is there as its words allow (see `langdesign_scenes.language.many_expressions`).
        removed: whether what an edit took away is asked for in the picture without it, too.

    Raises:
        DataError: they hold none.

    """
    samples = sorted({one for place in places for one in _of_family(pictures, place, absent, removed)})
    if places and not samples:
        raise DataError(f"{len(places)} families hold no expression; render them with expressions")
    inside = np.zeros((len(samples), 256), np.uint8)
    for index, sample in enumerate(samples):
        inside[index, list(sample.inside)] = 1
    return Expressions(
        texts=tuple(sample.text for sample in samples),
        rows=np.array([sample.row for sample in samples], np.int64),
        groups=np.array([GROUPS.index(sample.group) for sample in samples], np.int64),
        inside=np.packbits(inside, axis=1),
    )


def _of_family(pictures: Pictures, place: int, absent: int, removed: bool) -> Iterator[_Sample]:
    family = pictures.families[place]
    if absent:
        for state, shown in enumerate(family.states):
            for one in many_expressions(family.index, state, shown.instances, absent):
                yield _sample(pictures, place, state, one.text, one.kind, one.targets)
    for one in family.expressions:
        yield _sample(pictures, place, one.state, one.text, one.kind, one.targets)
    for edit in family.edits:
        # Where an edit's expression is ambiguous, what it located is one of several that the words fit.
        if edit.expression and edit.located and not edit.ambiguous:
            kind = "unique" if len(edit.located) == 1 else "several"
            yield _sample(pictures, place, edit.before, edit.expression, kind, edit.located)
            if removed and _is_gone(family, edit):
                yield _sample(pictures, place, edit.after, edit.expression, "absent", ())
        elif edit.expression and not edit.located and edit.before == edit.after:
            yield _sample(pictures, place, edit.before, edit.expression, "absent", ())


def _sample(
    pictures: Pictures, place: int, state: int, text: str, kind: str, targets: Sequence[str]
) -> _Sample:
    inside = pictures.families[place].states[state].values(targets)
    group = "placed" if kind == "unique" and _PLACED.search(text.lower()) else kind
    return _Sample(pictures.row(place, state), text, group, inside)


def _is_gone(family: Family, edit: Edit) -> bool:
    """Whether the picture after a removal surely shows nothing that its unambiguous expression means."""
    if edit.operation != "remove" or set(edit.targets) != set(edit.located):
        return False
    before = {one.id: one.pixels for one in family.states[edit.before].instances}
    after = family.states[edit.after].instances
    return all(before.get(one.id, 0) >= _SURELY_SEEN for one in after if one.pixels > 0)


def word_pieces(texts: Iterable[str]) -> list[str]:
    """Return a vocabulary: the interior one, and every other word of some texts, the most frequent first."""
    known = interior_vocabulary()
    words = Counter(word for text in texts for word in re.findall(r"[^\W_]+", text.lower()))
    fresh = sorted(words.keys() - set(known), key=lambda word: (-words[word], word))
    return [*known, *fresh]


class ReferringBatch(NamedTuple):
    """Expressions on M pictures, and what the pictures show."""

    expressions: Batch
    rows: tuple[int, ...]  # of the M pictures
    index_maps: Pixels  # [M, S, S], cropped and mirrored as the pictures


class _Draw(NamedTuple):
    row: int
    pixels: torch.Tensor  # RGB 0..255 [3, S, S]
    index_map: Pixels  # [S, S]
    masks: torch.Tensor  # 0 or 1 [K, S, S]
    tokens: Tokens
    empty: torch.Tensor  # bool [K]


class Referring:
    """Batches of expressions, each a function of a seed and a step.

    Args:
        pictures: the set.
        expressions: on its pictures.
        tokenizer: of the network.
        mixture: what a batch is made of.
        augmentation: what pictures go through.
        seed: of everything that is drawn.

    """

    def __init__(
        self,
        pictures: Pictures,
        expressions: Expressions,
        tokenizer: ExpressionTokenizer,
        mixture: Mixture,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        self._shares = np.array([mixture.shares[group] for group in GROUPS])
        expressions = expressions.taken(np.flatnonzero(self._shares[expressions.groups]))
        self._pictures, self._expressions, self._seed = pictures, expressions, seed
        self._mixture, self._augmentation = mixture, augmentation
        self._rows, starts = np.unique(expressions.rows, return_index=True)
        self._bounds = np.append(starts, len(expressions))
        self._tokens = encode_texts(tokenizer, expressions.texts)
        self._mirrored = encode_texts(tokenizer, [mirrored(text) for text in expressions.texts])
        # A picture of which little is said would otherwise be asked the same again and again.
        said = np.minimum(np.diff(self._bounds), mixture.expressions)
        self._often = said / said.sum()

    def batch(self, step: int) -> ReferringBatch:
        """Make the batch of a step."""
        rng = draws(self._seed, step)
        places = rng.choice(len(self._rows), self._mixture.pictures, p=self._often)
        drawn = [self._draw(rng, int(place)) for place in places]
        batch = Batch(
            torch.stack([one.pixels for one in drawn]),
            _joined([one.tokens for one in drawn]),
            torch.repeat_interleave(torch.tensor([len(one.masks) for one in drawn])),
            Targets(torch.cat([one.masks for one in drawn]), torch.cat([one.empty for one in drawn])),
        )
        index_maps = np.stack([one.index_map for one in drawn])
        return ReferringBatch(batch, tuple(one.row for one in drawn), index_maps)

    def _draw(self, rng: np.random.Generator, place: int) -> _Draw:
        """Draw a picture's crop, its side and what is said of it."""
        row, augmentation = int(self._rows[place]), self._augmentation
        image, index_map = self._pictures.pixels[row], self._pictures.index_maps[row]
        samples = np.arange(self._bounds[place], self._bounds[place + 1])
        groups = self._expressions.groups[samples]
        if rng.random() < augmentation.crop:
            window = draw_window(rng, len(image), augmentation.smallest)
            kept, after = self._kept(samples, index_map, index_map[window])
            if len(kept):
                samples, groups = kept, after
                image, index_map = cropped(image, index_map, window)
        chosen = self._choose(rng, samples, groups)
        mirror = rng.random() < augmentation.mirror
        if mirror:
            image, index_map = image[:, ::-1], index_map[:, ::-1]
        masks = np.stack([self._expressions.mask(sample, index_map) for sample in chosen])
        return _Draw(
            row,
            torch.from_numpy(tinted(rng, image, augmentation)).permute(2, 0, 1),
            index_map,
            torch.from_numpy(masks.astype(np.float32)),
            _taken(self._mirrored if mirror else self._tokens, chosen),
            torch.from_numpy(~masks.any(axis=(1, 2))),
        )

    def _kept(
        self, samples: NDArray[np.int64], index_map: Pixels, part: Pixels
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which samples are as true of a part of a picture, and the group of each there.

        What is wholly cut off is absent from the part, unless the words say where it was; what is cut through
        is left out.
        """
        inside = np.unpackbits(self._expressions.inside[samples], axis=1).astype(np.int64)
        whole, left = (inside @ np.bincount(one.ravel(), minlength=256) for one in (index_map, part))
        groups = self._expressions.groups[samples]
        gone = (whole > 0) & (left == 0) & (groups != _PLACED_GROUP)
        true = gone | ((left >= self._augmentation.kept * whole) & ((left > 0) | (whole == 0)))
        after = np.where(gone, _ABSENT_GROUP, groups)
        true &= self._shares[after] > 0
        return samples[true], after[true]

    def _choose(
        self, rng: np.random.Generator, samples: NDArray[np.int64], groups: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Draw K expressions of a picture by their groups' shares, none twice where there are enough."""
        weights = self._shares[groups] / np.bincount(groups)[groups]
        count = self._mixture.expressions
        again = np.count_nonzero(weights) < count
        return rng.choice(samples, size=(count,), replace=bool(again), p=weights / weights.sum())


def encode_texts(tokenizer: ExpressionTokenizer, texts: Sequence[str]) -> Tokens:
    """Encode texts, of which many are equal: each only once."""
    unique = list(dict.fromkeys(texts))
    tokens = tokenizer.encode(unique)
    place = {text: index for index, text in enumerate(unique)}
    return _taken(tokens, np.array([place[text] for text in texts]))


def _taken(tokens: Tokens, places: NDArray[np.int64]) -> Tokens:
    rows = torch.from_numpy(places)
    return Tokens(tokens.ids[rows], tokens.mask[rows], [tokens.truncated[place] for place in places])


def _joined(parts: Sequence[Tokens]) -> Tokens:
    return Tokens(
        torch.cat([part.ids for part in parts]),
        torch.cat([part.mask for part in parts]),
        [cut for part in parts for cut in part.truncated],
    )
