#!/usr/bin/env bash
# supervision 0.31.2 with pycocotools 2.0.10: DetectionDataset.as_coco() of masks, and a measurement by what it wrote.
#
# Expected: one annotation for each thing, as polygons or as run lengths by what its mask needs; "iscrowd" says that an
# annotation stands for many things that nobody told apart, and nothing here says so.
# Seen: a mask with a hole, or of two parts, is written as run lengths, and that makes it "iscrowd": 1. COCOeval takes no
# account of crowds: who misses one loses nothing, and data sets for training leave them out. In rooms that is the picture
# frame, the chair with its legs, whatever stands behind something else: of a plain cupboard and a frame, a detector that finds
# the cupboard alone has an AP and an AR of 1.0, where it is 0.5 with the same file and "iscrowd": 0.
#
# So iscrowd is set to 0 in the file that was written, for all that is one thing.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check supervision==0.31.2 pycocotools==2.0.10 pillow==13.0.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import contextlib
import io
import json
from pathlib import Path

import numpy as np
import supervision
from PIL import Image
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

cupboard, frame = np.zeros((2, 480, 480), bool)
cupboard[40:200, 40:200] = True
frame[240:440, 240:440] = True
frame[290:390, 290:390] = False
Path("pictures").mkdir()
Image.new("RGB", (480, 480)).save("pictures/room.png")
things = supervision.Detections(
    xyxy=np.array([[40, 40, 199, 199], [240, 240, 439, 439]], float), mask=np.stack([cupboard, frame]), class_id=np.array([0, 0]))
supervision.DetectionDataset(["thing"], ["pictures/room.png"], {"pictures/room.png": things}).as_coco(annotations_path="written.json")


def measured(path):
    """AP and AR of a detector that finds the cupboard, exactly, and not the frame."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(path)
        outline = masks.encode(np.asfortranarray(cupboard.astype(np.uint8)))
        image, category = truth.getImgIds()[0], truth.getCatIds()[0]
        found = truth.loadRes([{"image_id": image, "category_id": category, "segmentation": outline, "score": 0.9}])
        evaluation = COCOeval(truth, found, "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return round(float(evaluation.stats[0]), 2), round(float(evaluation.stats[8]), 2)


written = json.loads(Path("written.json").read_text())
crowds = [annotation["iscrowd"] for annotation in written["annotations"]]
for annotation in written["annotations"]:
    annotation["iscrowd"] = 0
Path("mended.json").write_text(json.dumps(written))
print("iscrowd of the cupboard and of the frame:", crowds)
print("the frame is not found: AP and AR", measured("written.json"), "with iscrowd 0:", measured("mended.json"))
assert crowds == [0, 1], "one thing is no crowd now"
assert measured("written.json") == (1.0, 1.0) and measured("mended.json") == (0.5, 0.5)
PYTHON
echo "seen: as described"
