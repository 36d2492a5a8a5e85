"""The contrastive model: its text tower conditions the UNets, both towers judge edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from langdesign_diffusion.checkpoint import write_json
from langdesign_scenes.dataset import Edit, Family
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from .batches import draws, images, mirror, spread
from .family import Context
from .pictures import Pixels, mirrored
from .recipes import ClipRecipe
from .texts import Encoder, kept_tokenizer

_CHUNK = 64  # pictures or texts embedded at once outside training
_MEASURED = 64  # families that a validation looks at
_PADDED = (64, 16)  # multiples of texts and of their tokens
_TINY = 1e-4  # length below which a change of features has no direction
_SHARPEST = float(np.log(100.0))  # bound of the logit scale, as in the original


class ClipBatch(NamedTuple):
    """Whole families: M pictures, U distinct texts, E edits between the pictures."""

    images: Tensor  # [M, 3, S, S], -1..1
    tokens: Tensor  # int64 [U, T], padded at the end of both sides
    family: Tensor  # int64 [M], each picture's
    caption: Tensor  # int64 [M], a text that is true of each picture
    before: Tensor  # int64 [E], picture before each edit
    after: Tensor  # int64 [E], picture after it
    caption_before: Tensor  # int64 [E], text
    caption_after: Tensor  # int64 [E], text
    instruction: Tensor  # int64 [E], text


class ClipTask:
    """Match pictures and captions, and what changes in a picture with what changes in its caption.

    A caption names a few of the things in a picture, so it may be true of the scene's other variants as well:
    captions are negatives for other families only. What tells variants apart are edits, whose two captions
    name what changes.
    """

    def __init__(self, recipe: ClipRecipe, context: Context) -> None:
        self._recipe, self._pictures, self._device = recipe, context.pictures, context.device
        self.tokenizer = kept_tokenizer(context.folder / "tokenizer", context.pictures, recipe.vocabulary)
        self._encode = Encoder(self.tokenizer, context.device, *_PADDED)
        self._train = np.array(context.pictures.places("train"))
        validation = np.array(context.pictures.places("validation"), dtype=np.int64)
        self._validation = spread(validation if len(validation) else self._train, _MEASURED)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.trained: CLIPModel = make_clip(recipe, self.tokenizer, context.pictures.side).to(
                context.device
            )

    @property
    def batch_size(self) -> int:
        """Families in a batch."""
        return self._recipe.batch

    def batch(self, step: int) -> ClipBatch:
        """Draw families, each mirrored or not and cropped a little, with all their states."""
        draw = draws(self._recipe.seed, step)
        count = min(self._recipe.batch, len(self._train))
        gathered = _Gathered()
        for place in draw.choice(self._train, count, replace=False):
            self._gather(int(place), draw, gathered)
        crops = torch.cat(list(self._crops(gathered.pictures, draw)))
        tokens = self._encode(list(gathered.texts))
        columns = [torch.tensor(column, device=self._device) for column in gathered.columns()]
        return ClipBatch(crops, tokens, *columns)

    def _gather(self, place: int, draw: np.random.Generator, gathered: _Gathered) -> None:
        family = self._pictures.families[place]
        start = self._pictures.row(place, 0)
        pictures = self._pictures.pixels[start : start + len(family.states)]
        changes = [edit for edit in family.edits if edit.caption_before != edit.caption_after]
        kept = draw.permutation(len(changes))[: self._recipe.edits]
        flipped = bool(draw.random() < 0.5)
        pictures = mirror(pictures, np.full(len(pictures), flipped))
        captions = [str(draw.choice(texts)) for texts in _true_captions(family)]
        gathered.add(family, pictures, captions, [changes[one] for one in kept], flipped)

    def _crops(self, families: Sequence[Pixels], draw: np.random.Generator) -> Iterator[Tensor]:
        """Crop each family's pictures alike, and scale them back."""
        side = self._pictures.side
        smallest = round(side * (1 - self._recipe.crop))
        for pictures in families:
            crop = int(draw.integers(smallest, side + 1))
            top, left = draw.integers(side - crop + 1, size=2)
            part = images(pictures[:, top : top + crop, left : left + crop], self._device)
            yield functional.interpolate(part, (side, side), mode="bilinear", align_corners=False)

    def losses(self, batch: ClipBatch) -> Mapping[str, Tensor]:
        """Return the contrastive losses of captions, of edits' captions, of changes and of instructions."""
        seen, said = self.embed_images(batch.images), self.embed_texts(batch.tokens)
        scale = self.trained.logit_scale.clamp(max=_SHARPEST).exp()
        with torch.autocast(seen.device.type, enabled=False):  # differences of features need their digits
            losses = {
                "caption": _contrast_of_captions(seen, said, batch, scale),
                "pair": _pair_loss(seen, said, batch, scale),
                "direction": _contrast_of_changes(seen, said, batch, scale),
                "instruction": _contrast_of_instructions(seen, said, batch, scale),
            }
        recipe = self._recipe
        weights = {"pair": recipe.pair, "direction": recipe.direction, "instruction": recipe.instruction}
        total = losses["caption"] + sum(weight * losses[name] for name, weight in weights.items())
        return {"total": total, **losses}

    def embed_images(self, pictures: Tensor) -> Tensor:
        """Return features [N, D] of length 1 of pictures [N, 3, S, S], -1..1."""
        pooled = self.trained.vision_model(pixel_values=pictures).pooler_output
        return functional.normalize(self.trained.visual_projection(pooled).float(), dim=-1)

    def embed_texts(self, tokens: Tensor) -> Tensor:
        """Return features [N, D] of length 1 of token numbers [N, T]."""
        pooled = self.trained.text_model(input_ids=tokens).pooler_output
        return functional.normalize(self.trained.text_projection(pooled).float(), dim=-1)

    def validate(self) -> Mapping[str, float]:
        """Measure retrieval among families, which caption is whose, CLIP_dir on true and shuffled edits."""
        families = [self._pictures.families[place] for place in self._validation]
        seen = [self._embedded(int(place)) for place in self._validation]
        firsts = self._embedded_texts([family.states[0].caption for family in families])
        scores = torch.stack([one[0] for one in seen]) @ firsts.T
        measured = [self._measured(family, one) for family, one in zip(families, seen, strict=True)]
        right, changes, told = (torch.cat([one[place] for one in measured]) for place in range(3))
        return {
            "retrieval": float(
                (scores.argmax(1) == torch.arange(len(scores), device=scores.device)).float().mean()
            ),
            "pair": float(right.float().mean()),
            "clip_dir": float(functional.cosine_similarity(changes, told).mean()),
            "clip_dir_shuffled": float(functional.cosine_similarity(changes, told.roll(1, 0)).mean()),
        }

    def _measured(self, family: Family, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return for a family's edits which captions are nearest their own picture, and both changes."""
        edits = [edit for edit in family.edits if edit.caption_before != edit.caption_after]
        width = seen.shape[1]
        if not edits:
            return seen.new_empty(0), seen.new_empty(0, width), seen.new_empty(0, width)
        before, after = seen[[edit.before for edit in edits]], seen[[edit.after for edit in edits]]
        told_before = self._embedded_texts([edit.caption_before for edit in edits])
        told = self._embedded_texts([edit.caption_after for edit in edits]) - told_before
        right = torch.cat([(after * told).sum(1) > 0, (before * told).sum(1) < 0])
        return right, after - before, told

    def _embedded(self, place: int) -> Tensor:
        start = self._pictures.row(place, 0)
        pictures = self._pictures.pixels[start : start + len(self._pictures.families[place].states)]
        return self.embed_images(images(pictures, self._device))

    def _embedded_texts(self, texts: Sequence[str]) -> Tensor:
        parts = [texts[place : place + _CHUNK] for place in range(0, len(texts), _CHUNK)]
        return torch.cat([self.embed_texts(self._encode(part))[: len(part)] for part in parts])

    def save(self, folder: Path, ema: bool) -> None:
        """Write the model, its tokenizer and how a picture is normalised, as transformers reads them."""
        self.trained.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        write_preprocessor(folder, self._pictures.side)


class _Gathered:
    """A batch in the making."""

    def __init__(self) -> None:
        self.pictures: list[Pixels] = []
        self.texts: dict[str, int] = {}
        self._family: list[int] = []
        self._captions: list[int] = []
        self._edits: list[tuple[int, ...]] = []

    def add(
        self, family: Family, pictures: Pixels, captions: Sequence[str], edits: Sequence[Edit], flipped: bool
    ) -> None:
        """Add a family's pictures, a caption of each, and some of its edits."""
        start = len(self._captions)
        self._family += [len(self.pictures)] * len(pictures)
        self.pictures.append(pictures)
        self._captions += [self._text(caption, flipped) for caption in captions]
        self._edits += [
            (
                start + edit.before,
                start + edit.after,
                self._text(edit.caption_before, flipped),
                self._text(edit.caption_after, flipped),
                self._text(edit.instruction, flipped),
            )
            for edit in edits
        ]

    def columns(self) -> list[NDArray[np.int64]]:
        """Return what `ClipBatch` holds behind its tokens."""
        edits = np.array(self._edits, np.int64).reshape(-1, 5)
        pictures = (np.array(self._family, np.int64), np.array(self._captions, np.int64))
        return [*pictures, *(np.ascontiguousarray(column) for column in edits.T)]

    def _text(self, text: str, flipped: bool) -> int:
        return self.texts.setdefault(mirrored(text) if flipped else text, len(self.texts))


def contrast(
    rows: Tensor, columns: Tensor, column_of: Tensor, scale: Tensor, ignored: Tensor | None = None
) -> Tensor:
    """Return the symmetric contrastive loss of N features and U distinct ones, of which each has one.

    Args:
        rows: features [N, D] of length 1.
        columns: features [U, D] of length 1, each of at least one row; rows that share one attract it alike.
        column_of: int64 [N].
        scale: what cosines are multiplied with before the softmax.
        ignored: pairs that are no negatives either, bool [N, U].

    """
    if not len(rows):
        return rows.sum()
    logits = scale * rows @ columns.T
    if ignored is not None:
        logits = logits.masked_fill(ignored, -1e4)
    own = functional.one_hot(column_of, len(columns)).T.to(logits.dtype)
    own = own / own.sum(1, keepdim=True)
    return 0.5 * (functional.cross_entropy(logits, column_of) + functional.cross_entropy(logits.T, own))


def _contrast_of_captions(seen: Tensor, said: Tensor, batch: ClipBatch, scale: Tensor) -> Tensor:
    texts, which = torch.unique(batch.caption, return_inverse=True)
    own = functional.one_hot(which, len(texts)).bool()
    relatives = (batch.family[:, None] == batch.family[None]).float() @ own.float() > 0
    return contrast(seen, said[texts], which, scale, relatives & ~own)


def _pair_loss(seen: Tensor, said: Tensor, batch: ClipBatch, scale: Tensor) -> Tensor:
    """Ask of each picture of an edit which of the two captions is its own."""
    told = said[batch.caption_after] - said[batch.caption_before]
    margins = torch.cat([(seen[batch.after] * told).sum(1), -(seen[batch.before] * told).sum(1)])
    return functional.softplus(-scale * margins).sum() / max(1, len(margins))


def _changes(seen: Tensor, batch: ClipBatch) -> Tensor:
    return functional.normalize(seen[batch.after] - seen[batch.before], dim=-1, eps=_TINY)


def _contrast_of_changes(seen: Tensor, said: Tensor, batch: ClipBatch, scale: Tensor) -> Tensor:
    pairs = torch.stack([batch.caption_before, batch.caption_after], dim=1)
    distinct, which = torch.unique(pairs, dim=0, return_inverse=True)
    told = functional.normalize(said[distinct[:, 1]] - said[distinct[:, 0]], dim=-1, eps=_TINY)
    return contrast(_changes(seen, batch), told, which, scale)


def _contrast_of_instructions(seen: Tensor, said: Tensor, batch: ClipBatch, scale: Tensor) -> Tensor:
    texts, which = torch.unique(batch.instruction, return_inverse=True)
    return contrast(_changes(seen, batch), said[texts], which, scale)


def make_clip(recipe: ClipRecipe, tokenizer: CLIPTokenizer, side: int) -> CLIPModel:
    """Make the network with random weights from torch's generator, for pictures of a side."""
    special = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": recipe.text_width,
        "intermediate_size": recipe.text_hidden,
        "num_hidden_layers": recipe.text_layers,
        "num_attention_heads": recipe.text_heads,
        "max_position_embeddings": tokenizer.model_max_length,
        **special,
    }
    vision = {
        "hidden_size": recipe.vision_width,
        "intermediate_size": recipe.vision_hidden,
        "num_hidden_layers": recipe.vision_layers,
        "num_attention_heads": recipe.vision_heads,
        "image_size": side,
        "patch_size": recipe.patch,
    }
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=recipe.projection))
    # Over so few tokens the plain products are quicker on the CPU than the fused kernel's backward pass.
    model.set_attn_implementation("eager")
    return model


def write_preprocessor(folder: Path, side: int) -> None:
    """Write that pictures are `side` pixels wide and high, -1..1."""
    settings = {
        "size": {"height": side, "width": side},
        "do_resize": True,
        "do_center_crop": False,
        "do_normalize": True,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    write_json(folder / "preprocessor_config.json", settings)


def _true_captions(family: Family) -> list[list[str]]:
    """Return for each state what is said of it: its caption, and those of the edits from and to it."""
    captions = [[state.caption] for state in family.states]
    for edit in family.edits:
        captions[edit.before].append(edit.caption_before)
        captions[edit.after].append(edit.caption_after)
    return captions
