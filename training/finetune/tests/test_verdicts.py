import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from langdesign_edits import Verdict
from langdesign_edits.verdicts import Thresholds
from langdesign_finetune import DataError
from langdesign_finetune.pictures import load_pictures
from langdesign_finetune.referring import gather
from langdesign_finetune.verdicts import (
    certainty,
    choose_thresholds,
    ious,
    predict,
    refit,
    taught,
    taught_words,
    true_masks,
    verdicts,
)
from langdesign_rela import Request, Segmentation
from langdesign_rela.random_weights import write_random_checkpoint
from langdesign_scenes.dataset import SceneSet
from PIL import Image

SIDE = 40


def drawn(areas: list[float], inside: float = 0.45, outside: float = 0.35) -> np.ndarray:
    """Masks as probabilities, from the top: each of a share of the picture."""
    rows = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    return np.stack([np.where(rows < area * SIDE * SIDE, inside, outside) for area in areas]).astype(
        np.float32
    )


def test_thresholds_are_the_least_that_keep_what_is_promised() -> None:
    # 200 present targets, of which 4 look absent; 50 absent ones, of which 5 look present.
    present = np.r_[np.linspace(0.05, 0.5, 196), 0.6, 0.8, 0.9, 0.95]
    absent = np.r_[0.08, 0.16, 0.24, 0.32, 0.385, np.linspace(0.55, 0.99, 45)]
    truth = drawn([0.5] * 200 + [0.0] * 50) > 0.4
    probabilities = drawn([0.5] * 250)
    chosen = choose_thresholds(probabilities, np.r_[present, absent].astype(np.float32), truth)
    assert chosen == Thresholds(0.4, no_target_threshold=0.61, uncertain_threshold=0.38, least_area=0.006)
    given = certainty(verdicts(probabilities >= 0.4, np.r_[present, absent], chosen), truth.any(axis=(1, 2)))
    assert given["false_certificates"] == 0.015
    assert given["false_edits"] == 0.08
    assert given["certified"] == pytest.approx((absent >= 0.61).mean())


def test_small_things_that_show_keep_the_least_area_small() -> None:
    small = 2 / SIDE**2
    truth = drawn([small] * 10 + [0.0] * 10) > 0.4
    no_target = np.r_[np.full(10, 0.1), np.full(10, 0.9)].astype(np.float32)
    chosen = choose_thresholds(drawn([small] * 20), no_target, truth)
    assert chosen.least_area == 0.001
    assert (verdicts(truth, no_target, chosen)[:10] == Verdict.FOUND).all()


def test_small_masks_that_lie_elsewhere_do_not_keep_the_least_area_small() -> None:
    small = 2 / SIDE**2
    truth = drawn([small] * 10 + [0.0] * 10)[:, ::-1, ::-1] > 0.4
    no_target = np.r_[np.full(10, 0.1), np.full(10, 0.9)].astype(np.float32)
    assert choose_thresholds(drawn([small] * 20), no_target, truth).least_area == 0.006


@pytest.mark.parametrize(("no_target", "least_area"), [(0.45, 0.001), (0.55, 0.006)])
def test_small_masks_that_are_not_edited_anyway_do_not_keep_the_least_area_small(
    no_target: float, least_area: float
) -> None:
    # Nothing is edited from 0.5 on, where the absent ones begin; nothing is certified where present ones are.
    areas = [2 / SIDE**2] * 10 + [0.5] * 190
    truth = drawn(areas + [0.0] * 20) > 0.4
    said = np.r_[np.full(10, no_target), np.full(186, 0.1), np.full(4, 0.9), np.full(20, 0.5)].astype(
        np.float32
    )
    chosen = choose_thresholds(drawn(areas + [0.5] * 20), said, truth)
    assert (chosen.uncertain, chosen.least_area) == (0.5, least_area)


def test_of_a_network_that_knows_nothing_nothing_is_certified_and_nothing_edited() -> None:
    truth = drawn([0.5] * 20 + [0.0] * 20) > 0.4
    same = np.full(40, 0.995, np.float32)
    chosen = choose_thresholds(drawn([0.5] * 40), same, truth)
    assert (chosen.no_target_threshold, chosen.uncertain) == (0.99, 0.99)
    low = np.full(40, 0.005, np.float32)
    assert choose_thresholds(drawn([0.5] * 40), low, truth).uncertain == 0.02


class Blurring:
    """Draws the true masks of each picture that it is shown, as cells of an eighth of a side."""

    def __init__(self, truth: np.ndarray) -> None:
        self.working, self._left = truth.shape[1], list(truth)

    def predict_many(self, requests: Sequence[Request]) -> list[Segmentation]:
        return [self._drawn(len(request.expressions)) for request in requests]

    def _drawn(self, count: int) -> Segmentation:
        masks, self._left = self._left[:count], self._left[count:]
        drawn = [coarse(mask) for mask in masks]
        return Segmentation(np.stack(drawn), np.zeros(count, np.float32), np.zeros(count, np.bool_))


def coarse(mask: np.ndarray) -> np.ndarray:
    whole = Image.fromarray(mask.astype(np.float32))
    return np.asarray(
        whole.resize((8, 8), Image.Resampling.BOX).resize(whole.size, Image.Resampling.BILINEAR)
    )


def test_thresholds_are_chosen_on_masks_with_the_edges_that_services_give_them(
    rooms: SceneSet, tmp_path: Path
) -> None:
    pictures = load_pictures(rooms, cache=tmp_path)
    expressions = gather(pictures, pictures.places()[:1], removed=False)
    expressions = expressions.taken(np.flatnonzero(~expressions.empty))
    truth = true_masks(pictures, expressions)
    probabilities, _ = predict(Blurring(truth), pictures, expressions)  # type: ignore[arg-type] # all it needs
    plain = np.stack([coarse(mask) for mask in truth])
    assert ious(probabilities >= 0.4, truth).mean() > 0.03 + ious(plain >= 0.4, truth).mean()


def test_words_that_are_read_often_are_taught(rooms: SceneSet, tmp_path: Path) -> None:
    pictures = load_pictures(rooms, cache=tmp_path)
    train = pictures.places("train")
    words = taught_words(gather(pictures, train))
    assert {"the", "left", "right", "on", "clock"} <= words
    rare = dataclasses.replace(pictures.families[0].expressions[0], text="the quagga", targets=())
    family = dataclasses.replace(pictures.families[0], expressions=(rare,))
    changed = dataclasses.replace(pictures, families=(family, *pictures.families[1:]))
    expressions = gather(changed, train)
    assert taught_words(expressions) == words
    known = taught(expressions, words)
    assert [text for text, one in zip(expressions.texts, known, strict=True) if not one] == ["the quagga"]


def test_a_checkpoint_is_fitted_to_validation_families_and_keeps_its_weights(
    rooms: SceneSet, tmp_path: Path
) -> None:
    write_random_checkpoint("tiny", tmp_path / "model")
    before = (tmp_path / "model" / "model.safetensors").read_bytes()
    told = refit(tmp_path / "model", rooms, words=True)
    more = refit(tmp_path / "model", rooms, [rooms], words=False)
    assert more["expressions"] > told["expressions"] > 0
    assert {"false_certificates", "uncertain_present"} <= told.keys()
    chosen = Thresholds.of(json.loads((tmp_path / "model" / "thresholds.json").read_text()))
    assert chosen.uncertain <= chosen.no_target_threshold
    assert "left" in (tmp_path / "model" / "words.txt").read_text().split()
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == before


def test_a_set_without_a_validation_family_is_refused(rooms: SceneSet, tmp_path: Path) -> None:
    few = tmp_path / "few"
    shutil.copytree(rooms.folder / "families" / "000000", few / "families" / "000000")
    shutil.copy(rooms.folder / "manifest.json", few)
    write_random_checkpoint("tiny", tmp_path / "model")
    with pytest.raises(DataError, match="validate"):
        refit(tmp_path / "model", SceneSet(few), words=False)


def test_a_given_threshold_moves_the_other_where_they_would_cross() -> None:
    chosen = Thresholds(no_target_threshold=0.8, uncertain_threshold=0.4)
    assert chosen.overridden(no_target=0.3).uncertain == 0.3
    assert dataclasses.astuple(chosen.overridden(uncertain=0.9))[1:3] == (0.9, 0.9)
