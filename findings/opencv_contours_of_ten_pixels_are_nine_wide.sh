#!/usr/bin/env bash
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93): contourArea(findContours(mask)), by which masks are sorted, and small ones left out;
# and fillPoly() of an annotation's polygon.
#
# Expected: the area of a mask's contour is its number of pixels, or within a little of it; a polygon of 10 x 10 is filled with 100.
# Seen: a contour goes through the centres of the outermost pixels, so that half a pixel is missing all around, and filling paints every
# pixel that the line touches, so that half a pixel more is painted. A square of 10 x 10 pixels has an area of 81, and its polygon
# becomes 121. What is one pixel thin (a cable, a lamp's rod) has an area of 0 however long it is, and of two pixels half of it: it is
# the first to be left out as noise. From a polygon to a mask to a contour and back nothing fits, although each mask that is
# found and filled again comes out as it was, which is the test that one makes.
#
# So areas are counted (countNonZero, connectedComponentsWithStats), and polygons of annotations filled by what knows pixel centres.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.1 pycocotools==2.0.11
"$folder/venv/bin/python" - <<'PYTHON'
import cv2
import numpy as np
from pycocotools import mask as coco


def measured(height, width):
    """Return the pixels of a box of ones, the area of its contour, and whether the contour filled is the box."""
    box = np.zeros((80, 80), np.uint8)
    box[10 : 10 + height, 10 : 10 + width] = 1
    (contour,), _ = cv2.findContours(box, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    again = cv2.drawContours(np.zeros_like(box), [contour], -1, 1, cv2.FILLED)
    return int(box.sum()), cv2.contourArea(contour), bool((again == box).all())


seen = {size: measured(*size) for size in ((10, 10), (1, 60), (2, 60))}
for (height, width), one in seen.items():
    print(f"{height} x {width}: %d pixels, area %.0f, filled again as it was: %s" % one)
assert seen == {(10, 10): (100, 81, True), (1, 60): (60, 0, True), (2, 60): (120, 59, True)}, "areas count pixels now"

corners = np.array([[10, 10], [20, 10], [20, 20], [10, 20]])
filled = int(cv2.fillPoly(np.zeros((80, 80), np.uint8), [corners], 1).sum())
of_coco = int(coco.area(coco.frPyObjects([corners.ravel().astype(float).tolist()], 80, 80))[0])
print(f"a polygon of 10 x 10: {filled} pixels by fillPoly, {of_coco} by pycocotools")
assert (filled, of_coco) == (121, 100), "polygons are filled otherwise now"
PYTHON
echo "seen: as described"
