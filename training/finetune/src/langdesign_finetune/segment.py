"""Referring segmentation: ReLA from scratch on rendered rooms, whose masks are exact."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from langdesign_edits import Verdict
from langdesign_edits.verdicts import Thresholds
from langdesign_rela import (
    PRESETS,
    ExpressionTokenizer,
    LossWeights,
    Predictor,
    Rela,
    save_checkpoint,
)
from langdesign_rela.checkpoint import VOCABULARY
from langdesign_rela.evaluation import Evaluation
from langdesign_rela.training import Batch, parameter_groups, training_losses
from langdesign_rela.words import read_words
from numpy.typing import NDArray
from torch import nn

from .backbone import start_from
from .batches import spread
from .family import Context
from .pictures import mirrored
from .referring import GROUPS, Expressions, Referring, gather, word_pieces
from .scenery import NAMES, Scenery, SceneryHead, kept_names
from .segment_recipes import FurtherSegmentRecipe, SegmentRecipe
from .segment_start import calibrate, freeze_statistics, gone_on_with, listening, make_rela
from .verdicts import (
    Probabilities,
    certainty,
    choose_thresholds,
    ious,
    predict,
    taught,
    taught_words,
    true_masks,
    verdicts,
    write_thresholds,
    write_words,
)

_CHUNK = 32  # expressions segmented at once outside training


class SegmentBatch(NamedTuple):
    """Expressions on M pictures."""

    expressions: Batch
    labels: torch.Tensor  # what the pictures show, uint8 [M, 4, S/4, S/4]; see `Scenery`


class SegmentTask:
    """Draw what an expression means, or say that nothing is meant."""

    def __init__(self, recipe: SegmentRecipe, context: Context) -> None:
        self._recipe, self._pictures, self._device = recipe, context.pictures, context.device
        pictures = context.pictures
        further = recipe if isinstance(recipe, FurtherSegmentRecipe) else None
        train = gather(pictures, pictures.places("train"), further.absent if further else 0)
        held_out = gather(pictures, pictures.places("validation"), removed=False)
        self._validation = held_out.taken(spread(np.arange(len(held_out)), recipe.measured))
        self._vocabulary = context.folder / VOCABULARY
        before = context.model(further.before) if further else None
        self._tokenizer = _kept_tokenizer(self._vocabulary, train, recipe, before)
        self._source = Referring(
            pictures, train, self._tokenizer, recipe.mixture, recipe.augmentation, recipe.seed
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            if before is None:
                self.model, names, head = self._begun(recipe, context)
            else:
                self.model = gone_on_with(before, pictures.side)
                names = kept_names(context.folder / NAMES, pictures)
                head = SceneryHead(self.model.config.hidden, names)
        self._scenery = Scenery(pictures, names)
        self.trained = nn.ModuleDict({"rela": self.model, "scenery": head}).to(context.device)
        self._weights = LossWeights(
            mask=recipe.mask, minimap=recipe.minimap, no_target=recipe.no_target, dice=recipe.dice
        )
        self._words = taught_words(train) | ((before and read_words(before)) or frozenset())
        self._thresholds = Thresholds()

    def _begun(
        self, recipe: SegmentRecipe, context: Context
    ) -> tuple[Rela, dict[str, list[str]], SceneryHead]:
        """Return a network that begins from nothing or a backbone, the scenery's names and their reader."""
        model = make_rela(recipe, self._tokenizer, self._pictures.side)
        first = self._source.batch(0).expressions
        if recipe.start:
            names, head = start_from(context.model(recipe.start), model)
        else:
            names = kept_names(context.folder / NAMES, self._pictures)
            head = SceneryHead(model.config.hidden, names)
            freeze_statistics(model, first.images)
        calibrate(model, first)
        return model, names, head

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
        predictor = Predictor(self.model, self._tokenizer, self._device, max_expressions=_CHUNK)
        probabilities, no_target = predict(predictor, self._pictures, self._validation)
        truth = true_masks(self._pictures, self._validation)
        known = taught(self._validation, self._words)
        self._thresholds = choose_thresholds(probabilities[known], no_target[known], truth[known])
        return measure(self._validation, probabilities, no_target, truth, self._thresholds)

    def save(self, folder: Path, ema: bool) -> None:
        """Write the checkpoint folder that `langdesign_rela.Predictor` reads, in half precision."""
        save_checkpoint(copy.deepcopy(self.model).half(), folder)
        (folder / VOCABULARY).write_bytes(self._vocabulary.read_bytes())
        write_words(folder, self._words)
        write_thresholds(folder, self._thresholds)


def measure(
    expressions: Expressions,
    probabilities: Probabilities,
    no_target: Probabilities,
    truth: NDArray[np.bool_],
    thresholds: Thresholds,
) -> dict[str, float]:
    """Return the metrics of generalized referring segmentation, and the mean IoU of every group.

    "iou" is the mean over expressions with a target, where one that is not found counts 0; "drawn" is that of
    the masks alone, whatever was said about a target. What is uncertain counts as taken for absent.
    """
    masks = probabilities >= thresholds.mask_threshold
    given = verdicts(masks, no_target, thresholds)
    none = given != Verdict.FOUND
    evaluation = Evaluation()
    for mask, said, true in zip(masks, none, truth, strict=True):
        evaluation.add(mask, bool(said), true, not true.any())
    scores = evaluation.scores()
    named = {"giou": scores.giou, "ciou": scores.ciou, "n_acc": scores.n_acc, "t_acc": scores.t_acc}
    drawn = ious(masks, truth)
    meant = ~expressions.empty
    means = {"iou": (drawn * ~none)[meant], "drawn": drawn[meant]}
    for number, group in enumerate(GROUPS):
        means[f"iou_{group}"] = (drawn * ~none)[meant & (expressions.groups == number)]
    measured = {name: float(value.mean()) for name, value in means.items() if len(value)}
    known = {name: value for name, value in named.items() if value is not None}
    return measured | known | certainty(given, meant)


def _kept_tokenizer(
    path: Path, train: Expressions, recipe: SegmentRecipe, before: Path | None
) -> ExpressionTokenizer:
    """Return the tokenizer that a training began with; a set that grew would number its words anew."""
    if not path.is_file():
        if before is None:
            texts = (text for one in train.texts for text in (one, mirrored(one)))
            path.write_text("\n".join(word_pieces(texts)) + "\n", "utf-8")
        else:
            path.write_bytes((before / VOCABULARY).read_bytes())
    return ExpressionTokenizer(path, PRESETS[recipe.network].text.max_tokens)
