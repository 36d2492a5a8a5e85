#!/usr/bin/env bash
# torch 2.13.0 on the CPU: torch.Generator().manual_seed(seed) with seeds of 64 bits.
#
# Expected: manual_seed() takes 64 bits and initial_seed() gives them back, so different seeds are different noise, as for numpy and
# for random of Python.
# Seen: the Mersenne twister is started by the lower 32 bits alone. Seeds that agree in them, 7 and 7 + 2 ** 32, give the same picture,
# number for number; of seeds that are made from a job's number shifted up and the picture's number below, all jobs have the same
# pictures. No error, and initial_seed() tells the two apart. Seeds below 2 ** 32 behave.
#
# So seeds are drawn below 2 ** 32, or longer ones are hashed to 32 bits, and one of these is what is written down.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import random

import numpy as np
import torch


def noise(seed):
    generator = torch.Generator().manual_seed(seed)
    return generator.initial_seed(), torch.randn(4, 64, 64, generator=generator)


(first, plain), (second, high), (_, other) = noise(7), noise(7 + 2**32), noise(8)
print(f"seeds {first} and {second}: {int((plain != high).sum())} of {plain.numel():,} values differ; 7 and 8: {int((plain != other).sum()):,}")
jobs = [noise((job << 32) + 1)[1] for job in range(5)]
print("jobs of five, picture 1 each; different pictures:", len({job.numpy().tobytes() for job in jobs}))
assert (first, second) == (7, 7 + 2**32) and not torch.equal(plain, other)
assert torch.equal(plain, high) and all(torch.equal(job, jobs[0]) for job in jobs), "all 64 bits count now"
assert not np.array_equal(*(np.random.default_rng(seed).standard_normal(16) for seed in (7, 7 + 2**32)))
assert random.Random(7).random() != random.Random(7 + 2**32).random()
PYTHON
echo "seen: as described"
