#!/usr/bin/env bash
# diffusers 0.42.1: set_timesteps(1) of DDIM, DDPM, Euler and Heun, as a distilled (one-step) network is tried.
#
# Expected: whatever the spacing, sampling begins at the noisiest timestep, since it is pure noise that it begins with; fewer steps
# are longer steps.
# Seen: with "leading" (DDIM's default and Stable Diffusion's) and with "linspace" (Euler's) the only timestep is 0: the network
# gets pure noise and is told that it is a clean picture, which it hands back. With "leading" two steps begin at 500 and four at
# 750; "linspace" is right from two steps on, and falls over at 1. DPM-Solver++ and UniPC take 999 or 500 for one step.
# No warning; the network looks as if its distillation had failed.
#
# So few steps are taken with timestep_spacing="trailing", and timesteps[0] is looked at.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check diffusers==0.42.1 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from diffusers import (
    DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler,
    UniPCMultistepScheduler,
)

training = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
seen = {}
for kind in (
    DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler, DPMSolverMultistepScheduler,
    UniPCMultistepScheduler,
):
    for spacing in ("leading", "linspace", "trailing"):
        scheduler = kind(timestep_spacing=spacing, **training)
        for steps in (1, 2, 4):
            scheduler.set_timesteps(steps)
            seen[kind, spacing, steps] = round(float(scheduler.timesteps[0]))
        print(f"{kind.__name__}, {spacing}: begins at", {steps: seen[kind, spacing, steps] for steps in (1, 2, 4)})
for kind in (DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler):
    assert [seen[kind, spacing, 1] for spacing in ("leading", "linspace", "trailing")] == [0, 0, 999], "it begins with noise now"
    assert seen[kind, "leading", 2] == 500 and seen[kind, "leading", 4] == 750 and seen[kind, "linspace", 2] == 999
for kind in (DPMSolverMultistepScheduler, UniPCMultistepScheduler):
    assert [seen[kind, spacing, 1] for spacing in ("leading", "linspace", "trailing")] == [500, 999, 999]
assert DDIMScheduler().config.timestep_spacing == "leading" and EulerDiscreteScheduler().config.timestep_spacing == "linspace"
PYTHON
echo "seen: as described"
