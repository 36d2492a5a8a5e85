#!/usr/bin/env bash
# pycocotools 2.0.11: mask.iou() and mask.merge() of run lengths of different sizes, as a network's masks of 480 x 480 beside true
# ones of the picture's size.
#
# Expected: an error, since such masks cannot be laid over each other; numpy refuses to for the same two arrays.
# Seen: iou() gives -1, which goes into a mean IoU as a number: of ten perfect masks, three of which were not scaled back, it is
# 0.4, and not 0.7. merge() gives a mask of no size, of area 0, whatever the masks hold; one that goes on from there finds that
# nothing is to be edited. COCOeval, whose thresholds are above 0, counts them as misses. None of the three says anything.
#
# So sizes are compared before masks are.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.11 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
from pycocotools import mask


def square(side):
    """Return a mask whose middle quarter is set."""
    bits = np.zeros((side, side), dtype=np.uint8, order="F")
    bits[side // 4 : -side // 4, side // 4 : -side // 4] = 1
    return mask.encode(bits)


true, scaled, left_small = square(640), square(640), square(480)
print("IoU of one size:", mask.iou([scaled], [true], [0]), "- of two:", mask.iou([left_small], [true], [0]))
assert mask.iou([scaled], [true], [0]) == 1
assert mask.iou([left_small], [true], [0]) == -1, "another size is no longer -1"
predictions = [scaled] * 7 + [left_small] * 3
mean = np.mean([mask.iou([one], [true], [0]) for one in predictions])
print(f"mean IoU of ten of which seven fit exactly: {mean:.1f}")
assert round(mean, 6) == 0.4
union = mask.merge([true, left_small])
print(f"areas {mask.area(true)} and {mask.area(left_small)}, together {mask.area(union)} in a mask of size {union['size']}")
assert union["size"] == [0, 0] and mask.area(union) == 0, "merge takes another size, or refuses it, now"
PYTHON
echo "seen: as described"
