#!/usr/bin/env bash
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93): seamlessClone(source, destination, mask, centre, flags) and the mask afterwards.
#
# Expected: source, destination and mask are input; the result is what is returned, and source and destination do stay as they were.
# Seen: the mask is written to. Its inside, three pixels from its edge on, is 0 afterwards, and what lies outside of it, in the box around
# it, is 255: of a disc of 1,257 pixels 436 are left, a ring, and 424 beside it have come. illuminationChange(), textureFlattening() and
# colorChange() turn the whole picture's mask round so. Whoever uses the mask once more, for the next object, to put back what lies
# outside of it, or to measure how much changed inside, uses the inverse; a second call with the same mask gives another picture.
#
# So it gets mask.copy().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import cv2
import numpy as np

cv2.setNumThreads(1)
numbers = np.random.default_rng(0)
source, room = (numbers.integers(0, 256, (100, 100, 3), np.uint8) for _ in range(2))
given = np.zeros((100, 100), np.uint8)
cv2.circle(given, (50, 50), 20, 255, -1)
mask, source_before, room_before = given.copy(), source.copy(), room.copy()


def cloned(with_mask):
    return cv2.seamlessClone(source, room, with_mask, (50, 50), cv2.NORMAL_CLONE)


first = cloned(mask)
left, inverse, disc = mask > 0, cv2.erode(given, np.ones((3, 3), np.uint8), iterations=3) == 0, given > 0
print(f"of the mask's {disc.sum()} pixels {(left & disc).sum()} are left, {(left & ~disc).sum()} beside it have come")
second = cloned(mask)
print("the same call with the same mask once more, pixels of the result that differ:", int((first != second).any(2).sum()))
others = {}
for name in ("illuminationChange", "textureFlattening", "colorChange"):
    other = given.copy()
    getattr(cv2, name)(source, other)
    others[name] = bool(((other > 0) == inverse).all())
print("others turn the whole mask round:", others)
assert (source == source_before).all() and (room == room_before).all()
assert ((left & disc).sum(), (left & ~disc).sum()) == (436, 424), "the mask is left alone now"
assert (left == inverse)[30:71, 30:71].all() and not left[:30].any()
assert (first != second).any() and (cloned(given.copy()) == first).all()
assert all(others.values())
PYTHON
echo "seen: as described"
