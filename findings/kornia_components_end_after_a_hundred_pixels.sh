#!/usr/bin/env bash
# kornia 0.9.0: kornia.contrib.connected_components(mask), as one counts the things in a mask or keeps the largest.
#
# Expected: pixels that touch have one label, as scipy and OpenCV give; num_iterations is an upper bound after which the labels have
# settled, or a warning says that they have not.
# Seen: a label moves by one pixel in each of 100 iterations, and then what is reached is the result. A line across 512 pixels is
# 412 components, a table of 300 x 300 pixels 40,000, of which the largest is a ninth of it; a thin path that winds is worse. Small
# things are right, so that a test with a few circles passes. "The largest component" is a piece of one, and nothing says so.
#
# So components are counted on the CPU by scipy, or with as many iterations as the mask has pixels.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kornia==0.9.0 scipy==1.17.1 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
import torch
from kornia.contrib import connected_components
from scipy import ndimage


def counted(mask, **options):
    """Number of components and the share of the mask that the largest has: by kornia, and number by scipy."""
    labels = connected_components(torch.from_numpy(mask)[None, None].float(), **options)
    _, sizes = labels[labels > 0].unique(return_counts=True)
    return len(sizes), round(sizes.max().item() / mask.sum(), 3), ndimage.label(mask, np.ones((3, 3)))[1]


cups, line, table = (np.zeros((320, 512), bool) for _ in range(3))
cups[20:60, 20:60] = cups[100:150, 200:240] = True
line[160] = True
table[10:310, 100:400] = True
seen = {name: counted(mask) for name, mask in (("two cups", cups), ("line", line), ("table", table))}
for name, (number, largest, right) in seen.items():
    print(f"{name}: {number:,} components, the largest of them {largest} of the mask; scipy: {right}")
enough = counted(line, num_iterations=512)
print("line with 512 iterations:", enough[0])
assert seen["two cups"][0] == seen["two cups"][2] == 2
assert seen["line"][::2] == (412, 1) and seen["table"][::2] == (40_000, 1), "labels settle now"
assert seen["table"][1] < 0.2 and enough[0] == 1
PYTHON
echo "seen: as described"
