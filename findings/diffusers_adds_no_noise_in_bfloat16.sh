#!/usr/bin/env bash
# diffusers 0.42.1: DDPMScheduler.add_noise() of latents in bfloat16, as a VAE in that type gives them to a training.
#
# Expected: the shares of picture and noise are numbers of the schedule, computed in float32; only the result is rounded to the
# type of the latents, and bfloat16 has float32's range, so that nothing small becomes 0.
# Seen: alphas_cumprod is rounded first, and the share of noise is sqrt(1 - it). Near 1 bfloat16 has steps of 0.004: at timesteps
# 0 and 1 there is no noise at all, in place of 0.03 and 0.04, at 2 to 5 it is 0.0625, and of 1,000 noise levels there are 192,
# where the type itself tells 317 apart. So the network is asked for noise that is not in its input, where the fine detail is learned,
# and is told timesteps that are not those of what it sees. float16 has 762 levels. get_velocity() rounds alike. No error.
#
# So latents are float32 until the noise has been added.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check diffusers==0.42.1 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from diffusers import DDPMScheduler

scheduler = DDPMScheduler(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012)
timesteps = torch.arange(1000)
black, noise = torch.zeros(1000, 1), torch.ones(1000, 1)
exact = (1 - scheduler.alphas_cumprod).sqrt()
levels, none = {}, {}
for kind in (torch.float32, torch.float16, torch.bfloat16):
    shares = scheduler.add_noise(black.to(kind), noise.to(kind), timesteps).flatten().float()
    velocity = scheduler.get_velocity(noise.to(kind), black.to(kind), timesteps).flatten().float()
    levels[kind], none[kind] = shares.unique().numel(), (shares == 0).nonzero().flatten().tolist()
    print(f"{kind}: noise at timesteps 0 to 6", *(f"{share:.4f}" for share in shares[:7]), f"{levels[kind]} levels, none at {none[kind]}")
    assert torch.equal(velocity, -shares)
print("noise at timesteps 0 to 6 by the schedule, rounded to bfloat16:", *(f"{share:.4f}" for share in exact[:7].bfloat16().float()),
      exact.bfloat16().unique().numel(), "levels")
assert levels[torch.float32] == 1000 and none[torch.float32] == []
assert none[torch.bfloat16] == [0, 1], "there is noise at every timestep now"
assert levels[torch.bfloat16] == 192 and levels[torch.float16] == 762
assert (exact.bfloat16() > 0).all() and exact.bfloat16().unique().numel() == 317
PYTHON
echo "seen: as described"
