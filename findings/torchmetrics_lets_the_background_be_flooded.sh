#!/usr/bin/env bash
# torchmetrics 1.9.0: MulticlassJaccardIndex(num_classes, ignore_index=0), as one leaves the background out of a mean IoU.
#
# Expected: class 0 does not count in the mean, and the others' IoU is what it was: a chair that is found where there is none is
# an error of the chair, as MeanIoU(include_background=False) of the same package has it.
# Seen: it is pixels that are left out, all those whose truth is 0, whatever was predicted there. Only what lies inside the things
# counts, so that a mask may grow over the whole background for nothing: a network that calls every pixel "chair" has an IoU of 1
# for a chair of a sixteenth of the picture, and 1 for the mean, better than a network whose mask is off by one pixel. What
# ignore_index is for is a label such as 255, of which nobody knows what it is.
#
# So the background is left out of the mean (average="none" and all but the first), not of the pixels.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torchmetrics==1.9.0 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from torchmetrics.classification import MulticlassJaccardIndex
from torchmetrics.segmentation import MeanIoU

truth = torch.zeros(1, 32, 32, dtype=torch.long)
truth[:, 8:16, 8:16] = 1
answers = {"exact": truth, "one pixel off": truth.roll(1, -1), "chair everywhere": torch.ones_like(truth)}
seen = {}
for name, answer in answers.items():
    ignored = MulticlassJaccardIndex(2, ignore_index=0)(answer, truth).item()
    chair = MulticlassJaccardIndex(2, average="none")(answer, truth)[1].item()
    mean = MeanIoU(2, include_background=False, input_format="index")(answer, truth).item()
    seen[name] = tuple(round(value, 3) for value in (ignored, chair, mean))
    print("%-17s ignore_index=0: %.3f; the chair's own IoU: %.3f; MeanIoU without background: %.3f" % (name, *seen[name]))
assert seen["exact"] == (1, 1, 1)
assert seen["chair everywhere"] == (1, 0.062, 0.062), "what is found in the background counts now"
assert seen["one pixel off"] == (0.875, 0.778, 0.778)
PYTHON
echo "seen: as described"
