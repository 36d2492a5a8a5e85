"""Referring segmentation: ReLA from scratch on rendered rooms, whose masks are exact."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from langdesign_rela import (
    PRESETS,
    ExpressionTokenizer,
    LossWeights,
    Predictor,
    Request,
    save_checkpoint,
)
from langdesign_rela.checkpoint import VOCABULARY
from langdesign_rela.evaluation import Evaluation
from langdesign_rela.training import Batch, parameter_groups, training_losses
from numpy.typing import NDArray
from torch import nn

from .backbone import start_from
from .batches import spread
from .family import Context
from .pictures import mirrored
from .referring import GROUPS, Expressions, Referring, gather, word_pieces
from .scenery import NAMES, Scenery, SceneryHead, kept_names
from .segment_recipes import SegmentRecipe
from .segment_start import calibrate, freeze_statistics, listening, make_rela

_CHUNK = 32  # expressions segmented at once outside training
_MASK_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
_NO_TARGET_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(2, 19))

Probabilities = NDArray[np.float32]


class SegmentBatch(NamedTuple):
    """Expressions on M pictures."""

    expressions: Batch
    labels: torch.Tensor  # what the pictures show, uint8 [M, 4, S/4, S/4]; see `Scenery`


class SegmentTask:
    """Draw what an expression means, or say that nothing is meant."""

    def __init__(self, recipe: SegmentRecipe, context: Context) -> None:
        self._recipe, self._pictures, self._device = recipe, context.pictures, context.device
        pictures = context.pictures
        train = gather(pictures, pictures.places("train"))
        held_out = gather(pictures, pictures.places("validation"))
        self._validation = held_out.taken(spread(np.arange(len(held_out)), recipe.measured))
        self._vocabulary = context.folder / VOCABULARY
        self._tokenizer = _kept_tokenizer(self._vocabulary, train, recipe)
        self._source = Referring(
            pictures, train, self._tokenizer, recipe.mixture, recipe.augmentation, recipe.seed
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.model = make_rela(recipe, self._tokenizer, pictures.side)
            first = self._source.batch(0).expressions
            if recipe.start:
                names, head = start_from(context.model(recipe.start), self.model)
            else:
                names = kept_names(context.folder / NAMES, pictures)
                head = SceneryHead(self.model.config.hidden, names)
                freeze_statistics(self.model, first.images)
            calibrate(self.model, first)
        self._scenery = Scenery(pictures, names)
        self.trained = nn.ModuleDict({"rela": self.model, "scenery": head}).to(context.device)
        self._weights = LossWeights(
            mask=recipe.mask, minimap=recipe.minimap, no_target=recipe.no_target, dice=recipe.dice
        )
        self._thresholds = Thresholds()

    @property
    def batch_size(self) -> int:
        """Expressions in a batch."""
        return self._recipe.batch

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return AdamW's groups at the settings' learning rate: norms, tables and biases do not decay."""
        loop = self._recipe.loop
        head = {"params": list(self.trained["scenery"].parameters()), "lr": loop.learning_rate}
        return [*parameter_groups(self.model, loop.learning_rate, loop.weight_decay), head]

    def batch(self, step: int) -> SegmentBatch:
        """Draw pictures and expressions on them."""
        drawn = self._source.batch(step)
        labels = self._scenery.of_batch(drawn.rows, drawn.index_maps)
        return SegmentBatch(drawn.expressions.to(self._device), labels.to(self._device))

    def losses(self, batch: SegmentBatch) -> Mapping[str, torch.Tensor]:
        """Return the weighted sum of ReLA's losses and of reading the scenery off its features, and each."""
        given = batch.expressions
        with listening(self.model.pixel_decoder) as heard:
            losses = training_losses(self.model, given, self._weights)._asdict()
        seen = heard[0][0]
        if len(seen) != len(given.images):  # features that have read an expression: the first of each picture
            places = torch.arange(len(given.images), device=self._device)
            seen = seen[torch.searchsorted(given.image_of, places)]
        scenery = cast(SceneryHead, self.trained["scenery"]).loss(seen, batch.labels)
        return {**losses, "total": losses["total"] + self._recipe.scenery * scenery, "scenery": scenery}

    @torch.no_grad()
    def validate(self) -> Mapping[str, float]:
        """Measure expressions on families that were not trained on, and choose the thresholds there."""
        if not len(self._validation):
            return {}
        probabilities, no_target = self._predict(self._validation)
        truth = self._truth(self._validation)
        self._thresholds = choose_thresholds(probabilities, no_target, truth)
        return measure(self._validation, probabilities, no_target, truth, self._thresholds)

    def save(self, folder: Path, ema: bool) -> None:
        """Write the checkpoint folder that `langdesign_rela.Predictor` reads, in half precision."""
        save_checkpoint(copy.deepcopy(self.model).half(), folder)
        (folder / VOCABULARY).write_bytes(self._vocabulary.read_bytes())
        text = json.dumps(dataclasses.asdict(self._thresholds), indent=2) + "\n"
        (folder / "thresholds.json").write_text(text, "utf-8")

    def _predict(self, expressions: Expressions) -> tuple[Probabilities, Probabilities]:
        """Return the probabilities of masks [S, H, W] and of there being no target [S]."""
        asked = zip(expressions.rows, expressions.texts, strict=True)  # a picture's stand together
        requests = [
            Request(self._pictures.pixels[row], [text for _, text in said])
            for row, said in itertools.groupby(asked, key=lambda one: one[0])
        ]
        predictor = Predictor(self.model, self._tokenizer, self._device, max_expressions=_CHUNK)
        answers = predictor.predict_many(requests)
        return (
            np.concatenate([one.probability for one in answers]),
            np.concatenate([one.no_target for one in answers]),
        )

    def _truth(self, expressions: Expressions) -> NDArray[np.bool_]:
        index_maps = self._pictures.index_maps
        return np.stack([expressions.mask(i, index_maps[row]) for i, row in enumerate(expressions.rows)])


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """What the segmentation service reads beside a checkpoint."""

    mask_threshold: float = 0.5  # probability from which a pixel is inside
    no_target_threshold: float = 0.5  # probability from which nothing is meant


def choose_thresholds(
    probabilities: Probabilities, no_target: Probabilities, truth: NDArray[np.bool_]
) -> Thresholds:
    """Choose the mask's threshold by the mean IoU, then that of no target by the mean over samples (gIoU).

    Args:
        probabilities: of masks [S, H, W].
        no_target: probabilities [S].
        truth: masks [S, H, W]; empty where nothing is meant.

    """
    meant = truth.any(axis=(1, 2))
    ious = {at: _ious(probabilities[meant] >= at, truth[meant]) for at in _MASK_THRESHOLDS}
    mask = max(ious, key=lambda at: (ious[at].mean() if meant.any() else 0.0, -abs(at - 0.5)))

    def giou(at: float) -> float:
        said = no_target >= at
        return float(np.sum(ious[mask] * ~said[meant]) + np.sum(said[~meant]))

    none = max(_NO_TARGET_THRESHOLDS, key=lambda at: (giou(at), -abs(at - 0.5)))
    return Thresholds(mask, none)


def measure(
    expressions: Expressions,
    probabilities: Probabilities,
    no_target: Probabilities,
    truth: NDArray[np.bool_],
    thresholds: Thresholds,
) -> dict[str, float]:
    """Return the metrics of generalized referring segmentation, and the mean IoU of every group.

    "iou" is the mean over expressions with a target, where "no target" counts 0; "drawn" is that of the masks
    alone, whatever was said about there being a target.
    """
    masks, none = probabilities >= thresholds.mask_threshold, no_target >= thresholds.no_target_threshold
    evaluation = Evaluation()
    for mask, said, true in zip(masks, none, truth, strict=True):
        evaluation.add(mask, bool(said), true, not true.any())
    scores = evaluation.scores()
    named = {"giou": scores.giou, "ciou": scores.ciou, "n_acc": scores.n_acc, "t_acc": scores.t_acc}
    drawn = _ious(masks, truth)
    meant = truth.any(axis=(1, 2))
    means = {"iou": (drawn * ~none)[meant], "drawn": drawn[meant]}
    for number, group in enumerate(GROUPS):
        means[f"iou_{group}"] = (drawn * ~none)[meant & (expressions.groups == number)]
    measured = {name: float(value.mean()) for name, value in means.items() if len(value)}
    return measured | {name: value for name, value in named.items() if value is not None}


def _ious(masks: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    overlap, union = (masks & truth).sum(axis=(1, 2)), (masks | truth).sum(axis=(1, 2))
    return overlap / np.maximum(union, 1)  # type: ignore[no-any-return]


def _kept_tokenizer(path: Path, train: Expressions, recipe: SegmentRecipe) -> ExpressionTokenizer:
    """Return the tokenizer that a training began with; a set that grew would number its words anew."""
    if not path.is_file():
        texts = (text for one in train.texts for text in (one, mirrored(one)))
        path.write_text("\n".join(word_pieces(texts)) + "\n", "utf-8")
    return ExpressionTokenizer(path, PRESETS[recipe.network].text.max_tokens)
