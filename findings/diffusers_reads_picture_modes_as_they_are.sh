#!/usr/bin/env bash
# diffusers 0.42.1, VaeImageProcessor.preprocess, and PNG files that are neither RGB nor grey of 8 bits.
#
# Expected: a picture object of Pillow says what its numbers mean, so it is converted, or refused.
# Seen: nothing is converted by default. A palette picture becomes one channel of palette *indices*, taken for
# brightness; a picture of 16 bits gives values up to 513 where the VAE knows -1..1; RGBA gives four channels, of which
# the VAE complains, if far from here. The first two pass without a word through everything that takes one channel.
#
# So convert("RGB") first, from 16 bits by scaling.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  diffusers==0.42.1 torch==2.13.0 pillow==13.0.0 numpy==2.4.1
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
from diffusers.image_processor import VaeImageProcessor
from PIL import Image

processor = VaeImageProcessor(vae_scale_factor=8)
green = Image.new("RGB", (64, 64), (10, 200, 30))
palette = green.quantize(2)
white = Image.fromarray(np.full((64, 64), 65535, np.uint16))
seen = {}
for name, picture in (("RGB", green), ("palette", palette), ("16 bits", white), ("RGBA", green.convert("RGBA"))):
    tensor = processor.preprocess(picture)
    seen[name] = tensor.shape[1], round(tensor.max().item(), 2)
    print(f"{name}: mode {picture.mode}, {seen[name][0]} channels, greatest value {seen[name][1]}")
assert seen["RGB"] == (3, 0.57)
assert seen["palette"] == (1, -1.0), "palettes are looked up now"
assert seen["16 bits"] == (1, 513.0), "16 bits are scaled now"
assert seen["RGBA"][0] == 4
PYTHON
echo "seen: as described"
