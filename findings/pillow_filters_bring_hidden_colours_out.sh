#!/usr/bin/env bash
# Pillow 13.0.0: filter() of a picture with transparency, GaussianBlur for a soft cut-out.
#
# Expected: colours of pixels that are fully transparent do not show: resize(), rotate(), reduce() and transform() weigh colours by their
# alpha ("RGBa") and bring back nothing of them.
# Seen: filter() takes the four channels each by itself. Around a blue thing that was cut out of red (alpha 0, the red still beneath, as
# masks and editing programs leave it) the soft edge turns red, up to 239 of 255 where it is faint; where black lies beneath, it is a
# dark fringe. BoxBlur and SMOOTH likewise. Scaled down by resize() the same picture has a clean edge, so that previews are right
# and the full size is not.
#
# So filters get convert("RGBa"), and the result is converted back.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0 numpy==2.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from PIL import Image, ImageFilter

cut_out = Image.new("RGBA", (80, 80), (255, 0, 0, 0))
cut_out.paste((0, 0, 255, 255), (20, 20, 60, 60))


def red(picture):
    """Return the most red of the pixels that one sees, alpha 16 and more."""
    pixels = np.asarray(picture.convert("RGBA"))
    return int(pixels[pixels[..., 3] >= 16][:, 0].max())


seen = {
    "resize": red(cut_out.resize((55, 55), Image.Resampling.BICUBIC)),
    "rotate": red(cut_out.rotate(30, Image.Resampling.BICUBIC)),
    "reduce": red(cut_out.reduce(3)),
    "GaussianBlur": red(cut_out.filter(ImageFilter.GaussianBlur(4))),
    "BoxBlur": red(cut_out.filter(ImageFilter.BoxBlur(4))),
    "SMOOTH": red(cut_out.filter(ImageFilter.SMOOTH)),
    "GaussianBlur of RGBa": red(cut_out.convert("RGBa").filter(ImageFilter.GaussianBlur(4))),
}
for name, level in seen.items():
    print(f"{name:21} red up to {level} in a blue picture")
assert seen["resize"] == seen["rotate"] == seen["reduce"] == seen["GaussianBlur of RGBa"] == 0
assert min(seen["GaussianBlur"], seen["BoxBlur"], seen["SMOOTH"]) > 150, "filters weigh colours by their alpha now"
PYTHON
echo "seen: as described"
