#!/usr/bin/env bash
# diffusers 0.42.1, VaeImageProcessor.preprocess of pictures as tensors in -1..1, which is what the VAE takes and gives.
#
# Expected: such a tensor is taken as it is, or refused. It is taken (with a warning that 0..1 is wanted), so one passes it on from
# one pipeline's output to the next one's input.
# Seen: the range is guessed from the least value of the batch. Where no pixel is darker than medium grey, it passes for 0..1 and is
# stretched once more, without any warning: a white wall at 0.5 becomes 0. One dark pixel anywhere, or a darker picture in the
# same batch, and it stays 0.5. So a picture's edit depends on its neighbours in the batch, and bright rooms come out dark.
#
# So tensors are handed over in 0..1, or the processor is made with do_normalize=False.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check diffusers==0.42.1 torch==2.13.0 pillow==13.0.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import warnings

import torch
from diffusers.image_processor import VaeImageProcessor

bright = torch.full((1, 3, 64, 64), 0.5)
dotted = bright.clone()
dotted[..., 0, 0] = -0.1
dark = torch.full_like(bright, -0.5)
processor, seen = VaeImageProcessor(), {}
for name, pictures in (("alone", bright), ("with one dark pixel", dotted), ("beside a dark picture", torch.cat([bright, dark]))):
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        seen[name] = processor.preprocess(pictures)[0, 0, 32, 32].item(), len(given)
    print(f"a bright picture in -1..1, {name}: 0.5 becomes %g, %d warnings" % seen[name])
assert seen["with one dark pixel"] == seen["beside a dark picture"] == (0.5, 1)
assert seen["alone"] == (0, 0), "it does not guess now, or it says so"
PYTHON
echo "seen: as described"
