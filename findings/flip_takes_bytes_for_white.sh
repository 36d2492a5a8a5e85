#!/usr/bin/env bash
# flip-evaluator 1.7 (NVIDIA's FLIP): evaluate(reference, test, "LDR") of pictures as arrays of uint8, as Pillow, imageio and OpenCV
# give them.
#
# Expected: uint8 is 0..255, or it is refused: the documentation asks for 0..1 and takes the files of the same pictures as well.
# Seen: the bytes are taken for numbers of 0..1 and what is above is cut off there: whatever is not 0 is 1, so that nearly every
# picture is white. A picture and its negative do not differ (0.51 where they are divided by 255), nor do a picture and one of half
# its brightness (0.75): the error of a bad edit is that of a perfect one. No error is raised, and no warning.
#
# So pictures are divided by 255 first, and a test holds a picture and its negative apart.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flip-evaluator==1.7 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import flip_evaluator
import numpy as np

room = np.random.default_rng(0).integers(2, 254, (64, 64, 3), dtype=np.uint8)
edits = {"the same": room, "half as bright": room // 2, "its negative": 255 - room}


def error(reference, test):
    """Return the mean FLIP error, 0..1."""
    return flip_evaluator.evaluate(np.ascontiguousarray(reference), np.ascontiguousarray(test), "LDR")[1]


measured = {}
for name, edit in edits.items():
    as_bytes, scaled = error(room, edit), error((room / 255).astype(np.float32), (edit / 255).astype(np.float32))
    measured[name] = as_bytes, scaled
    print(f"{name:15} uint8 {as_bytes:.3f}, divided by 255 {scaled:.3f}")
assert measured["the same"] == (0, 0)
assert measured["half as bright"][0] == 0 and measured["half as bright"][1] > 0.1, "uint8 is measured, or refused, now"
assert measured["its negative"][0] < 0.01 and measured["its negative"][1] > 0.4
PYTHON
echo "seen: as described"
