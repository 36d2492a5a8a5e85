#!/usr/bin/env bash
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93): matchTemplate(picture, template, TM_CCOEFF_NORMED) where the template is of one colour.
#
# Expected: no place is like it, or NaN: what is measured is a correlation, and a template without variance has none (0 / 0). A
# picture's own plain parts do get 0.
# Seen: 1.0, the best there is, at every place of the picture, noise included. Where an object is looked for by a crop of it (what has
# moved, which edit has left it standing, on which tile a cursor is), a crop of a plain cushion, a wall or a mask's inside is found at
# once, at the top left corner, with full certainty, and among many templates it wins. One other pixel in the template, and 1.0 is
# gone. TM_SQDIFF_NORMED tells such a template's places apart.
#
# So a template's own variance is asked for first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import cv2
import numpy as np

random = np.random.default_rng(0)
room = random.integers(0, 256, (60, 60), np.uint8)
room[:30, :30] = 200  # a wall
plain = np.full((8, 8), 90, np.uint8)  # a level that the wall has not
marked = plain.copy()
marked[3, 3] = 91
textured = random.integers(0, 256, (8, 8), np.uint8)


def matched(template, method):
    """Return the least and the greatest value, and where the greatest is found first, as (x, y)."""
    result = cv2.matchTemplate(room, template, method)
    return float(result.min()), float(result.max()), cv2.minMaxLoc(result)[3]


seen = {}
for name, template in {"plain": plain, "one other pixel": marked, "textured": textured}.items():
    seen[name] = matched(template, cv2.TM_CCOEFF_NORMED)
    print(f"{name:16} least %.2f, greatest %.2f, found at %s" % seen[name])
assert seen["plain"] == (1.0, 1.0, (0, 0)), "a plain template is not found everywhere now"
assert seen["one other pixel"][1] < 0.7 and seen["textured"][1] < 0.7
assert matched(textured, cv2.TM_CCOEFF_NORMED)[0] < 0
wall = cv2.matchTemplate(room[:30, :30], textured, cv2.TM_CCOEFF_NORMED)
assert (wall == 0).all()
assert cv2.matchTemplate(room, plain, cv2.TM_SQDIFF_NORMED).min() > 0.1
PYTHON
echo "seen: as described"
