#!/usr/bin/env bash
# kornia 0.9.0, kornia.metrics.mean_iou(prediction, target, num_classes).
#
# Expected: a mean IoU, in which a class that is neither there nor predicted does not count (it is 0 / 0).
# Seen: it returns the IoU of each class, 1.0 for each absent one, for every picture of the batch. The mean that one takes
# of it is carried by what is not there: with the 150 classes of ADE20K, a picture that is wall and is predicted to be
# floor throughout has 0.987. The better the more classes there are, and nothing tells an absent class from a perfect one.
#
# So the mean goes over classes that are in target or prediction, or intersections and unions are summed over a set first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kornia==0.9.0 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from kornia.metrics import mean_iou

wall, floor = torch.zeros(1, 8, 8, dtype=torch.long), torch.ones(1, 8, 8, dtype=torch.long)
seen = {}
for classes in (2, 3, 150):
    each = mean_iou(floor, wall, classes)
    assert each.shape == (1, classes)
    seen[classes] = round(each.mean().item(), 3)
    print(f"{classes} classes, every pixel wrong: IoU of each {[round(value, 3) for value in each[0, :4].tolist()]}..., "
          f"mean {seen[classes]}")
assert seen[2] == 0
assert seen[3] == 0.333 and seen[150] == 0.987, "absent classes are left out now"
PYTHON
echo "seen: as described"
