#!/usr/bin/env bash
# pycocotools 2.0.10: frPyObjects() of polygons that all have as many corners, given as one numpy array.
#
# Expected: a list of polygons and the array of the same numbers are the same polygons; an array that cannot be taken is
# refused.
# Seen: an array is always boxes of four numbers (x, y, width, height), whatever its second dimension. Two quadrilaterals
# (an array of 2 x 8: detected corners, a rotated box, a wall) are read as four boxes, of which the first two come back:
# two masks, as expected in number, both made of the first polygon's numbers. As a list of lists they are right.
#
# So polygons go in as .tolist(), and the areas of what comes back are compared with the polygons' own.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.10 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from pycocotools import mask

corners = np.array([
    [3, 2, 7, 2, 7, 5, 3, 5],  # 4 x 3 pixels at (3, 2)
    [10, 10, 20, 10, 20, 15, 10, 15],  # 10 x 5 pixels at (10, 10)
], np.float64)


def read(polygons):
    runs = mask.frPyObjects(polygons, 24, 24)
    return mask.area(runs).tolist(), mask.toBbox(runs).tolist()


seen = {"list": read(corners.tolist()), "array": read(corners)}
for name, (areas, boxes) in seen.items():
    print(f"as {name}: areas {areas}, boxes {boxes}")
assert seen["list"] == ([12, 50], [[3, 2, 4, 3], [10, 10, 10, 5]])
assert seen["array"] == ([14, 15], [[3, 2, 7, 2], [7, 5, 3, 5]]), "an array holds polygons now"
PYTHON
echo "seen: as described"
