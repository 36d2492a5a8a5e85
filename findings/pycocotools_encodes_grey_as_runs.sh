#!/usr/bin/env bash
# pycocotools 2.0.10: encode() of a mask that holds more than two values.
#
# Expected: a mask of uint8 is 0 outside and anything else inside, as in numpy's and Pillow's own conversions; encode()
# takes 0 and 255 as it takes 0 and 1.
# Seen: a run ends wherever a value differs from the one before, and runs are outside and inside in turn. So a soft mask
# (0, 128, 255: an antialiased brush, a resized mask) comes back as another shape, part of it inside out, without any
# complaint; its area, boxes and IoU are wrong with it.
#
# So masks are compared with a threshold before they are encoded as run lengths.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycocotools==2.0.10 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from pycocotools import mask

hard = np.zeros((6, 6), np.uint8)
hard[1:5, 1:5] = 255
soft = hard.copy()
soft[1, 1] = 128  # one corner of the square, half covered

def back(picture):
    return mask.decode(mask.encode(np.asfortranarray(picture)))

print("0 and 255:", int(back(hard).sum()), "pixels inside, of", int((hard > 0).sum()))
print("with 128 at one corner:", int(back(soft).sum()), "pixels inside, of", int((soft > 0).sum()))
print(back(soft))
assert (back(hard) == (hard > 0)).all()
assert not (back(soft) == (soft > 0)).all() and not (back(soft) == (soft >= 128)).all()
assert not (back(soft) == (soft > 128)).all(), "it takes a threshold now"
assert back(soft)[:, 5].any(), "what lies outside is outside now"
PYTHON
echo "seen: as described"
