import dataclasses
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from langdesign_edits.verdicts import Thresholds
from langdesign_finetune import DataError, RecipeError, train
from langdesign_finetune.augmentation import Augmentation
from langdesign_finetune.family import Context
from langdesign_finetune.pictures import Pictures, load_pictures, mirrored
from langdesign_finetune.referring import GROUPS, Mixture, Referring, gather, word_pieces
from langdesign_finetune.scenery import Scenery, SceneryHead, kept_names
from langdesign_finetune.segment import SegmentTask, measure
from langdesign_finetune.segment_recipes import SEGMENT, FurtherSegmentRecipe, SegmentRecipe
from langdesign_rela import ExpressionTokenizer, Predictor
from langdesign_scenes.dataset import SceneSet

from .conftest import SIDE

STILL = Augmentation(mirror=0.0, crop=0.0, brightness=0.0, tint=0.0)


@pytest.fixture(scope="module")
def pictures(rooms: SceneSet, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return load_pictures(rooms, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def tokenizer(pictures: Pictures, tmp_path: Path) -> ExpressionTokenizer:
    texts = gather(pictures, pictures.places()).texts
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(word_pieces(texts)) + "\n")
    return ExpressionTokenizer(path, 20)


def source(
    shown: Pictures, tokenizer: ExpressionTokenizer, augmentation: Augmentation = STILL, **mixture: object
) -> Referring:
    expressions = gather(shown, shown.places("train"))
    return Referring(shown, expressions, tokenizer, Mixture(**mixture), augmentation, seed=3)


def recipe(steps: int = 8) -> SegmentRecipe:
    loop = dataclasses.replace(SEGMENT["mini"].loop, steps=steps, warmup=2, learning_rate=3e-3, ema=0.5)
    mixture = Mixture(pictures=3, expressions=2)
    return dataclasses.replace(
        SEGMENT["mini"], start="", loop=loop, batch=6, mixture=mixture, network="tiny", measured=20
    )


def further() -> FurtherSegmentRecipe:
    told = {one.name: getattr(recipe(), one.name) for one in dataclasses.fields(SegmentRecipe)}
    return FurtherSegmentRecipe(**told, absent=6)


def context(pictures: Pictures, folder: Path) -> Context:
    folder.mkdir(exist_ok=True)
    return Context(pictures, folder.parent, folder)


def test_expressions_mean_their_targets_and_absent_ones_nothing(pictures: Pictures) -> None:
    expressions = gather(pictures, pictures.places())
    family = pictures.families[0]
    for place, text in enumerate(expressions.texts):
        if expressions.rows[place] != pictures.row(0, 0):
            continue
        mask = expressions.mask(place, pictures.index_maps[0])
        expected = family.mask(0, () if text == "the clock" else ("box-1",))
        np.testing.assert_array_equal(mask, expected)
        assert expressions.empty[place] == (text == "the clock")


def test_expressions_of_instructions_are_trained_too(pictures: Pictures) -> None:
    expressions = gather(pictures, pictures.places())
    # On state 0 a family has two expressions and two edits with one; on the others, two edits with one each.
    rows = Counter(int(row) for row in expressions.rows)
    assert rows[pictures.row(0, 0)] == 3
    assert rows[pictures.row(0, 1)] == rows[pictures.row(0, 2)] == 1


def test_what_was_removed_is_absent_afterwards(pictures: Pictures) -> None:
    family = pictures.families[0]
    edit = dataclasses.replace(family.edits[0], operation="remove")
    gone = dataclasses.replace(family, edits=(edit,), expressions=())
    changed = dataclasses.replace(pictures, families=(gone,), starts=(0,))
    expressions = gather(changed, [0])
    assert [GROUPS[group] for group in expressions.groups] == ["unique", "absent"]
    assert expressions.rows.tolist() == [edit.before, edit.after]


def test_an_ambiguous_instruction_teaches_nothing(pictures: Pictures) -> None:
    family = pictures.families[0]
    vague = tuple(dataclasses.replace(edit, ambiguous=True) for edit in family.edits)
    changed = dataclasses.replace(
        pictures, families=(dataclasses.replace(family, edits=vague, expressions=()),), starts=(0,)
    )
    with pytest.raises(DataError, match="expression"):
        gather(changed, [0])


def test_a_batch_is_a_function_of_its_step(pictures: Pictures, tokenizer: ExpressionTokenizer) -> None:
    one, same = (source(pictures, tokenizer, Augmentation()).batch(5).expressions for _ in range(2))
    assert torch.equal(one.images, same.images)
    assert torch.equal(one.targets.masks, same.targets.masks)
    assert not torch.equal(
        one.images, source(pictures, tokenizer, Augmentation()).batch(6).expressions.images
    )


def test_mirrored_pictures_have_mirrored_masks_and_words(
    pictures: Pictures, tokenizer: ExpressionTokenizer
) -> None:
    plain = source(pictures, tokenizer).batch(0).expressions
    flipped = source(pictures, tokenizer, dataclasses.replace(STILL, mirror=1.0)).batch(0).expressions
    torch.testing.assert_close(flipped.images, plain.images.flip(-1))
    assert torch.equal(flipped.targets.masks, plain.targets.masks.flip(-1))
    left, right = (tokenizer.encode([side]).ids[0, 1] for side in ("left", "right"))
    assert (plain.tokens.ids == left).any()
    assert torch.equal(plain.tokens.ids == left, flipped.tokens.ids == right)


def test_crops_show_what_is_meant_whole_or_not_at_all(
    pictures: Pictures, tokenizer: ExpressionTokenizer
) -> None:
    crop = Augmentation(mirror=0.0, crop=1.0, smallest=0.4, kept=1.0, brightness=0.0, tint=0.0)
    cropped = source(pictures, tokenizer, crop, pictures=8)
    gone = moved = 0
    clock = tokenizer.encode(["the clock"]).ids[0]
    for step in range(20):
        batch = cropped.batch(step)
        drawn = batch.expressions
        assert torch.equal(drawn.targets.masks.sum(dim=(1, 2)) == 0, drawn.targets.empty)
        for place, image in enumerate(drawn.image_of.tolist()):
            before, after = pictures.index_maps[batch.rows[image]], batch.index_maps[image]
            moved += int((before != after).any())
            if drawn.targets.empty[place] and not torch.equal(drawn.tokens.ids[place], clock):
                assert not (after == 2).any()  # what was there is wholly cut off
                gone += 1
            elif not drawn.targets.empty[place]:
                assert (after == 2).sum() >= (before == 2).sum()  # whole, and perhaps nearer
    assert moved > 10
    assert gone > 3
    assert drawn.images.shape[-1] == SIDE


def test_expressions_are_written_anew_where_many_are_wanted(pictures: Pictures) -> None:
    few, many = gather(pictures, [0]), gather(pictures, [0], absent=10)
    assert set(few.texts) <= set(many.texts)
    assert len(many) > len(few)
    absent = many.texts_of("absent")
    assert len(absent) > 10
    kinds = {one.kind for state in pictures.families[0].states for one in state.instances}
    assert not {f"the {kind}" for kind in kinds} & set(absent)


def test_an_instruction_about_what_is_absent_is_an_absent_expression(pictures: Pictures) -> None:
    family = pictures.families[0]
    edit = dataclasses.replace(
        family.edits[0], operation="none", before=1, after=1, expression="the piano", located=(), targets=()
    )
    changed = dataclasses.replace(
        pictures, families=(dataclasses.replace(family, edits=(edit,), expressions=()),), starts=(0,)
    )
    assert gather(changed, [0]).texts_of("absent") == ("the piano",)


def test_labels_follow_the_picture_through_crop_and_mirror(
    pictures: Pictures, tokenizer: ExpressionTokenizer, tmp_path: Path
) -> None:
    scenery = Scenery(pictures, kept_names(tmp_path / "names.json", pictures))
    chair = scenery.vocabulary["kind"].index("chair")
    always = Augmentation(mirror=0.5, crop=1.0, smallest=0.6)
    seen = 0
    for step in range(5):
        batch = source(pictures, tokenizer, always).batch(step)
        for row, index_map in zip(batch.rows, batch.index_maps, strict=True):
            family = pictures.families[row // 3]
            labels = scenery.labels(row, index_map, SIDE // 4)
            box = family.states[row % 3].instances[1]
            inside = index_map[2::4, 2::4] == 2
            assert ((labels[0] == chair) == (inside & (box.kind == "chair"))).all()
            colour = scenery.vocabulary["colour"].index(box.colour)
            assert (labels[1][inside] == colour).all()
            seen += int(inside.any())
    assert seen > 20


def test_names_that_a_training_did_not_begin_with_have_no_label(pictures: Pictures) -> None:
    known = {"kind": ["wall"], "colour": ["grey"], "material": ["wood"], "pattern": []}
    labels = Scenery(pictures, known).labels(0, pictures.index_maps[0], SIDE)
    wall = pictures.index_maps[0] == 1
    assert (labels[0][wall] == 0).all()
    assert (labels[0][~wall] == 255).all()
    assert (labels[3] == 255).all()
    head = SceneryHead(8, {**known, "pattern": ["plain"]})
    loss = head.loss(torch.zeros(1, 8, SIDE, SIDE), torch.from_numpy(labels)[None])
    assert torch.isfinite(loss)


def test_groups_have_their_shares(pictures: Pictures, tokenizer: ExpressionTokenizer) -> None:
    only = source(pictures, tokenizer, shares=dict.fromkeys(GROUPS, 0.0) | {"placed": 1.0})
    assert not only.batch(0).expressions.targets.empty.any()
    shares = dict.fromkeys(GROUPS, 0.0) | {"placed": 0.25, "absent": 0.75}
    mixed = source(pictures, tokenizer, pictures=300, expressions=1, shares=shares).batch(0).expressions
    assert mixed.targets.empty.float().mean() == pytest.approx(0.75, abs=0.08)


def test_the_vocabulary_holds_the_texts_words_whole(tokenizer: ExpressionTokenizer) -> None:
    ids = tokenizer.encode(["the zebra-striped sofa"]).ids
    known = tokenizer.encode(["the sofa"]).ids
    assert int((known != 0).sum()) == 4  # with its start and its end
    assert int((ids != 0).sum()) > 6
    assert word_pieces(["The fjord", "fjord mica"])[-2:] == ["fjord", "mica"]


def test_a_batch_that_the_mixture_does_not_make_is_refused() -> None:
    with pytest.raises(ValueError, match="agree"):
        dataclasses.replace(SEGMENT["mini"], batch=7)


def test_training_lowers_the_loss_and_words_reach_the_deep_stages(pictures: Pictures, tmp_path: Path) -> None:
    chosen = recipe(40)
    task = SegmentTask(chosen, context(pictures, tmp_path / "segment"))
    task.losses(task.batch(0))["total"].backward()
    gates = [stage.gate for stage in task.model.backbone.stages if stage.gate]
    assert all(matrix.weight.grad.abs().sum() > 0 for gate in gates for matrix in gate)
    task.trained.zero_grad()
    with torch.no_grad():
        first = sum(float(task.losses(task.batch(step))["total"]) for step in range(100, 104))
    train(task, chosen.loop, tmp_path / "segment")
    with torch.no_grad():
        last = sum(float(task.losses(task.batch(step))["total"]) for step in range(100, 104))
    assert last < 0.7 * first


def test_the_saved_model_segments_with_its_thresholds(pictures: Pictures, tmp_path: Path) -> None:
    chosen = recipe(2)
    task = SegmentTask(chosen, context(pictures, tmp_path / "segment"))
    report = train(task, chosen.loop, tmp_path / "segment")
    assert {"giou", "ciou", "n_acc", "t_acc", "iou", "drawn", "iou_placed"} <= report.metrics.keys()
    folder = tmp_path / "segment" / "model"
    assert {"false_certificates", "false_edits", "uncertain_present"} <= report.metrics.keys()
    assert Thresholds.of(json.loads((folder / "thresholds.json").read_text())).uncertain_threshold is not None
    answer = Predictor.from_folder(folder).predict(pictures.pixels[0], ["the chair", "the clock"])
    assert answer.probability.shape == (2, SIDE, SIDE)
    assert answer.unknown == ((), ())
    assert Predictor.from_folder(folder).predict(pictures.pixels[0], ["the sofas of wool"]).unknown == (
        ("wool",),
    )


def test_a_training_goes_on_with_a_whole_network_and_its_words(pictures: Pictures, tmp_path: Path) -> None:
    first = SegmentTask(recipe(), context(pictures, tmp_path / "segment"))
    (tmp_path / "segment-before" / "model").mkdir(parents=True)
    first.save(tmp_path / "segment-before" / "model", ema=False)
    (tmp_path / "segment-before" / "model" / "words.txt").write_text("ottoman\n")
    second = SegmentTask(further(), context(pictures, tmp_path / "more"))
    for name, value in second.model.state_dict().items():
        torch.testing.assert_close(value, first.model.state_dict()[name], atol=1e-3, rtol=1e-3, msg=name)
    second.save(tmp_path / "more", ema=False)
    assert {"ottoman", "chair"} <= set((tmp_path / "more" / "words.txt").read_text().split())
    assert second.losses(second.batch(0))["total"].isfinite()


def test_a_network_for_pictures_of_another_side_is_not_gone_on_with(
    pictures: Pictures, tmp_path: Path
) -> None:
    first = SegmentTask(recipe(), context(pictures, tmp_path / "segment"))
    folder = tmp_path / "segment-before" / "model"
    folder.mkdir(parents=True)
    first.save(folder, ema=False)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "image_size": 2 * SIDE}))
    with pytest.raises(RecipeError, match="--size 128"):
        SegmentTask(further(), context(pictures, tmp_path / "more"))


def test_a_training_that_goes_on_keeps_its_words(pictures: Pictures, rooms: SceneSet, tmp_path: Path) -> None:
    few = load_pictures(rooms, limit=2, cache=tmp_path / "few")
    first = SegmentTask(recipe(), context(few, tmp_path / "segment"))
    second = SegmentTask(recipe(), context(pictures, tmp_path / "segment"))
    assert first.model.config == second.model.config


def test_a_target_taken_for_none_counts_zero_but_its_mask_is_judged(pictures: Pictures) -> None:
    expressions = gather(pictures, pictures.places("validation"))
    truth = np.stack(
        [expressions.mask(i, pictures.index_maps[row]) for i, row in enumerate(expressions.rows)]
    )
    none = np.ones(len(truth), np.float32)
    scores = measure(expressions, truth.astype(np.float32), none, truth, Thresholds())
    assert (scores["iou"], scores["drawn"], scores["t_acc"], scores["n_acc"]) == (0.0, 1.0, 0.0, 1.0)


def test_expressions_survive_being_mirrored_twice(pictures: Pictures) -> None:
    for text in gather(pictures, pictures.places()).texts:
        assert mirrored(mirrored(text)) == text
