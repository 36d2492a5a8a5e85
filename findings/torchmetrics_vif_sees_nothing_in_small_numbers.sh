#!/usr/bin/env bash
# torchmetrics 1.9.0: VisualInformationFidelity of pictures in 0..1.
#
# Expected: pictures are what the package's other image metrics take; a measure without a data_range knows it from the pictures,
# or does not depend on it, since VIF is a ratio of what is seen in one picture to what is seen in the other.
# Seen: it holds a constant, the noise of the eye (a variance of 2), which is one of 0..255. In 0..1 that is more than any
# picture varies, and the result's own noise no longer counts: a picture under heavy noise has 0.14 in 0..255, and 0.98, as good
# as untouched, in 0..1. One that is blurred has 0.08 and 0.03. So edits are put in another order; nothing says so, an equal
# picture has 1 in both, and the numbers are of the kind that one expects.
#
# So pictures are multiplied by 255 first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from torch.nn.functional import avg_pool2d
from torchmetrics.image import VisualInformationFidelity

draw = torch.Generator().manual_seed(0)
picture = (avg_pool2d(torch.rand(1, 3, 128, 128, generator=draw), 5, 1, 2) * 2 - 0.5).clamp(0, 1)
noisy = (picture + 0.15 * torch.randn(picture.shape, generator=draw)).clamp(0, 1)
blurred = avg_pool2d(avg_pool2d(picture, 9, 1, 4), 9, 1, 4)


def fidelity(result, scale):
    metric = VisualInformationFidelity()
    metric.update(result * scale, picture * scale)
    return metric.compute().item()


seen = {name: (fidelity(result, 1), fidelity(result, 255)) for name, result in (("same", picture), ("noisy", noisy), ("blurred", blurred))}
for name, values in seen.items():
    print(f"{name:8} %.3f in 0..1, %.3f in 0..255" % values)
assert all(abs(value - 1) < 1e-3 for value in seen["same"])
assert seen["noisy"][1] < 0.3 and seen["noisy"][0] > 0.9, "the range is known now"
assert seen["blurred"][0] < seen["blurred"][1] < 0.2
PYTHON
echo "seen: as described"
