"""Self-distillation without labels: class features that compare pictures.

DINO (Caron et al., arXiv:2104.14294) with balanced assignments in the place of its centering, as DINOv2 has
them: a small batch of a small set would collapse with the mean of the past.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import Dinov2Config, Dinov2Model

from .batches import draws, images, spread
from .clip import write_preprocessor
from .family import Context
from .recipes import DinoRecipe

_CHUNK = 64  # pictures embedded at once outside training
_NEIGHBOURS = 5
_KNOWN, _ASKED = 400, 128  # families of the training split that vote, and of the validation that ask


class DinoBatch(NamedTuple):
    """Crops of B pictures."""

    step: int  # what momentum and temperature depend on
    wide: Tensor  # two crops of each [2B, 3, S, S], -1..1, all first crops before all second ones
    narrow: Tensor  # L smaller crops of each [LB, 3, s, s]


class DinoTask:
    """A student says of every crop what its own average, the teacher, says of another, wide crop."""

    def __init__(self, recipe: DinoRecipe, context: Context) -> None:
        self._recipe, self._pictures, self._device = recipe, context.pictures, context.device
        self._train = context.pictures.rows("train")
        self._known = spread(np.array(context.pictures.places("train"), np.int64), _KNOWN)
        asked = np.array(context.pictures.places("validation"), np.int64)
        self._asked = spread(asked if len(asked) else self._known, _ASKED)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.trained = Distillation(recipe, context.pictures.side).to(context.device)

    @property
    def batch_size(self) -> int:
        """Pictures in a batch."""
        return self._recipe.batch

    def batch(self, step: int) -> DinoBatch:
        """Draw pictures and their crops."""
        recipe, draw = self._recipe, draws(self._recipe.seed, step)
        rows = np.sort(draw.choice(self._train, recipe.batch))
        pictures = images(self._pictures.pixels[rows], self._device)
        side = pictures.shape[-1]
        wide = [self._crops(pictures, side, recipe.global_scale, draw) for _ in range(2)]
        narrow = [
            self._crops(pictures, recipe.local_side, recipe.local_scale, draw)
            for _ in range(recipe.local_crops)
        ]
        return DinoBatch(step, torch.cat(wide), torch.cat(narrow))

    def _crops(
        self, pictures: Tensor, side: int, scale: tuple[float, float], draw: np.random.Generator
    ) -> Tensor:
        """Crop each picture at random, mirror it or not, and change its light."""
        count, light = len(pictures), self._recipe.light
        shares = np.sqrt(draw.uniform(*scale, count))
        shifts = (1 - shares) * draw.uniform(-1, 1, (2, count))
        affine = np.zeros((count, 2, 3), np.float32)
        affine[:, 0, 0], affine[:, 1, 1] = shares * draw.choice((-1, 1), count), shares
        affine[:, :, 2] = shifts.T
        grid = functional.affine_grid(
            torch.from_numpy(affine).to(pictures), [count, 3, side, side], align_corners=False
        )
        crops = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
        contrast, brightness = draw.uniform(-light, light, (2, count, 1, 1, 1)).astype(np.float32)
        changed = crops * torch.from_numpy(1 + contrast).to(crops) + torch.from_numpy(brightness).to(crops)
        return changed.clamp(-1, 1)

    def losses(self, batch: DinoBatch) -> Mapping[str, Tensor]:
        """Return the cross-entropy between the teacher's and the student's assignments to prototypes."""
        model, recipe, progress = self.trained, self._recipe, batch.step / self._recipe.loop.steps
        model.teach(1 - (1 - recipe.momentum) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress))))
        first, last = recipe.teacher_temperature
        warm = min(1.0, batch.step / max(1, recipe.loop.warmup))
        targets = model.targets(batch.wide, first + (last - first) * warm, recipe.balancing)
        scores = [one / recipe.student_temperature for one in model.student_scores(batch.wide, batch.narrow)]
        views = [part.log_softmax(-1) for one in scores for part in one.split(recipe.batch)]  # type: ignore[no-untyped-call]
        terms = [
            -(target * view).sum(-1).mean()
            for place, target in enumerate(targets.split(recipe.batch))  # type: ignore[no-untyped-call]
            for other, view in enumerate(views)
            if place != other
        ]
        total = torch.stack(terms).mean()
        entropy = -(targets * targets.clamp_min(1e-9).log()).sum(-1).mean()
        return {"total": total, "teacher_entropy": entropy}

    def validate(self) -> Mapping[str, float]:
        """Measure whether the nearest families are of the same kind of room, and how far features spread."""
        known, asked = self._embedded(self._known), self._embedded(self._asked)
        rooms = [family.room for family in self._pictures.families]
        nearest = (asked @ known.T).topk(min(_NEIGHBOURS + 1, len(known)), dim=1).indices.cpu().numpy()
        right = [
            _vote([rooms[self._known[one]] for one in near if self._known[one] != place]) == rooms[place]
            for place, near in zip(self._asked, nearest, strict=True)
        ]
        common = _vote([rooms[place] for place in self._known])
        chance = [rooms[place] == common for place in self._asked]
        similarity = float((known @ known.T).mean())
        return {
            "room_accuracy": float(np.mean(right)),
            "room_chance": float(np.mean(chance)),
            "mean_similarity": similarity,
        }

    def _embedded(self, places: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.int64]]) -> Tensor:
        rows = np.array([self._pictures.row(int(place), 0) for place in places])
        parts = [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
        features = [
            self.trained.teacher(pixel_values=images(self._pictures.pixels[part], self._device)).pooler_output
            for part in parts
        ]
        return functional.normalize(torch.cat(features).float(), dim=-1)

    def save(self, folder: Path, ema: bool) -> None:
        """Write the teacher and how a picture is normalised, as transformers reads them."""
        self.trained.teacher.save_pretrained(folder)
        write_preprocessor(folder, self._pictures.side)


class Distillation(nn.Module):
    """Student and teacher, each an encoder and a head; the teacher has no gradient."""

    def __init__(self, recipe: DinoRecipe, side: int) -> None:
        super().__init__()
        config = Dinov2Config(
            hidden_size=recipe.width,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            image_size=side,
            patch_size=recipe.patch,
        )
        self.student = Dinov2Model(config)
        # Over so few tokens the plain products are quicker on the CPU than the fused kernel's backward pass.
        self.student.set_attn_implementation("eager")
        # It stands for hidden patches, which this training has none of.
        self.student.embeddings.mask_token.requires_grad_(False)
        self.student_head = _Head(recipe)
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        self.teacher_head = copy.deepcopy(self.student_head).requires_grad_(False)

    @torch.no_grad()
    def teach(self, momentum: float) -> None:
        """Move the teacher towards the student."""
        for teacher, student in ((self.teacher, self.student), (self.teacher_head, self.student_head)):
            torch._foreach_lerp_(list(teacher.parameters()), list(student.parameters()), 1 - momentum)

    @torch.no_grad()
    def targets(self, wide: Tensor, temperature: float, rounds: int) -> Tensor:
        """Return the teacher's assignments [2B, K], which use all prototypes alike."""
        scores = self.teacher_head(self.teacher(pixel_values=wide).pooler_output)
        return balanced(scores / temperature, rounds)

    def student_scores(self, wide: Tensor, narrow: Tensor) -> tuple[Tensor, Tensor]:
        """Return the student's scores of wide crops [2B, K] and of narrow ones [LB, K]."""
        return (
            self.student_head(self.student(pixel_values=wide).pooler_output),
            self.student_head(self.student(pixel_values=narrow).pooler_output),
        )


def balanced(logits: Tensor, rounds: int) -> Tensor:
    """Return assignments [N, K], each of sum 1, whose sum over N is nearly the same for all K.

    Sinkhorn and Knopp's normalisation of rows and columns in turn (SwAV, arXiv:2006.09882), on logarithms.
    """
    for _ in range(rounds):
        logits = logits - logits.logsumexp(0, keepdim=True)
        logits = logits - logits.logsumexp(1, keepdim=True)
    return logits.exp()


class _Head(nn.Module):
    def __init__(self, recipe: DinoRecipe) -> None:
        super().__init__()
        self.project = nn.Sequential(
            nn.Linear(recipe.width, recipe.hidden), nn.GELU(), nn.Linear(recipe.hidden, recipe.bottleneck)
        )
        self.prototypes = nn.Parameter(torch.randn(recipe.prototypes, recipe.bottleneck))

    def forward(self, features: Tensor) -> Tensor:
        """Return the cosines [N, K] of features [N, D] with the prototypes, float32."""
        points = functional.normalize(self.project(features).float(), dim=-1)
        with torch.autocast(features.device.type, enabled=False):  # a temperature will magnify them
            return points @ functional.normalize(self.prototypes, dim=-1).T


def _vote(rooms: Sequence[str]) -> str:
    """Return the most frequent, the first where several are."""
    return max(rooms, key=rooms.count) if rooms else ""
