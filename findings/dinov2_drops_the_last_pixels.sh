#!/usr/bin/env bash
# transformers 5.23.0: Dinov2Model given a picture whose sides are no multiples of its patch size.
#
# Expected: it refuses, as CLIPVisionModel refuses another size than its own, or pads, so that every pixel counts.
# Seen: patches are laid from the top left and what is left over at the right and at the bottom is not looked at, without
# a word. A 512 px picture loses 8 rows and columns (3.1% of its area), one of 69 px at patches of 14 loses 34%. Two
# pictures that differ there alone have a similarity of exactly 1.
#
# So pictures are scaled to multiples of the patch before they are compared, which the usual 224 is.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from transformers import CLIPVisionConfig, CLIPVisionModel, Dinov2Config, Dinov2Model

torch.manual_seed(0)
small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 56, "patch_size": 14}
dino, clip = Dinov2Model(Dinov2Config(**small)).eval(), CLIPVisionModel(CLIPVisionConfig(intermediate_size=32, **small)).eval()


def seen(side, band):
    """Greatest change of a feature when a band of pixels at the right and at the bottom is replaced."""
    picture = torch.rand(1, 3, side, side)
    other = picture.clone()
    other[..., side - band:], other[..., side - band:, :] = 0, 1
    with torch.no_grad():
        return (dino(picture).last_hidden_state - dino(other).last_hidden_state).abs().max().item()


changes = {(side, band): seen(side, band) for side, band in ((56, 1), (57, 1), (69, 13), (512, 8), (512, 9))}
for (side, band), change in changes.items():
    print(f"{side} px, the last {band} replaced: features change by {change:.4f}")
assert all(changes[key] == 0 for key in ((57, 1), (69, 13), (512, 8))), "it looks at the last pixels now"
assert changes[56, 1] > 0 and changes[512, 9] > 0
try:
    clip(torch.rand(1, 3, 69, 69))
except ValueError as error:
    print("CLIP at 69 px:", error)
else:
    raise AssertionError("CLIP takes any size now")
PYTHON
echo "seen: as described"
