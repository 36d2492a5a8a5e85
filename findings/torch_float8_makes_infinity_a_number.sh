#!/usr/bin/env bash
# torch 2.13.0 and ml_dtypes 0.5.4 (the types of JAX and of ONNX in numpy): to(float8_e4m3fn) of what has overflowed.
#
# Expected: e4m3fn has no infinity, so that infinity, and what is far beyond its 448, become NaN, as OCP's format asks for
# without saturation and as ml_dtypes does it; either way both types of 8 bits do alike.
# Seen: torch makes 448 of everything beyond, infinity included: an activation or a scale that overflowed is an ordinary number
# afterwards, and whatever looks for inf and NaN in the weights or in the loss finds none. e5m2, used for gradients beside it,
# does not saturate: 100,000 and infinity are infinity there. The types of AMD's cards, "fnuz", make both of them NaN. The same
# checkpoint converted by way of numpy holds NaN where torch's holds 448.
#
# So isfinite() is asked before the conversion, not after it.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 ml_dtypes==0.5.4 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import math

import ml_dtypes
import numpy as np
import torch

values = [448.0, 1e5, math.inf]
seen = {}
for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"):
    seen[name] = (torch.tensor(values).to(getattr(torch, name)).float().tolist(),
                  np.array(values, np.float32).astype(getattr(ml_dtypes, name)).astype(np.float32).tolist())
    print(f"{name:16} {values}: torch {seen[name][0]}, ml_dtypes {seen[name][1]}")
assert seen["float8_e4m3fn"][0] == [448.0, 448.0, 448.0], "torch makes NaN of it now"
assert math.isnan(seen["float8_e4m3fn"][1][1]) and math.isnan(seen["float8_e4m3fn"][1][2])
assert seen["float8_e5m2"][0] == seen["float8_e5m2"][1] == [448.0, math.inf, math.inf]
assert all(math.isnan(value) for value in seen["float8_e4m3fnuz"][0][1:] + seen["float8_e5m2fnuz"][0][1:])
PYTHON
echo "seen: as described"
