#!/usr/bin/env bash
# scipy 1.17.1: ndimage.binary_closing(mask), as gaps in a segmented mask are closed, of a mask that reaches the picture's border.
#
# Expected: closing adds: whatever was in the mask is in its closing (it is "extensive", one of the properties that define it), and
# ndimage's own grey_closing keeps to that.
# Seen: closing is a dilation and then an erosion, and the erosion takes what lies beyond the picture for not in the mask: along the
# border as many pixels go as there are iterations. The mask of a whole picture loses a frame, that of a wall or a floor, which nearly
# always reaches the border, the strip that it has there: with five iterations 42% of this floor. An edit that is held to the mask
# leaves the old colour along the picture's edge. In the middle of the picture all is well.
#
# So the picture is padded (numpy.pad, mode "edge") by the iterations first, or grey_closing is used.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
from scipy import ndimage

floor = np.zeros((48, 64), bool)
floor[-16:] = True
square = ndimage.generate_binary_structure(2, 2)


def lost(closed):
    return int((floor & ~closed).sum())


def padded(mask, by):
    return ndimage.binary_closing(np.pad(mask, by, mode="edge"), square, iterations=by)[by:-by, by:-by]


seen = {count: lost(ndimage.binary_closing(floor, square, iterations=count)) for count in (1, 5)}
print(f"a floor of {floor.sum()} pixels loses, by iterations: {seen}")
print("by grey_closing:", lost(ndimage.grey_closing(floor.astype(np.uint8), footprint=square) > 0), "padded:", lost(padded(floor, 5)))
inside = np.zeros((48, 64), bool)
inside[10:30, 10:30] = True
assert (ndimage.binary_closing(inside, square) >= inside).all()
assert seen[1] > 0 and seen[5] > floor.sum() // 3, "closing is extensive now"
assert lost(ndimage.grey_closing(floor.astype(np.uint8), footprint=square) > 0) == lost(padded(floor, 5)) == 0
PYTHON
echo "seen: as described"
