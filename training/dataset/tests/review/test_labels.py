import dataclasses
import json
from pathlib import Path

import pytest
from langdesign_dataset.review import Labels, apply_labels, calibrate, filtered, read_labels
from langdesign_dataset.samples import LabelError, SampleSet, write_samples

from ..samples.conftest import make_sample


def test_labels_overrule_the_gates_and_the_rest_keeps_its_verdict(samples: SampleSet) -> None:
    failure, first = samples.failures().keys[0], samples.keys[0]
    told = Labels(samples.digest, {failure: "keep", first: "drop", "f" * 32: "drop"})
    applied = apply_labels(samples, told)
    assert set(applied.kept) == {*samples.keys[1:], failure}
    assert set(applied.dropped) == {*samples.failures().keys[1:], first}
    assert len(applied.unlabelled) == 8
    assert applied.unknown == ("f" * 32,)


def test_a_filtered_set_holds_what_people_keep_and_says_who_dropped_the_rest(
    samples: SampleSet, labels: Labels, tmp_path: Path
) -> None:
    written = filtered(samples, labels, tmp_path / "filtered")
    assert {one.scores["leak"] for one in written} == {0.0, 0.1, 0.2, 0.3, 0.6}
    assert {one.verdict: one.reason for one in written.failures()}["review"] == "a reviewer dropped it"
    assert {one.verdict for one in written.failures()} == {"review", "leak"}
    assert written.manifest["recipe"]["labels"] == {"set": samples.digest, "count": 10}
    with pytest.raises(LabelError, match="another folder"):
        filtered(samples, labels, samples.folder)


def test_the_threshold_with_the_best_f1_is_found(samples: SampleSet, labels: Labels) -> None:
    found = calibrate(samples, labels, "leak")
    assert (found.better, found.kept, found.dropped) == ("lower", 5, 5)
    assert found.threshold == 0.3
    assert (found.chosen.passed, found.chosen.precision, found.chosen.recall) == (4, 1.0, 0.8)
    loosest = found.trials[0]
    assert (loosest.threshold, loosest.precision, loosest.recall) == (0.9, 0.5, 1.0)
    assert [one.threshold for one in found.trials] == sorted((n / 10 for n in range(10)), reverse=True)


def test_the_loosest_threshold_of_a_precision_is_found(samples: SampleSet, labels: Labels) -> None:
    assert calibrate(samples, labels, "leak", precision=0.7).threshold == 0.6
    assert calibrate(samples, labels, "leak", precision=1.0).threshold == 0.3


def test_a_higher_score_may_be_the_better_one(samples: SampleSet, labels: Labels) -> None:
    found = calibrate(samples, labels, "judge")
    assert (found.better, found.kept, found.dropped) == ("higher", 4, 2)
    assert found.threshold == pytest.approx(0.7)


def test_labels_that_say_too_little_are_refused(samples: SampleSet, labels: Labels) -> None:
    same = dataclasses.replace(labels, labels=dict.fromkeys(samples.keys, "keep"))
    with pytest.raises(LabelError, match=r"All 6 labels .* say keep; a threshold needs both kinds"):
        calibrate(samples, same, "leak")
    with pytest.raises(LabelError, match=r"No labelled sample has a score 'seam'; .* judge, leak"):
        calibrate(samples, labels, "seam")
    worst_first = dataclasses.replace(
        labels, labels={one.key: "drop" if one.scores["leak"] == 0 else "keep" for one in samples}
    )
    with pytest.raises(LabelError, match="precision"):
        calibrate(samples, worst_first, "leak", precision=0.99)


def test_labels_of_another_set_are_refused(samples: SampleSet, tmp_path: Path) -> None:
    other = write_samples(tmp_path / "other", [make_sample(50)], recipe={})
    told = Labels(other.digest, {other.keys[0]: "keep"})
    with pytest.raises(LabelError, match=other.digest):
        apply_labels(samples, told)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "export them"),
        ([], "export them"),
        ({"format": "x", "digest": "", "labels": {}}, "format 'x'"),
        ({"format": "langdesign-labels/1", "digest": "", "labels": {}}, "no label;"),
        ({"format": "langdesign-labels/1", "digest": "", "labels": {"0": "maybe"}}, r"\['maybe'\]"),
        ({"format": "langdesign-labels/1", "digest": "", "labels": 3}, "export them"),
    ],
)
def test_a_file_that_holds_no_labels_says_why(tmp_path: Path, data: object, message: str) -> None:
    path = tmp_path / "labels.json"
    if data is not None:
        path.write_text(json.dumps(data))
    with pytest.raises(LabelError, match=message):
        read_labels(path)
