#!/usr/bin/env bash
# kornia 0.9.0: kornia.contrib.distance_transform(mask), "approximates the Euclidean distance", as a soft edge of an edit is made.
#
# Expected: distances of a circle are equal in all directions to within a pixel or some per cent, as chamfer distances of two passes
# are; scipy's and OpenCV's agree.
# Seen: beyond the first few pixels they grow by 1 for a step along a row as for a diagonal one: the distance is the larger of the
# two offsets. On the diagonal it is 0.71 of the true one 50 steps away, and what lies within 20 pixels of a point is the square of
# 41 x 41 but for its corners, 1,677 pixels where a disc has 1,257. Along rows and columns, where one looks, it is right to a third
# of a pixel. A larger kernel_size is exact within the kernel and the same beyond.
#
# So distances are scipy's distance_transform_edt, and kornia's are for losses that need a gradient, near the edge.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kornia==0.9.0 scipy==1.17.1 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from kornia.contrib import distance_transform
from scipy import ndimage

point = torch.zeros(1, 1, 101, 101)
point[..., 50, 50] = 1
true = ndimage.distance_transform_edt(1 - point[0, 0].numpy())
for size in (3, 7):
    found = distance_transform(point, kernel_size=size)[0, 0].numpy()
    along = [round(float(found[50, 50 + step] / true[50, 50 + step]), 2) for step in (3, 10, 50)]
    diagonal = [round(float(found[50 + step, 50 + step] / true[50 + step, 50 + step]), 2) for step in (3, 10, 50)]
    within = int((found <= 20).sum()), int((true <= 20).sum())
    print(f"kernel of {size}: of the true distance 3, 10 and 50 steps along a row {along}, along a diagonal {diagonal}; "
          "within 20 pixels %d, truly %d" % within)
    assert along[1] > 0.97 and along[2] > 0.98
    assert diagonal[1] < 0.75 and diagonal[2] < 0.73, "diagonal steps are longer now"
    assert 41**2 - 20 < within[0] < 41**2 and within[1] == 1257
PYTHON
echo "seen: as described"
