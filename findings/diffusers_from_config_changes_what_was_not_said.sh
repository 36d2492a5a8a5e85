#!/usr/bin/env bash
# diffusers 0.42.1: LCMScheduler.from_config(scheduler.config) of a DDPMScheduler() that a network was trained with.
#
# Expected: another sampler of the same noise: from_config() is how samplers are exchanged, and the configuration says beta_schedule
# "linear" and beta_end 0.02, on which the meaning of every timestep depends.
# Seen: what the old scheduler was not told in so many words is taken as not said, and the new class fills in its own: LCM and TCD
# "scaled_linear" to 0.012, Heun and KDPM2 "linear" to 0.012, DDIM and DPM-Solver++ what was meant. At timestep 500 the picture's
# share of the variance is 0.28 or 0.16 and not 0.08, so that samples stay noisy or come out flat; nothing is said. The same
# scheduler saved and loaded has everything in its file and keeps it: validation during a training and the published pipeline
# sample differently, with one line of code and the same weights.
#
# So the noise schedule is written out where a scheduler is made, and alphas_cumprod is compared after from_config().
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check diffusers==0.42.1 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    HeunDiscreteScheduler,
    KDPM2DiscreteScheduler,
    LCMScheduler,
    TCDScheduler,
)

trained = DDPMScheduler()
trained.save_pretrained("scheduler")
loaded = DDPMScheduler.from_pretrained("scheduler")
told = DDPMScheduler(beta_start=1e-4, beta_end=0.02, beta_schedule="linear")
assert all(trained.config[key] == loaded.config[key] == told.config[key] for key in ("beta_start", "beta_end", "beta_schedule"))


def share(scheduler):
    return round(float(scheduler.alphas_cumprod[500]), 3)


seen = {}
for sampler in (LCMScheduler, TCDScheduler, HeunDiscreteScheduler, KDPM2DiscreteScheduler, DDIMScheduler, DPMSolverMultistepScheduler):
    seen[sampler] = [share(sampler.from_config(scheduler.config)) for scheduler in (trained, loaded, told)]
    print(f"{sampler.__name__}: as trained {seen[sampler][0]}, saved and loaded {seen[sampler][1]}, written out {seen[sampler][2]}")
print("the training's own:", share(trained))
for sampler, (plain, *others) in seen.items():
    assert others == [share(trained)] * 2
    kept = sampler in (DDIMScheduler, DPMSolverMultistepScheduler)
    assert (plain == share(trained)) == kept, "the noise stays the same now"
assert seen[LCMScheduler][0] == seen[TCDScheduler][0] == 0.276 and seen[HeunDiscreteScheduler][0] == seen[KDPM2DiscreteScheduler][0] == 0.161
PYTHON
echo "seen: as described"
