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
_TINY = 1e-4  # length below which a change of features has no direction
_SHARPEST = float(np.log(100.0))  # bound of the logit scale, as in the original


class ClipBatch(NamedTuple):
    """Whole families: M pictures, U distinct texts, E edits between the pictures."""

    images: Tensor  # [M, 3, S, S], -1..1
    tokens: Tensor  # int64 [U, T]
    caption: Tensor  # int64 [M], each picture's text
    before: Tensor  # int64 [E], picture before each edit
    after: Tensor  # int64 [E], picture after it
    caption_before: Tensor  # int64 [E], text
    caption_after: Tensor  # int64 [E], text
    instruction: Tensor  # int64 [E], text


class ClipTask:
    """Match pictures and captions, and what changes in a picture with what changes in its caption.

    Variants of one scene, which differ in one thing, are one another's negatives: telling them apart is what
    the measures of an edit need.
    """

    def __init__(self, recipe: ClipRecipe, context: Context) -> None:
        self._recipe, self._pictures, self._device = recipe, context.pictures, context.device
        self.tokenizer = kept_tokenizer(context.folder / "tokenizer", context.pictures, recipe.vocabulary)
        self._encode = Encoder(self.tokenizer, context.device)
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
        changes = [edit for edit in family.edits if edit.before != edit.after]
        kept = draw.permutation(len(changes))[: self._recipe.edits]
        flipped = bool(draw.random() < 0.5)
        pictures = mirror(pictures, np.full(len(pictures), flipped))
        gathered.add(family, pictures, [changes[one] for one in kept], flipped)

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
        """Return the contrastive losses of captions, of changes of caption, and of instructions."""
        seen, said = self.embed_images(batch.images), self.embed_texts(batch.tokens)
        scale = self.trained.logit_scale.clamp(max=_SHARPEST).exp()
        with torch.autocast(seen.device.type, enabled=False):  # differences of features need their digits
            match = contrast(seen, said, batch.caption, scale)
            change = functional.normalize(seen[batch.after] - seen[batch.before], dim=-1, eps=_TINY)
            direction = _contrast_of_changes(change, said, batch, scale)
            texts, wanted = torch.unique(batch.instruction, return_inverse=True)
            instruction = contrast(change, said[texts], wanted, scale)
        total = match + self._recipe.direction * direction + self._recipe.instruction * instruction
        return {"total": total, "caption": match, "direction": direction, "instruction": instruction}

    def embed_images(self, pictures: Tensor) -> Tensor:
        """Return features [N, D] of length 1 of pictures [N, 3, S, S], -1..1."""
        pooled = self.trained.vision_model(pixel_values=pictures).pooler_output
        return functional.normalize(self.trained.visual_projection(pooled).float(), dim=-1)

    def embed_texts(self, tokens: Tensor) -> Tensor:
        """Return features [N, D] of length 1 of token numbers [N, T]."""
        pooled = self.trained.text_model(input_ids=tokens).pooler_output
        return functional.normalize(self.trained.text_projection(pooled).float(), dim=-1)

    def validate(self) -> Mapping[str, float]:
        """Measure retrieval among a family's own captions, and CLIP_dir on true and on shuffled edits."""
        families = [self._pictures.families[place] for place in self._validation]
        texts = list(dict.fromkeys(text for family in families for text in _captions(family)))
        said = dict(zip(texts, self._embedded_texts(texts), strict=True))
        right, chance, true, shuffled = [], [], [], []
        for place, family in zip(self._validation, families, strict=True):
            seen = self._embedded(int(place))
            own = list(dict.fromkeys(state.caption for state in family.states))
            best = (seen @ torch.stack([said[text] for text in own]).T).argmax(1)
            right += [own[int(one)] == state.caption for one, state in zip(best, family.states, strict=True)]
            chance += [1 / len(own)] * len(seen)
            changes = [edit for edit in family.edits if edit.before != edit.after]
            seen_changes = [seen[edit.after] - seen[edit.before] for edit in changes]
            said_changes = [said[edit.caption_after] - said[edit.caption_before] for edit in changes]
            true += _cosines(seen_changes, said_changes)
            shuffled += _cosines(seen_changes, said_changes[1:] + said_changes[:1])
        names = ("retrieval", "retrieval_chance", "clip_dir", "clip_dir_shuffled")
        values = (right, chance, true, shuffled)
        return {name: float(np.mean(one)) for name, one in zip(names, values, strict=True) if one}

    def _embedded(self, place: int) -> Tensor:
        start = self._pictures.row(place, 0)
        pictures = self._pictures.pixels[start : start + len(self._pictures.families[place].states)]
        return self.embed_images(images(pictures, self._device))

    def _embedded_texts(self, texts: Sequence[str]) -> Tensor:
        parts = [texts[place : place + _CHUNK] for place in range(0, len(texts), _CHUNK)]
        return torch.cat([self.embed_texts(self._encode(part)) for part in parts])

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
        self._captions: list[int] = []
        self._edits: list[tuple[int, ...]] = []

    def add(self, family: Family, pictures: Pixels, edits: Sequence[Edit], flipped: bool) -> None:
        """Add a family's pictures, captions and some of its edits."""
        start = len(self._captions)
        self.pictures.append(pictures)
        self._captions += [self._text(state.caption, flipped) for state in family.states]
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
        return [np.array(self._captions, np.int64), *(np.ascontiguousarray(column) for column in edits.T)]

    def _text(self, text: str, flipped: bool) -> int:
        return self.texts.setdefault(mirrored(text) if flipped else text, len(self.texts))


def contrast(rows: Tensor, columns: Tensor, column_of: Tensor, scale: Tensor) -> Tensor:
    """Return the symmetric contrastive loss of N features and U distinct ones, of which each has one.

    Args:
        rows: features [N, D] of length 1.
        columns: features [U, D] of length 1; several rows may have the same one, and are no negatives of it.
        column_of: int64 [N].
        scale: what cosines are multiplied with before the softmax.

    """
    if not len(rows):
        return rows.sum()
    logits = scale * rows @ columns.T
    forward = functional.cross_entropy(logits, column_of)
    own = functional.one_hot(column_of, len(columns)).T.to(logits.dtype)
    present = own.sum(1) > 0
    own = own[present] / own[present].sum(1, keepdim=True)
    return 0.5 * (forward + functional.cross_entropy(logits.T[present], own))


def _contrast_of_changes(change: Tensor, said: Tensor, batch: ClipBatch, scale: Tensor) -> Tensor:
    """Contrast changes of pictures [E, D] with distinct changes of caption; equal captions tell nothing."""
    named = batch.caption_before != batch.caption_after
    pairs = torch.stack([batch.caption_before[named], batch.caption_after[named]], dim=1)
    distinct, which = torch.unique(pairs, dim=0, return_inverse=True)
    told = functional.normalize(said[distinct[:, 1]] - said[distinct[:, 0]], dim=-1, eps=_TINY)
    return contrast(change[named], told, which, scale)


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


def _captions(family: Family) -> Iterator[str]:
    for state in family.states:
        yield state.caption
    for edit in family.edits:
        yield from (edit.caption_before, edit.caption_after)


def _cosines(ones: Sequence[Tensor], others: Sequence[Tensor]) -> list[float]:
    if not ones:
        return []
    return functional.cosine_similarity(torch.stack(list(ones)), torch.stack(list(others)), dim=-1).tolist()
