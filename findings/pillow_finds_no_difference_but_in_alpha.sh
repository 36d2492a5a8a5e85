#!/usr/bin/env bash
# Pillow 13.0.0: ImageChops.difference(before, after).getbbox(), the usual question whether, and where, two pictures differ.
#
# Expected: None where they are equal, otherwise the box of what changed, in every mode.
# Seen: getbbox() of a picture with alpha looks at the alpha alone. That of the difference is 0 wherever both are opaque, so two opaque
# RGBA pictures never differ: a red room and a blue one give None. Where alpha differs too, the box is that of alpha. A test
# that an edit changed nothing outside of its mask passes for whatever it changed, as soon as somebody saves with transparency;
# the same pictures as RGB are told apart. LA likewise.
#
# So it is getbbox(alpha_only=False), or the arrays are compared.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
"$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from PIL import Image, ImageChops

red, blue = (Image.new("RGB", (64, 48), colour) for colour in ("red", "blue"))
part = red.copy()
part.paste("green", (10, 20, 30, 40))


def box(mode, after, **options):
    return ImageChops.difference(red.convert(mode), after.convert(mode)).getbbox(**options)


for mode in ("RGB", "RGBA", "L", "LA"):
    print(f"{mode}: red and blue {box(mode, blue)}, red and partly green {box(mode, part)}")
both = part.convert("RGBA")
both.putpixel((60, 5), (255, 0, 0, 254))
print("and one pixel less opaque elsewhere:", box("RGBA", both))
assert box("RGB", blue) == box("L", blue) == (0, 0, 64, 48) and box("RGB", part) == (10, 20, 30, 40)
assert box("RGBA", blue) is None and box("LA", blue) is None and box("RGBA", part) is None, "colours count now"
assert box("RGBA", both) == (60, 5, 61, 6)
assert box("RGBA", blue, alpha_only=False) == (0, 0, 64, 48) and box("RGBA", part, alpha_only=False) == (10, 20, 30, 40)
PYTHON
echo "seen: as described"
