import dataclasses
import math
from pathlib import Path

import pytest
import torch
from langdesign_finetune import train
from langdesign_finetune.clip import ClipTask, contrast
from langdesign_finetune.family import Context
from langdesign_finetune.pictures import load_pictures
from langdesign_finetune.recipes import CLIP, ClipRecipe
from langdesign_scenes.dataset import SceneSet
from transformers import CLIPModel, CLIPTokenizer

RECIPE: ClipRecipe = dataclasses.replace(
    CLIP["mini"],
    loop=dataclasses.replace(CLIP["mini"].loop, steps=30, warmup=5, ema=0.0, bf16=False),
    batch=6,
    projection=32,
    text_width=32,
    text_hidden=64,
    text_layers=1,
    vision_width=32,
    vision_hidden=64,
    vision_layers=1,
)


@pytest.fixture
def task(rooms: SceneSet, tmp_path: Path) -> ClipTask:
    return ClipTask(RECIPE, Context(load_pictures(rooms), tmp_path, tmp_path))


def test_a_batch_is_whole_families_with_their_texts(task: ClipTask) -> None:
    batch = task.batch(0)
    assert batch.images.shape == (18, 3, 64, 64)
    assert batch.caption.shape == (18,)
    assert len(batch.before) == 36
    assert batch.family.tolist() == [family for family in range(6) for _ in range(3)]
    # A box has one caption, whichever edit says it.
    torch.testing.assert_close(batch.caption[batch.before], batch.caption_before)
    torch.testing.assert_close(batch.caption[batch.after], batch.caption_after)


def test_a_mirrored_family_says_so(task: ClipTask, rooms: SceneSet) -> None:
    captions = {state.caption for family in rooms for state in family.states}
    sides = {"left": 0, "right": 0}
    for step in range(4):
        batch = task.batch(step)
        texts = [task.tokenizer.decode(row, skip_special_tokens=True).strip() for row in batch.tokens]
        assert any(text.startswith("a ") and text not in captions for text in texts)
        for picture, place in zip(batch.images, batch.caption, strict=True):
            side = "left" if " left" in texts[place] else "right"
            # The box is the only thing with a colour.
            colour = (picture.amax(0) - picture.amin(0)).mean(0)
            assert (colour[:32].sum() > colour[32:].sum()) == (side == "left")
            sides[side] += 1
    assert min(sides.values()) > 0


def test_a_batch_depends_on_its_step_alone(task: ClipTask) -> None:
    first, other, again = task.batch(3), task.batch(4), task.batch(3)
    assert all(torch.equal(one, two) for one, two in zip(first, again, strict=True))
    assert not torch.equal(first.images, other.images)


def test_training_tells_a_family_s_variants_apart(task: ClipTask, tmp_path: Path) -> None:
    metrics = train(task, RECIPE.loop, tmp_path).metrics
    assert metrics["pair"] > 0.75
    assert metrics["clip_dir"] > metrics["clip_dir_shuffled"] + 0.2


def test_the_saved_folder_is_what_transformers_reads(task: ClipTask, rooms: SceneSet, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    task.save(folder, ema=True)
    model, tokenizer = CLIPModel.from_pretrained(folder), CLIPTokenizer.from_pretrained(folder)
    padded = tokenizer(["Make the chair red."], padding="max_length", return_tensors="pt")
    with torch.no_grad():
        whole = model.get_text_features(input_ids=padded["input_ids"]).pooler_output
        short = task.embed_texts(task._encode(["Make the chair red."]))[:1]
    torch.testing.assert_close(torch.nn.functional.normalize(whole, dim=-1), short, rtol=1e-4, atol=1e-5)


def test_a_tokenizer_outlives_the_growth_of_its_set(task: ClipTask, rooms: SceneSet, tmp_path: Path) -> None:
    more = ClipTask(RECIPE, Context(load_pictures(rooms, limit=2), tmp_path, tmp_path))
    assert more.tokenizer.get_vocab() == task.tokenizer.get_vocab()
    elsewhere = ClipTask(RECIPE, Context(load_pictures(rooms, limit=2), tmp_path, tmp_path / "other"))
    assert elsewhere.tokenizer.get_vocab() != task.tokenizer.get_vocab()


def test_equal_texts_are_no_negatives_of_one_another() -> None:
    rows = torch.nn.functional.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), dim=-1)
    columns = torch.eye(2)
    loss = contrast(rows, columns, torch.tensor([0, 0, 1]), torch.tensor(100.0))
    # Each text is as near to both of its pictures: half the probability each.
    assert float(loss) == pytest.approx(0.5 * (0 + 0.5 * math.log(2)), abs=1e-4)


def test_pairs_that_are_ignored_cost_nothing() -> None:
    rows, columns, own = (
        torch.tensor([[1.0, 0.0], [1.0, 0.0]]),
        torch.tensor([[1.0, 0.0], [1.0, 0.0]]),
        torch.eye(2),
    )
    scale, which = torch.tensor(10.0), torch.tensor([0, 1])
    assert float(contrast(rows, columns, which, scale)) == pytest.approx(math.log(2))
    assert float(contrast(rows, columns, which, scale, own == 0)) == pytest.approx(0, abs=1e-6)


def test_no_change_is_no_loss() -> None:
    assert (
        float(
            contrast(torch.zeros(0, 2), torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64), torch.ones(()))
        )
        == 0
    )
