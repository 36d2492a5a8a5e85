"""An editor learns small regions as serving shows them: crops, enlarged to the pictures' side."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from langdesign_edits.focus import choose, crop, crop_mask
from langdesign_finetune.batches import draws
from langdesign_finetune.clip import make_clip
from langdesign_finetune.cropping import Cropping, draw_focus
from langdesign_finetune.crops import CropKey, load_crops
from langdesign_finetune.denoising_recipes import EDIT, FurtherEditRecipe
from langdesign_finetune.edit import EditTask, rendered_edits
from langdesign_finetune.edit_check import EditCheck
from langdesign_finetune.edit_pairs import CroppedPairs, region_of
from langdesign_finetune.errors import DataError
from langdesign_finetune.family import Context
from langdesign_finetune.pictures import Pictures, load_pictures
from langdesign_finetune.recipes import CLIP, VAE
from langdesign_finetune.texts import kept_tokenizer
from langdesign_finetune.vae import encode, make_vae
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_scenes.dataset import SceneSet

from .conftest import SIDE

CROPPING = Cropping(share=0.6, enlargement=3.0)
SHARES = {"recolour": 1.0}


@pytest.fixture(scope="module")
def pictures(rooms: SceneSet, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return load_pictures(rooms, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vae") / "model"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        make_vae(dataclasses.replace(VAE["mini"], channels=(8, 8, 8, 16))).save_pretrained(folder)
    return folder


def network(folder: Path) -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(folder)


def cropped(pictures: Pictures, vae: Path) -> CroppedPairs:
    return CroppedPairs(pictures, pictures.places(), network(vae), vae, SHARES, CROPPING)


def test_crops_hold_their_region_and_vary_in_size_and_place() -> None:
    region = np.zeros((128, 128), np.bool_)
    region[60:76, 50:62] = True
    found = [draw_focus(draws(0, number), region, CROPPING) for number in range(200)]
    boxes = [one.box for one in found if one is not None]
    assert len(boxes) == 200
    for box in boxes:
        assert region[box.slices].sum() == region.sum()
        assert box.height == box.width
        assert 128 / 3 - 1 <= box.height <= 128 / 1.25
        assert box.top >= 0
        assert box.left >= 0
        assert max(box.top, box.left) + box.height <= 128
    assert len({box.height for box in boxes}) > 20
    assert np.std([box.top + box.height / 2 for box in boxes]) > 2


def test_what_is_large_or_nowhere_is_not_cropped() -> None:
    large = np.ones((128, 128), np.bool_)
    assert draw_focus(draws(0, 0), large, CROPPING) is None
    assert draw_focus(draws(0, 0), ~large, CROPPING) is None


def test_pairs_are_what_serving_would_encode_of_their_crops(pictures: Pictures, vae: Path) -> None:
    source = cropped(pictures, vae)
    chosen, still = np.arange(0, len(source), 7), np.zeros(len(range(0, len(source), 7)), bool)
    pairs = source.take(chosen, still, draws(0, 0))
    for number, before, inside in zip(chosen, pairs.before, pairs.inside, strict=True):
        place, edit = source.edits[number]
        focus = source.focus[number]
        seen = crop(pictures.pixels[pictures.row(place, edit.before)], focus)
        torch.testing.assert_close(before, encode(network(vae), seen[None])[0][0], rtol=0, atol=2e-2)
        covered = crop_mask(region_of(pictures, place, edit), focus)
        assert float(inside.mean()) == pytest.approx(covered.mean(), abs=1e-3)
        assert covered.mean() > 1.5 * region_of(pictures, place, edit).mean()


def test_mirrored_crops_are_mirrored_with_their_regions_and_words(pictures: Pictures, vae: Path) -> None:
    source = cropped(pictures, vae)
    chosen, still = np.arange(6), np.zeros(6, bool)
    plain, mirrored = source.take(chosen, still, draws(0, 0)), source.take(chosen, ~still, draws(0, 0))
    assert torch.equal(mirrored.inside, plain.inside.flip(-1))
    assert ["left" in text for text in plain.instructions] == ["right" in t for t in mirrored.instructions]


def test_an_edit_and_its_way_back_share_a_crop(pictures: Pictures, vae: Path) -> None:
    source = cropped(pictures, vae)
    boxes = {
        (place, edit.before, edit.after): focus.box
        for (place, edit), focus in zip(source.edits, source.focus, strict=True)
    }
    assert all(boxes[place, after, before] == box for (place, before, after), box in boxes.items())


def test_edits_that_must_change_nothing_are_cropped_around_a_thing(pictures: Pictures, vae: Path) -> None:
    family = pictures.families[0]
    still = dataclasses.replace(family.edits[0], operation="none", targets=(), after=family.edits[0].before)
    changed = dataclasses.replace(pictures, families=(dataclasses.replace(family, edits=(still,)),))
    near = dataclasses.replace(CROPPING, context=(0.25, 0.25))
    source = CroppedPairs(changed, [0], network(vae), vae, {"none": 1.0}, near)
    pairs = source.take(np.zeros(1, np.int64), np.zeros(1, bool), draws(0, 0))
    assert pairs.inside.max() == 0
    assert source.focus[0].scale < 1


def test_a_set_without_small_regions_is_refused(pictures: Pictures, vae: Path) -> None:
    with pytest.raises(DataError, match="no edit of a small region"):
        CroppedPairs(
            pictures,
            pictures.places(),
            network(vae),
            vae,
            SHARES,
            dataclasses.replace(CROPPING, context=(4.0, 4.0)),
        )


def test_crops_that_were_encoded_are_not_encoded_again_and_halves_of_them_are_dropped(
    rooms: SceneSet, vae: Path, tmp_path: Path
) -> None:
    pictures = load_pictures(rooms, cache=tmp_path)
    box = choose(SIDE, SIDE, pictures.mask(0, 0, ["box-1"]), SIDE, SIDE, 0.25, enlargement=3).box
    wanted = [(row, CropKey(f"{row:06d}", 0, box)) for row in range(5)]
    first, rows = load_crops(network(vae), vae, pictures, wanted[:2])
    assert rows.tolist() == [0, 1]
    data, names = next(tmp_path.glob("crops-*.f16")), next(tmp_path.glob("crops-*.jsonl"))
    known = first.moments[:2].copy()
    for path in (data, names):
        path.write_bytes(path.read_bytes() + b"half")
    latents, rows = load_crops(network(vae), vae, pictures, wanted[::-1])
    assert sorted(rows.tolist()) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(latents.moments[rows[::-1][:2]], known)
    assert data.stat().st_size == 5 * known[0].nbytes
    written = data.stat().st_mtime_ns
    load_crops(network(vae), vae, pictures, wanted)
    assert data.stat().st_mtime_ns == written


@pytest.fixture(scope="module")
def family(pictures: Pictures, vae: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A family of random weights with an editor to go on with."""
    folder = tmp_path_factory.mktemp("family")
    narrow = {"text_width": 32, "text_hidden": 32, "text_layers": 1, "text_heads": 2, "vision_layers": 1}
    tokenizer = kept_tokenizer(folder / "clip/tokenizer", pictures, 700)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        clip = make_clip(dataclasses.replace(CLIP["mini"], **narrow), tokenizer, SIDE)
    clip.save_pretrained(folder / "clip/model")
    tokenizer.save_pretrained(folder / "clip/model")
    (folder / "vae").mkdir()
    (folder / "vae/model").symlink_to(vae)
    begun = dataclasses.replace(EDIT["mini"], **SMALL, start="")
    place = folder / "edit-before/model"
    place.mkdir(parents=True)
    rendered_edits(begun, Context(pictures, folder, folder / "edit-before")).save(place, ema=False)
    return folder


SMALL = {
    "channels": (16, 32),
    "heads": 2,
    "groups": 8,
    "batch": 8,
    "measured": 8,
    "steps": 2,
    "checked": 2,
    "general": None,
}


def going_on(pictures: Pictures, family: Path, **changes: object) -> EditTask:
    recipe = dataclasses.replace(EDIT["mini-more"], **{**SMALL, **changes})
    assert isinstance(recipe, FurtherEditRecipe)
    (family / "edit").mkdir(exist_ok=True)
    return rendered_edits(recipe, Context(pictures, family, family / "edit"))


def test_a_batch_has_its_share_of_crops(pictures: Pictures, family: Path) -> None:
    areas = {
        share: np.mean(
            [
                float((task.batch(step).inside > 0).float().mean())
                for task in [going_on(pictures, family, cropping=Cropping(share=share))]
                for step in range(4)
            ]
        )
        for share in (0.0, 1.0)
    }
    assert areas[1.0] > 1.5 * areas[0.0]
    task = going_on(pictures, family, cropping=Cropping(share=0.5))
    assert torch.equal(task.batch(3).sample, task.batch(3).sample)


def test_validation_measures_both_views_and_the_guidance_is_that_of_crops(
    pictures: Pictures, family: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = going_on(pictures, family)
    seen: list[float] = []
    done = EditCheck._edited

    def edited(self: EditCheck, editor: Editor, scales: tuple[float, float], enlargement: float) -> object:
        seen.append(enlargement)
        return done(self, editor, scales, enlargement)

    monkeypatch.setattr(EditCheck, "_edited", edited)
    told = task.validate()
    assert {"loss", "loss_crop", "inside_crop", "error", "error_whole"} <= told.keys()
    assert seen == [2.0] * (len(seen) - 1) + [1.0]
    assert told["loss"] != told["loss_crop"]
