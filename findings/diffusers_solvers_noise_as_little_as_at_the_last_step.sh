#!/usr/bin/env bash
# diffusers 0.42.1: add_noise(picture, noise, timestep) of DPMSolverMultistepScheduler, DEIS and UniPC after set_timesteps().
#
# Expected: the noise of that timestep, as DDIM's and PNDM's add_noise and their own before set_timesteps() give; a scheduler that
# knows only the timesteps of its schedule refuses others, as EulerDiscreteScheduler does (with an IndexError).
# Seen: for a timestep that is not in the schedule, which are 980 of 1,000 at 20 steps, they add the noise of the last step,
# whatever was asked for: at timestep 503 0.22 of noise, beside 0.98 of the picture, in place of 0.85 and 0.52. So a part that is
# noised anew during sampling (what lies outside of a mask, a check of the network at a given timestep) comes nearly clean
# to a network that is told 503. No error; the edit is weak, or the loss of the validation too good.
#
# So noise is added by alphas_cumprod, or by a scheduler without a schedule of its own.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check diffusers==0.42.1 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from diffusers import (
    DDIMScheduler, DEISMultistepScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, PNDMScheduler,
    UniPCMultistepScheduler,
)

training = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
picture, noise = torch.eye(2).view(2, 1, 1, 1, 2)


def shares(scheduler, timestep):
    """How much of the picture and of the noise is in the result."""
    return tuple(round(value, 2) for value in scheduler.add_noise(picture, noise, torch.tensor([timestep])).flatten().tolist())


for kind in (DDIMScheduler, PNDMScheduler, DPMSolverMultistepScheduler, DEISMultistepScheduler, UniPCMultistepScheduler):
    scheduler = kind(**training)
    before = shares(scheduler, 503)
    scheduler.set_timesteps(20)
    schedule = [int(timestep) for timestep in scheduler.timesteps]
    near = min(schedule, key=lambda timestep: abs(timestep - 503))
    after, inside, last = shares(scheduler, 503), shares(scheduler, near), shares(scheduler, schedule[-1])
    print(f"{kind.__name__}: picture and noise at 503 before set_timesteps(20) {before}, after {after}; "
          f"at {near}, of the schedule, {inside}; at the last {last}")
    assert 503 not in schedule and before[1] == 0.85 and inside[1] > 0.8
    if kind in (DDIMScheduler, PNDMScheduler):
        assert after == before
    else:
        assert after == last == (0.98, 0.22), "it adds the noise that was asked for now, or refuses"

scheduler = EulerDiscreteScheduler(**training)
scheduler.set_timesteps(20)
try:
    shares(scheduler, 503)
except IndexError as error:
    print("EulerDiscreteScheduler:", error)
PYTHON
echo "seen: as described"
