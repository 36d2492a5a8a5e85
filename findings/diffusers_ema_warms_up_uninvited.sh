#!/usr/bin/env bash
# diffusers 0.42.1: EMAModel with use_ema_warmup=False.
#
# Expected: without a warm-up the average decays by the `decay` that it was given, from the first step on.
# Seen: there is a warm-up all the same, of another kind: the decay is the smaller of `decay` and (1 + step) / (10 + step).
# With 0.9999 it is 0.917 after 100 steps, 0.991 after 1,000 and reaches 0.9999 only after 90,000: in a fine-tuning of
# a few thousand steps a decay of 0.999 and one of 0.9999 give the very same weights for 8,900 steps. Switching the warm-up on
# (power 2/3, the default) gives higher decays at first, not lower ones: 0.954 after 100 steps.
#
# So the decay that a training really used is computed and logged, and ours is the one that its recipe states.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  diffusers==0.42.1 transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from diffusers.training_utils import EMAModel

def averaged(decay, steps, warmup=False):
    weight = torch.nn.Parameter(torch.zeros(1))
    average = EMAModel([weight], decay=decay, use_ema_warmup=warmup)
    for step in range(steps):
        weight.data += 1.0
        average.step([weight])
    return average.shadow_params[0].item(), average.cur_decay_value

for steps in (100, 1000, 3000):
    lower, higher = averaged(0.999, steps), averaged(0.9999, steps)
    print(f"{steps:5} steps, no warm-up: decay 0.999 -> {lower[0]:.3f} (used {lower[1]:.4f}), "
          f"0.9999 -> {higher[0]:.3f} (used {higher[1]:.4f})")
    assert lower == higher and higher[1] < 0.998, "the decay is what was asked for now"
without, warmed = averaged(0.9999, 100)[1], averaged(0.9999, 100, warmup=True)[1]
print(f"after 100 steps: {without:.4f} without a warm-up, {warmed:.4f} with it")
assert warmed > without, "the warm-up is the slower start now"
PYTHON
echo "seen: as described"
