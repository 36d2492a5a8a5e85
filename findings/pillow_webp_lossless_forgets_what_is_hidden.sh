#!/usr/bin/env bash
# Pillow 13.0.0: save("cut-out.webp", lossless=True) of a picture with transparency.
#
# Expected: lossless means that what is opened is what was saved, as with PNG and TIFF.
# Seen: colours under an alpha of 0 are dropped (black here). Where alpha is a mask, as in editing programs and in interfaces for
# inpainting ("transparent is what to repaint"), the picture beneath is gone: nothing is left to edit from, and what is brought
# back by setting alpha to 255 is a black hole. Pixels with any alpha at all are kept exactly.
#
# So it is saved with exact=True, or mask and picture are kept apart.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import io

import numpy as np
from PIL import Image

picture = np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)
picture[..., 3] = 255
picture[16:48, 16:48, 3] = 0
picture[:8, :8, 3] = 1


def kept(format_, **options):
    """Share of the pixels that come back as they were: hidden ones, and all others."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format_, **options)
    same = (np.asarray(Image.open(file).convert("RGBA")) == picture).all(axis=2)
    hidden = picture[..., 3] == 0
    return float(same[hidden].mean()), float(same[~hidden].mean())


seen = {}
for format_, options in (("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("WEBP", {"lossless": True, "exact": True})):
    seen[format_, "exact" in options] = kept(format_, **options)
    print(format_, options, "hidden pixels kept %.2f, others %.2f" % seen[format_, "exact" in options])
assert seen["PNG", False] == seen["TIFF", False] == seen["WEBP", True] == (1, 1)
assert seen["WEBP", False] == (0, 1), "lossless holds for all pixels now"
PYTHON
echo "seen: as described"
