#!/usr/bin/env bash
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93): a colour picture and a number, cv2.add(picture, 50), cv2.min(picture, 200) and others.
#
# Expected: a number holds for every channel, as in numpy, in all of OpenCV's elementwise functions or in none (it is a Scalar,
# whose other three values are 0).
# Seen: add, subtract, multiply, divide, absdiff and compare take it for all channels. min, max, the bitwise functions and inRange take
# it for the first channel and 0 for the others: cv2.min(picture, 200), which one writes to limit highlights, makes a picture without
# green and red, max lets both through, and inRange(picture, 0, 128), whose bounds are then 0 to 0 in two channels, gives the empty
# mask for a picture of grey. With a grey picture, of one channel, all of them do as expected.
#
# So numbers for min, max, inRange and the bitwise functions are written as (200, 200, 200, 0), or numpy does it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import cv2
import numpy as np

cv2.setNumThreads(1)
colour, grey = np.full((6, 5, 3), 100, np.uint8), np.full((6, 5), 100, np.uint8)
calls = {
    "add 50": lambda picture: cv2.add(picture, 50),
    "subtract 50": lambda picture: cv2.subtract(picture, 50),
    "multiply 0.5": lambda picture: cv2.multiply(picture, 0.5),
    "divide 2": lambda picture: cv2.divide(picture, 2),
    "absdiff 150": lambda picture: cv2.absdiff(picture, 150),
    "compare > 50": lambda picture: cv2.compare(picture, 50, cv2.CMP_GT),
    "min 50": lambda picture: cv2.min(picture, 50),
    "max 150": lambda picture: cv2.max(picture, 150),
    "bitwise_and 15": lambda picture: cv2.bitwise_and(picture, 15),
    "bitwise_or 15": lambda picture: cv2.bitwise_or(picture, 15),
}
seen = {name: ([int(value) for value in call(colour)[0, 0]], int(call(grey)[0, 0])) for name, call in calls.items()}
for name, (channels, single) in seen.items():
    print(f"{name}: (100, 100, 100) becomes {channels}, 100 becomes {single}")
ranges = [int(cv2.inRange(picture, 0, 128)[0, 0]) for picture in (colour, grey)]
print("inRange 0 to 128:", ranges)
for name in list(calls)[:6]:
    assert seen[name][0] == [seen[name][1]] * 3
assert seen["min 50"] == ([50, 0, 0], 50) and seen["max 150"] == ([150, 100, 100], 150), "min and max take it for all now"
assert seen["bitwise_and 15"] == ([4, 0, 0], 4) and seen["bitwise_or 15"] == ([111, 100, 100], 111)
assert ranges == [0, 255], "inRange takes it for all now"
PYTHON
echo "seen: as described"
