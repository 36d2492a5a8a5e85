#!/usr/bin/env bash
# diffusers 0.42.1: DDIMScheduler with timestep_spacing "linspace" or "trailing" (what one switches to so that sampling
# begins at pure noise).
#
# Expected: step() goes from each entry of `timesteps` to the next one. DDIM is then exact for a network that names the
# true noise: any number of steps ends in the clean picture. DPMSolverMultistepScheduler of order 1, which is the same
# sampler, does.
# Seen: step() goes down by 1000 // num_inference_steps, whatever the next entry is. That is the next entry for "leading",
# and for "trailing" where the number of steps divides 1000. Everywhere else the sample has another noise than the network
# is told, and with the true noise named at every step "linspace" ends at 0.79 of the picture and 0.19 of the noise after
# 10 steps, at 0.90 and 0.07 after 30; "trailing" with 28 steps at 0.95 and 0.06. No warning; it looks like a weak model.
#
# So DDIM is sampled with "leading", or with "trailing" where the steps divide 1000; else with the solver of order 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check diffusers==0.42.1 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

training = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}


def sampled(scheduler, steps):
    """How much of the clean picture and of the noise is in the result, the true noise being named at every step."""
    scheduler.set_timesteps(steps)
    alpha = scheduler.alphas_cumprod.double()[scheduler.timesteps[0]]
    clean, noise = torch.eye(2, dtype=torch.float64)
    sample = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
    for timestep in scheduler.timesteps:
        sample = scheduler.step(noise, timestep, sample).prev_sample
    return tuple(round(value, 2) for value in sample.tolist())


seen = {}
for spacing in ("leading", "trailing", "linspace"):
    for steps in (10, 20, 28, 30):
        seen[spacing, steps] = sampled(DDIMScheduler(clip_sample=False, timestep_spacing=spacing, **training), steps)
        solver = DPMSolverMultistepScheduler(solver_order=1, timestep_spacing=spacing, **training)
        assert sampled(solver, steps) == (1, 0)
    print(f"{spacing}: picture and noise in the result, by steps:", {key[1]: seen[key] for key in seen if key[0] == spacing})
exact = {("leading", steps) for steps in (10, 20, 28, 30)} | {("trailing", 10), ("trailing", 20)}
assert all((result == (1, 0)) == (key in exact) for key, result in seen.items()), "step() goes to the next timestep now"
assert seen["linspace", 10][0] < 0.85 and seen["linspace", 30][0] < 0.93 and seen["trailing", 28][0] < 0.97
PYTHON
echo "seen: as described"
