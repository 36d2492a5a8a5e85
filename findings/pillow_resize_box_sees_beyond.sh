#!/usr/bin/env bash
# Pillow 13.0.0, Image.resize(size, filter, box=...), as one scales the crop that an editor is to see.
#
# Expected: only pixels inside the box count, so that resize(box=b) equals crop(b).resize().
# Seen: with BILINEAR, BICUBIC and LANCZOS the filter's support reads across the box's border into the rest of the
# picture; only BOX stays inside. A black half beside a white one gets a grey edge of up to 32 levels.
#
# So what must not know its surroundings is cropped first, then scaled.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON'
from PIL import Image

picture = Image.new("L", (64, 64))
picture.paste(255, (32, 0, 64, 64))
box = (0, 0, 32, 64)
seen = {}
for name in ("BOX", "BILINEAR", "BICUBIC", "LANCZOS"):
    method = Image.Resampling[name]
    beyond = picture.resize((8, 8), method, box=box).getextrema()[1]
    cropped = picture.crop(box).resize((8, 8), method).getextrema()[1]
    assert cropped == 0
    seen[name] = beyond
print("brightest pixel of a black box beside white:", seen)
assert seen["BOX"] == 0
assert all(seen[name] > 10 for name in ("BILINEAR", "BICUBIC", "LANCZOS")), "the box is the border now"
PYTHON
echo "seen: as described"
