#!/usr/bin/env bash
# pycocotools 2.0.10, COCOeval, and a ground truth whose annotation ids count from 0.
#
# Expected: an id is a name; ids from enumerate() do as well as ids from 1. COCO() indexes and shows both alike.
# Seen: matches are kept as the matched annotation's id in an array where 0 means "no match". The detection of annotation
# 0 is a false positive and the annotation one that nobody found, however exact the box: two perfect detections give an
# AP of 0.25 and an AR of 0.5. In a set of thousands it is one annotation too few, in a bench of twelve pictures, or per
# class, the figure is simply wrong.
#
# So annotation ids begin at 1, also in files that one writes only to have them measured.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.10 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import contextlib
import io

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

BOXES = [[0, 0, 50, 50], [50, 50, 50, 50]]


def measured(first):
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": 1, "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "chair"}],
        "annotations": [
            {"id": number, "image_id": 1, "category_id": 1, "bbox": box, "area": 2500, "iscrowd": 0}
            for number, box in enumerate(BOXES, first)
        ],
    }
    truth.createIndex()
    found = truth.loadRes([
        {"image_id": 1, "category_id": 1, "bbox": box, "score": score} for box, score in zip(BOXES, (0.9, 0.8))
    ])
    evaluation = COCOeval(truth, found, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return round(float(evaluation.stats[0]), 3), round(float(evaluation.stats[8]), 3)


seen = {}
for first in (0, 1):
    with contextlib.redirect_stdout(io.StringIO()):
        seen[first] = measured(first)
    print(f"ids from {first}: AP {seen[first][0]}, AR {seen[first][1]}, every detection exact")
assert seen[1] == (1.0, 1.0)
assert seen[0] == (0.252, 0.5), "0 is an id like any other now"
PYTHON
echo "seen: as described"
