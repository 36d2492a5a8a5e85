#!/usr/bin/env bash
# Pillow 13.0.0: ImageDraw.line(points, width=...) that is not along the pixels, as strokes of a mask are drawn.
#
# Expected: width is the line's width, whichever way it goes, to within half a pixel or so; a greater one is a thicker line.
# Seen: the four corners of the line are rounded to pixels, and with them its width, in steps of 1.4 pixels at 45 degrees: widths of 3, 4
# and 5 are the same pixels there, 3.5 of them across, and so are 11 and 12. At half that slope 9, 10 and 11 are one. A line of 2 is
# 1.3 pixels wide. Along the pixels all are exact, which is how one tries it. So a brush that is one pixel larger may mask
# nothing more, and one stroke is 3.5 or 5 pixels wide by its direction.
#
# So strokes are drawn several times larger and scaled down, or as discs along the line.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import math

import numpy as np
from PIL import Image, ImageDraw

START, ASKED = 40, range(1, 13)


def stroke(across, down, width):
    picture = Image.new("L", (160, 160))
    ImageDraw.Draw(picture).line((START, START, START + across, START + down), 1, width)
    return np.asarray(picture).astype(int)


def width_of(across, down, width):
    """Return a line's width in pixels: what a line of twice the length has more, by the length."""
    more = stroke(2 * across, 2 * down, width).sum() - stroke(across, down, width).sum()
    return float(more / math.hypot(across, down))


print("asked for      ", *(f"{width:4}" for width in ASKED))
for name, way in {"along": (40, 0), "at 45 degrees": (40, 40), "half as steep": (40, 20)}.items():
    print(f"{name:15}", *(f"{width_of(*way, width):4.1f}" for width in ASKED))
assert [width_of(40, 0, width) for width in ASKED] == [*ASKED]
same = [width for width in ASKED if (stroke(40, 40, width) == stroke(40, 40, width - 1)).all()]
assert same == [4, 5, 12], "diagonal lines have other widths now"
assert [width for width in ASKED if (stroke(40, 20, width) == stroke(40, 20, width - 1)).all()] == [10, 11]
assert width_of(40, 40, 5) < 3.6 and width_of(40, 20, 2) < 1.4
PYTHON
echo "seen: as described"
