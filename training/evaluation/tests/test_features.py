import json
import shutil

import numpy as np
import pytest
from langdesign_evaluation import Clip, Dino, ModelError, metrics


def pictures(count, height=32, width=32):
    return list(np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8))


def test_features_have_length_one_and_keep_their_order(clip, dino):
    one, two, three = pictures(3)
    for extractor in (clip, dino):
        found = extractor.images([one, two, one, three])
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
        assert (found[0] == found[2]).all()
        assert not np.allclose(found[0], found[1])
        assert np.allclose(extractor.images([three])[0], found[3])


def test_batches_do_not_change_the_features(models):
    some = pictures(5)
    together = Clip(models / "clip", batch=5).images(some)
    assert np.allclose(Clip(models / "clip", batch=2).images(some), together, atol=1e-5)


def test_a_known_picture_is_not_computed_again(models, monkeypatch):
    clip = Clip(models / "clip")
    found = clip.images(pictures(2))
    monkeypatch.setattr(clip, "_model", None)
    assert (clip.images(pictures(2)) == found).all()


def test_texts_share_the_pictures_space(clip):
    found = clip.texts(["the red chair", "a room", "the red chair"])
    assert found.shape[1] == clip.images(pictures(1)).shape[1]
    assert (found[0] == found[2]).all()
    assert not np.allclose(found[0], found[1])


def test_a_text_that_is_too_long_is_cut(clip):
    assert np.isfinite(clip.texts(["chair " * 200])).all()


def test_the_middle_of_a_wide_picture_counts(dino):
    (wide,) = pictures(1, 32, 64)
    middle = wide[:, 16:48].copy()
    assert np.allclose(dino.images([wide]), dino.images([middle]), atol=1e-5)


def test_the_folders_preprocessing_is_heeded(models, tmp_path):
    folder = shutil.copytree(models / "dino", tmp_path / "dino")
    settings = {"image_mean": [0, 0, 0], "image_std": [1, 1, 1], "crop_size": {"height": 16, "width": 16}}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    assert not np.allclose(Dino(folder).images(pictures(1)), Dino(models / "dino").images(pictures(1)))


def test_dino_sees_a_picture_to_its_edges_whatever_size_its_folder_names(models, tmp_path):
    folder = shutil.copytree(models / "dino", tmp_path / "dino")
    (folder / "preprocessor_config.json").write_text('{"crop_size": {"height": 37, "width": 37}}')
    (one,) = pictures(1, 37, 37)
    changed = one.copy()
    changed[:, -4:] = 255 - changed[:, -4:]  # beyond the last whole patch of 8 pixels
    before, after = Dino(folder).images([one, changed])
    assert not np.allclose(before, after, atol=1e-3)


def test_the_identity_names_the_weights_not_the_card(models, tmp_path):
    folder = shutil.copytree(models / "dino", tmp_path / "dino")
    (folder / "README.md").write_text("a card")
    assert Dino(folder).identity == Dino(models / "dino").identity
    assert Dino(folder).identity.startswith("dino@sha256:")


@pytest.mark.parametrize("kind", [Clip, Dino])
def test_a_missing_folder_names_the_hint(kind, tmp_path):
    with pytest.raises(ModelError, match="make mini"):
        kind(tmp_path / "none")


def test_weights_of_another_model_are_refused(models, tmp_path):
    folder = shutil.copytree(models / "dino", tmp_path / "clip")
    shutil.copy(models / "clip" / "config.json", folder)
    with pytest.raises(ModelError):
        Clip(folder)


def test_a_clip_without_tokenizer_is_refused(models, tmp_path):
    folder = shutil.copytree(models / "clip", tmp_path / "clip")
    shutil.rmtree(folder / "tokenizer")
    with pytest.raises(ModelError, match="tokenizer"):
        Clip(folder)


@pytest.mark.parametrize(
    ("end", "why"), [(0, "different texts one feature"), (49407, "but eos_token_id 49407")]
)
def test_a_text_encoder_that_pools_a_token_which_no_text_has_is_refused(models, tmp_path, end, why):
    folder = shutil.copytree(models / "clip", tmp_path / "clip")
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["eos_token_id"] = end
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=f"{why}.*set eos_token_id"):
        Clip(folder)


def test_patches_are_those_of_the_picture_row_by_row(dino):
    (one,) = pictures(1)
    changed = one.copy()
    changed[:8, 24:] = 255 - changed[:8, 24:]  # the last patch of the first row
    before, after = dino.patches([one, changed])
    assert before.shape == (16, 16)
    assert np.allclose(np.linalg.norm(before, axis=1), 1, atol=1e-5)
    assert (before * after).sum(axis=1).argmin() == 3
    assert metrics.structure(before, before) == 0.0 < metrics.structure(before, after)


def test_the_share_of_each_patch_under_a_mask_is_known(dino):
    mask = np.zeros((64, 64), bool)
    mask[:16, :8] = True  # half of the first of 4 x 4 patches
    assert dino.patch_shares(mask)[:2] == pytest.approx([0.5, 0.0], abs=0.1)
    assert dino.patch_shares(~mask).sum() == pytest.approx(15.5, abs=0.1)
