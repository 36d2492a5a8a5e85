#!/usr/bin/env bash
# pillow-jxl-plugin 1.3.8 with Pillow 13.0.0: save("result.jxl") of a JPEG that was opened and then painted on.
#
# Expected: what is saved are the picture's pixels, as with every other format of Pillow; `quality` and `lossless` say how nearly.
# Seen: a picture that is still an opened JPEG (paste(), putpixel() and ImageDraw change it where it lies) is not encoded at all:
# its *file* is packed anew, without loss, and the edit is not in the result, whatever quality was asked for. The warning that comes
# with it says that a JPEG is being reconstructed and not that pixels are left out. crop(), resize() and convert() of another mode
# make a new picture, which is saved as it is.
#
# So a result is saved as JPEG XL with lossless_jpeg=False, or from a copy().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow-jxl-plugin==1.3.8 pillow==13.0.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import pillow_jxl  # noqa: F401, registers the format
from PIL import Image, ImageDraw

WALL, RED = (120, 150, 90), (255, 0, 0)
Image.new("RGB", (256, 256), WALL).save("room.jpg", quality=95)
room = Image.open("room.jpg")
ImageDraw.Draw(room).rectangle((64, 64, 191, 191), fill=RED)


def saved(picture, name, **options):
    """Return what stands in the middle after saving, nearer to the wall's colour or to the edit's."""
    picture.save(name, **options)
    with Image.open(name) as opened:
        pixel = opened.convert("RGB").getpixel((128, 128))
    away = {colour: sum(abs(one - other) for one, other in zip(pixel, colour)) for colour in (WALL, RED)}
    seen = "the edit" if away[RED] < away[WALL] else "the picture before it"
    print(f"{name} {options or ''}: {seen} {pixel}")
    return seen


assert saved(room, "result.png") == saved(room, "result.webp") == "the edit"
for options in ({}, {"quality": 90}, {"lossless": True}):
    assert saved(room, "result.jxl", **options) == "the picture before it", "the edit is saved now"
assert saved(room, "result.jxl", lossless_jpeg=False) == saved(room.copy(), "result.jxl") == "the edit"
PYTHON
echo "seen: as described"
