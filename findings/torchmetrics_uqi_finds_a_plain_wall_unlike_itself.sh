#!/usr/bin/env bash
# torchmetrics 1.9.0: UniversalImageQualityIndex and SpatialCorrelationCoefficient of a picture and its copy.
#
# Expected: 1, their best value, for any two equal pictures, as SSIM gives; or NaN where the formula is 0 / 0.
# Seen: where nothing varies the quotient is made 0, the value of pictures that have nothing in common, and goes into the mean. A
# picture whose lower half is a plain wall agrees with itself to 0.89 (UQI) and 0.67 (SCC), a plain one to 0.72 and 0.21, a black
# one to 0.
#
# So equal pictures are among the test cases of a metric, and these two stay away from drawings, walls and masks.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from torchmetrics.image import (
    SpatialCorrelationCoefficient,
    StructuralSimilarityIndexMeasure,
    UniversalImageQualityIndex,
)

varied = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
half = varied.clone()
half[..., 32:, :] = 0.8
pairs = {
    "varied everywhere": (varied, varied),
    "half a plain wall": (half, half),
    "a plain wall": (torch.full_like(varied, 0.8),) * 2,
    "black": (torch.zeros_like(varied),) * 2,
}
seen = {}
for name, (one, other) in pairs.items():
    metrics = UniversalImageQualityIndex(), SpatialCorrelationCoefficient(), StructuralSimilarityIndexMeasure(data_range=1.0)
    seen[name] = [round(float(metric(one, other.clone())), 3) for metric in metrics]
    print("{:18} and its copy: UQI {}, SCC {}, SSIM {}".format(name, *seen[name]))
assert seen["varied everywhere"] == [1, 1, 1]
for name, most in {"half a plain wall": 0.9, "a plain wall": 0.75, "black": 0.001}.items():
    assert max(seen[name][:2]) < most, "equal pictures agree now"
assert seen["half a plain wall"][2] == seen["a plain wall"][2] == 1
PYTHON
echo "seen: as described"
