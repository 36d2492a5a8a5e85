#!/usr/bin/env bash
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93; 4.14.0 alike): line(picture, start, end, colour, thickness), as masks are drawn by strokes.
#
# Expected: a line of thickness 3 along the pixels is 3 pixels wide, as one of 1 is 1 wide; even ones are off by one at most.
# Seen: 2 is 3 wide, 3 and 4 are 5, 5 and 6 are 7: from 2 on all are drawn as the next odd number above. No line is 2, 4 or 6 wide,
# and 3 can only be had by asking for 2. rectangle(), circle() and polylines() do alike, LINE_4 too; LINE_AA adds another half
# pixel. A brush of 3 paints two thirds more than it shows, an outline drawn to be left out of a comparison leaves out more of what is
# inside, and a figure made by strokes in Pillow, where such a line is as wide as asked, has another mask.
#
# So widths that count are drawn as filled shapes, or by dilate() of a line of 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.1 pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import cv2
import numpy as np
from PIL import Image, ImageDraw

FIRST, LAST = (10, 40), (70, 40)
widths = {"line": [], "line, LINE_4": [], "rectangle": [], "circle": [], "polylines": [], "Pillow's line": []}
antialiased = []


def across(draw):
    """Return how many pixels a drawing of ones has in the middle column, above the centre of the picture."""
    picture = np.zeros((80, 80), np.uint8)
    draw(picture)
    return int(picture[:60, 40].sum())


def of_pillow(picture, width):
    image = Image.fromarray(picture)
    ImageDraw.Draw(image).line((FIRST, LAST), 1, width)
    picture[:] = np.asarray(image)


asked = range(1, 9)
for width in asked:
    widths["line"].append(across(lambda picture: cv2.line(picture, FIRST, LAST, 1, width)))
    widths["line, LINE_4"].append(across(lambda picture: cv2.line(picture, FIRST, LAST, 1, width, cv2.LINE_4)))
    widths["rectangle"].append(across(lambda picture: cv2.rectangle(picture, (20, 30), (60, 75), 1, width)))
    widths["circle"].append(across(lambda picture: cv2.circle(picture, (40, 55), 25, 1, width)))
    widths["polylines"].append(across(lambda picture: cv2.polylines(picture, [np.array([FIRST, LAST])], False, 1, width)))
    widths["Pillow's line"].append(across(lambda picture: of_pillow(picture, width)))
print(f"{'asked for':15}", *asked)
for name, seen in widths.items():
    print(f"{name:15}", *seen)
assert widths.pop("Pillow's line") == [*asked]
assert all(seen == [1, 3, 5, 5, 7, 7, 9, 9] for seen in widths.values()), "lines have other widths now"
PYTHON
echo "seen: as described"
