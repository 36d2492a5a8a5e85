import numpy as np
import pytest
from langdesign_rela import Segmentation
from langdesign_rela.evaluation import Evaluation, evaluate
from langdesign_rela.grefcoco import load_grefcoco


def box(top, left, bottom, right):
    mask = np.zeros((10, 10), dtype=bool)
    mask[top:bottom, left:right] = True
    return mask


NOTHING = np.zeros((10, 10), dtype=bool)


@pytest.fixture
def four_samples():
    """IoU 1/3 (20 over 60); right and wrong no-target verdicts; a target taken for none."""
    evaluation = Evaluation(thresholds=(0.3, 0.7))
    evaluation.add(box(0, 0, 4, 10), no_target=False, truth=box(2, 0, 6, 10), empty=False)
    evaluation.add(box(0, 0, 1, 10), no_target=True, truth=NOTHING, empty=True)
    evaluation.add(box(0, 0, 2, 10), no_target=False, truth=NOTHING, empty=True)
    evaluation.add(box(0, 0, 3, 10), no_target=True, truth=box(0, 0, 3, 10), empty=False)
    return evaluation.scores()


def test_giou_is_the_mean_of_ious_with_a_noticed_empty_sample_counting_one(four_samples):
    assert four_samples.giou == pytest.approx((20 / 60 + 1 + 0 + 0) / 4)


def test_ciou_takes_all_intersections_over_all_unions(four_samples):
    # The noticed empty sample adds nothing, the missed one its prediction, the lost target its union.
    assert four_samples.ciou == pytest.approx(20 / (60 + 0 + 20 + 30))


def test_n_acc_and_t_acc_are_shares_of_each_kind(four_samples):
    assert four_samples.n_acc == 0.5
    assert four_samples.t_acc == 0.5


def test_precision_counts_samples_with_a_target_only(four_samples):
    assert four_samples.precision == {0.3: 0.5, 0.7: 0.0}
    assert four_samples.samples == 4


def test_what_no_sample_bears_on_is_none():
    evaluation = Evaluation()
    evaluation.add(NOTHING, no_target=True, truth=NOTHING, empty=True)
    scores = evaluation.scores()
    assert (scores.giou, scores.ciou, scores.n_acc, scores.t_acc) == (1.0, None, 1.0, None)
    assert scores.precision == {0.7: None, 0.8: None, 0.9: None}


def test_scores_of_nothing_are_refused():
    with pytest.raises(ValueError, match="add some"):
        Evaluation().scores()


def test_a_network_is_evaluated_on_files_of_the_public_format(grefcoco, predictor):
    samples = load_grefcoco(*grefcoco, "val")
    read = {"room.jpg": np.full((20, 30, 3), 128, np.uint8)}.__getitem__
    never = evaluate(predictor, samples, read, no_target_threshold=1.0)
    always = evaluate(predictor, samples, read, no_target_threshold=0.0)
    whole = evaluate(predictor, samples, read, mask_threshold=0.0, no_target_threshold=1.0)
    assert (never.n_acc, never.t_acc) == (0.0, 1.0)
    assert (always.n_acc, always.t_acc, always.giou) == (1.0, 0.0, 1 / 4)
    # Every pixel is predicted: IoU is the share of the image, 50, 50 and 100 of 600 pixels.
    assert whole.giou == pytest.approx((50 + 50 + 100 + 0) / 600 / 4)
    assert whole.ciou == pytest.approx(200 / 2400)


def test_a_no_target_probability_at_the_threshold_says_that_there_is_none(grefcoco):
    class Undecided:
        def predict(self, image, expressions):
            return Segmentation(
                np.ones((1, 20, 30), np.float32), np.array([0.5], np.float32), np.zeros(1, bool)
            )

    read = {"room.jpg": np.zeros((20, 30, 3), np.uint8)}.__getitem__
    scores = evaluate(Undecided(), load_grefcoco(*grefcoco, "val"), read, no_target_threshold=0.5)
    assert (scores.n_acc, scores.t_acc) == (1.0, 0.0)
