#!/usr/bin/env bash
# diffusers 0.42.1, PNDMScheduler.set_timesteps(n): the scheduler that Stable Diffusion 1.x checkpoints name.
#
# Expected: n timesteps, each visited once: 20 steps are 20 calls of the UNet, as with DDIM, Euler or DPM-Solver++.
# Seen: 21, the second of them twice, as the checkpoints configure it (skip_prk_steps), and 29 as the class does by default.
# A comparison of schedulers "at 20 steps" gives this one 5% or 45% more work, a progress bar that expects n overruns, and what
# is looked up by timestep (an attention map kept for each, as Prompt-to-Prompt does) is overwritten at the doubled one.
#
# So steps are counted by len(scheduler.timesteps), and what is kept by step is kept by its number.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check diffusers==0.42.1 torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, PNDMScheduler

noise = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
seen = {}
for name, kind, more in (
    ("DDIM", DDIMScheduler, {}),
    ("Euler", EulerDiscreteScheduler, {}),
    ("DPM-Solver++", DPMSolverMultistepScheduler, {}),
    ("PNDM of Stable Diffusion 1.5", PNDMScheduler, {"skip_prk_steps": True, "steps_offset": 1}),
    ("PNDM by default", PNDMScheduler, {}),
):
    scheduler = kind(**noise, **more)
    scheduler.set_timesteps(20)
    steps = [int(step) for step in scheduler.timesteps]
    seen[name] = (len(steps), len(set(steps)))
    print(f"{name:29} {len(steps)} calls of the UNet at {len(set(steps))} timesteps: {steps[:6]}...")
assert seen["DDIM"] == seen["Euler"] == seen["DPM-Solver++"] == (20, 20)
assert seen["PNDM of Stable Diffusion 1.5"] == (21, 20), "it visits as many as asked now"
assert seen["PNDM by default"][0] == 29
PYTHON
echo "seen: as described"
