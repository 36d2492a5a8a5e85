#!/usr/bin/env bash
# Pillow 13.0.0: quantize(256) of a picture with few colours, as a map of segments or a drawing is made small.
#
# Expected: a picture that has no more colours than the palette has room for keeps them all, exactly, as one without transparency does.
# Seen: with an alpha channel, opaque throughout or not, another method is taken (an octree of fixed cells; median cut refuses RGBA),
# which gives one entry to colours that share a cell, however much room is left: of four colours two come back, and neither is
# one of the four. A map of segments whose classes are neighbouring levels has classes merged into each other, and a class that is
# compared by its exact colour is not found at all. convert("P") of the same picture chooses from a fixed palette, and is no better.
#
# So transparency is kept apart: convert("RGB") first, and the colours are counted before and after.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from PIL import Image

classes = [(0, 0, 0), (10, 10, 10), (250, 0, 0), (255, 0, 0)]
segments = Image.new("RGB", (64, 64))
for number, colour in enumerate(classes):
    segments.paste(colour, (16 * number, 0, 16 * number + 16, 64))


def colours(picture):
    return sorted(colour for _, colour in picture.convert("RGB").getcolors())


without, with_alpha = segments.quantize(256), segments.convert("RGBA").quantize(256)
print("four colours:", colours(segments))
print("RGB, quantize(256):", colours(without))
print("RGBA, opaque, quantize(256):", colours(with_alpha))
print("RGBA, convert('P'):", colours(segments.convert("RGBA").convert("P")))
assert colours(without) == colours(segments) == classes
assert len(colours(with_alpha)) == 2 and not set(classes) & set(colours(with_alpha)), "few colours are kept now"
assert colours(segments.convert("RGBA").convert("P")) != classes
PYTHON
echo "seen: as described"
