#!/usr/bin/env bash
# scipy 1.17.1: ndimage.distance_transform_edt(mask), as a mask's edge is feathered, of a mask that covers the whole picture.
#
# Expected: the distance to the nearest pixel outside of the mask is infinite, or there is an error: nothing is outside.
# Seen: ordinary numbers, from 1 upwards: distances to a pixel that does not exist, the one above the picture's upper left
# corner. A feather of 8 pixels, min(distance / 8, 1), fades that corner out and nothing else, where an edit of the whole
# picture was to have no edge. return_indices gives row -1, which in numpy is the last row. Of its two siblings
# distance_transform_cdt says -1, and distance_transform_bf 1.3e154; every one of the three is another answer.
#
# So a mask without an outside is looked for first (mask.all()), or the picture is padded by what lies beyond it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
from scipy import ndimage

mask = np.ones((64, 64), bool)
distance, (rows, columns) = ndimage.distance_transform_edt(mask, return_indices=True)
row, column = np.indices(mask.shape)
print("distances from", distance.min(), "to", distance.max(), "to row", np.unique(rows), "column", np.unique(columns))
faded = np.minimum(distance / 8, 1) < 1
print("a feather of 8 pixels fades", int(faded.sum()), "pixels; in the upper left 8 x 8:", int(faded[:8, :8].sum()))
print("cdt:", np.unique(ndimage.distance_transform_cdt(mask)), "bf:", np.unique(ndimage.distance_transform_bf(mask)))
assert np.allclose(distance, np.hypot(row + 1, column)), "there is no such pixel now"
assert faded.sum() == faded[:8, :8].sum() > 40
assert (ndimage.distance_transform_cdt(mask) == -1).all() and (ndimage.distance_transform_bf(mask) > 1e150).all()
PYTHON
echo "seen: as described"
