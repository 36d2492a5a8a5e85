import dataclasses
from pathlib import Path

import pytest
import torch
from langdesign_finetune import train
from langdesign_finetune.dino import DinoTask, balanced
from langdesign_finetune.family import Context
from langdesign_finetune.pictures import load_pictures
from langdesign_finetune.recipes import DINO, DinoRecipe
from langdesign_scenes.dataset import SceneSet
from transformers import Dinov2Model

RECIPE: DinoRecipe = dataclasses.replace(
    DINO["mini"],
    loop=dataclasses.replace(DINO["mini"].loop, steps=24, warmup=4, bf16=False),
    batch=8,
    width=32,
    layers=1,
    prototypes=32,
    bottleneck=16,
    hidden=32,
    local_crops=2,
    local_side=32,
)


@pytest.fixture
def task(rooms: SceneSet, tmp_path: Path) -> DinoTask:
    return DinoTask(RECIPE, Context(load_pictures(rooms), tmp_path, tmp_path))


def test_crops_are_wide_and_narrow_and_of_their_step(task: DinoTask) -> None:
    batch, again, other = task.batch(2), task.batch(2), task.batch(3)
    assert batch.wide.shape == (16, 3, 64, 64)
    assert batch.narrow.shape == (16, 3, 32, 32)
    assert batch.wide.abs().max() <= 1
    assert torch.equal(batch.narrow, again.narrow)
    assert not torch.equal(batch.narrow, other.narrow)


def test_the_teacher_follows_the_student_and_has_no_gradient(task: DinoTask) -> None:
    model = task.trained
    with torch.no_grad():
        for value in model.student.parameters():
            value.add_(1.0)
    before = model.teacher.embeddings.cls_token.clone()
    model.teach(0.75)
    torch.testing.assert_close(model.teacher.embeddings.cls_token, before + 0.25)
    assert not any(value.requires_grad for value in model.teacher.parameters())


def test_every_trained_parameter_has_a_gradient(task: DinoTask) -> None:
    task.losses(task.batch(0))["total"].backward()
    lacking = [
        name for name, one in task.trained.named_parameters() if one.requires_grad and one.grad is None
    ]
    assert lacking == []


def test_training_groups_rooms_without_collapse(task: DinoTask, tmp_path: Path) -> None:
    before = task.validate()["mean_similarity"]
    report = train(task, RECIPE.loop, tmp_path)
    assert report.metrics["mean_similarity"] < before
    assert report.metrics["room_accuracy"] >= report.metrics["room_chance"]


def test_balanced_assignments_use_all_prototypes_alike() -> None:
    scores = torch.randn(64, 16, generator=torch.Generator().manual_seed(0)) + 5 * torch.arange(16)
    assignments = balanced(scores, 20)
    torch.testing.assert_close(assignments.sum(1), torch.ones(64))
    torch.testing.assert_close(assignments.sum(0), torch.full((16,), 4.0), rtol=0.05, atol=0.05)


def test_the_saved_folder_is_the_teacher_as_transformers_reads_it(task: DinoTask, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    task.trained.teach(0.5)
    task.save(folder, ema=True)
    model = Dinov2Model.from_pretrained(folder).eval()
    pictures = task.batch(0).wide[:2]
    task.trained.eval()
    with torch.no_grad():
        torch.testing.assert_close(
            model(pixel_values=pictures).pooler_output,
            task.trained.teacher(pixel_values=pictures).pooler_output,
            rtol=1e-4,
            atol=1e-5,
        )
