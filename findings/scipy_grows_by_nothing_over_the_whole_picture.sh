#!/usr/bin/env bash
# scipy 1.17.1: ndimage.binary_dilation(mask, iterations=grow), as an edit's mask is grown by a margin of some pixels.
#
# Expected: grown by 0 is not grown, as a Gaussian filter of sigma 0 and a maximum filter of size 1 give back what they get.
# Seen: fewer than one iteration means "until nothing changes": from any pixel the mask floods the whole picture, and
# binary_erosion by 0 leaves nothing at all. The margin is a user's slider, or a share of the picture's size rounded to pixels, and
# its least value is the greatest edit there is, its next one the smallest. A negative margin, which one might expect to shrink,
# floods as well. The reference says so in a line about "iterations"; nothing in the result does.
#
# So the mask is grown only if the margin is above 0.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scipy==1.17.1 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
from scipy import ndimage

lamp = np.zeros((60, 80), bool)
lamp[20:24, 30:34] = True
grown = {margin: int(ndimage.binary_dilation(lamp, iterations=margin).sum()) for margin in (2, 1, 0, -1)}
shrunk = {margin: int(ndimage.binary_erosion(lamp, iterations=margin).sum()) for margin in (1, 0)}
print(f"a lamp of {lamp.sum()} pixels in a picture of {lamp.size}, grown by the margin: {grown}; shrunk: {shrunk}")
soft = lamp.astype(float)
assert (ndimage.gaussian_filter(soft, 0) == soft).all() and (ndimage.maximum_filter(soft, 1) == soft).all()
assert lamp.sum() < grown[1] < grown[2] < lamp.size
assert grown[0] == grown[-1] == lamp.size, "grown by 0 is not grown now"
assert shrunk[1] > 0 and shrunk[0] == 0
PYTHON
echo "seen: as described"
