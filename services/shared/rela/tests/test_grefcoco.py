import json

import numpy as np
import pytest
from langdesign_rela import AnnotationError
from langdesign_rela.grefcoco import load_grefcoco


def test_a_split_is_read_sentence_by_sentence(grefcoco):
    samples = load_grefcoco(*grefcoco, "val")
    assert [sample.sentence for sample in samples] == [
        "The red chair",
        "Left chair",
        "Both chairs",
        "The elephant",
    ]
    assert [sample.empty for sample in samples] == [False, False, False, True]
    assert {sample.file_name for sample in samples} == {"room.jpg"}


def test_polygons_and_run_lengths_become_masks_and_several_targets_their_union(grefcoco):
    red, _, both, none = (sample.mask() for sample in load_grefcoco(*grefcoco, "val"))
    expected = np.zeros((20, 30), dtype=bool)
    expected[:5, :10] = True
    assert (red == expected).all()
    expected[10:, 20:25] = True
    assert (both == expected).all()
    assert not none.any()


def test_a_mask_is_drawn_at_the_size_of_the_published_evaluation(grefcoco):
    both = load_grefcoco(*grefcoco, "val")[2].mask(size=(40, 30))
    expected = np.zeros((40, 30), dtype=bool)
    expected[:10, :10] = True
    expected[20:, 20:25] = True
    assert (both == expected).all()


def edited(paths, number, change):
    data = json.loads(paths[number].read_text())
    change(data)
    paths[number].write_text(json.dumps(data))
    return paths


def test_crowds_and_polygons_without_three_corners_are_left_out(grefcoco):
    def change(instances):
        instances["annotations"][0]["segmentation"].append([0, 0, 29, 19])
        instances["annotations"][1]["iscrowd"] = 1

    both = load_grefcoco(*edited(grefcoco, 1, change), "val")[2].mask()
    assert both.sum() == 50


@pytest.mark.parametrize(
    ("number", "change", "message"),
    [
        (0, lambda refs: refs[0].pop("ann_id"), "lacks 'ann_id'"),
        (0, lambda refs: refs[0].update(ann_id=[99]), "lacks 99"),
        (1, lambda data: data["annotations"][0].update(image_id=2), "of another image"),
        (1, lambda data: data["annotations"][0].update(segmentation=[[0, 0, 1, 1]]), "no mask of them"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(grefcoco, number, change, message):
    with pytest.raises(AnnotationError, match=message):
        load_grefcoco(*edited(grefcoco, number, change), "val")


def test_a_run_length_of_another_size_is_refused(grefcoco):
    def change(data):
        data["annotations"][1]["segmentation"]["size"] = [30, 20]

    with pytest.raises(AnnotationError, match="not of the image's size"):
        load_grefcoco(*edited(grefcoco, 1, change), "val")[2].mask()


def test_an_empty_split_and_an_absent_file_are_refused(grefcoco, tmp_path):
    with pytest.raises(AnnotationError, match="no reference of split 'testB'"):
        load_grefcoco(*grefcoco, "testB")
    with pytest.raises(AnnotationError, match=r"absent\.json is missing"):
        load_grefcoco(tmp_path / "absent.json", grefcoco[1], "val")
