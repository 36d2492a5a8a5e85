#!/usr/bin/env bash
# webdataset 1.0.2: WebDataset(seed=...).shuffle(n), and .shuffle(n, seed=...).
#
# Expected: a data set that takes a seed (and detshuffle=True) gives the same order in every run and another one in every
# epoch, as PyTorch's samplers do under manual_seed.
# Seen: the seed orders shards alone. The buffer of shuffle() is seeded by process and clock, whatever the data set, random
# or numpy were seeded with, so that no run can be repeated. Its own seed= does make it repeatable, but draws anew from
# that seed at each pass: all epochs bring the samples in one and the same order, which looks like shuffling in any log.
# What does both is a generator that lives on: shuffle(n, rng=random.Random(seed)).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check webdataset==1.0.2 numpy==2.4.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import io
import random
import tarfile

import numpy as np
from webdataset import WebDataset

with tarfile.open("shard.tar", "w") as shard:
    for number in range(40):
        entry = tarfile.TarInfo(f"{number:03d}.cls")
        entry.size = 2
        shard.addfile(entry, io.BytesIO(b"%02d" % number))


def epochs(own=None, **shuffle):
    """Orders of two epochs of one run."""
    random.seed(0)
    np.random.seed(0)
    rows = WebDataset("shard.tar", shardshuffle=False, **own or {}).shuffle(100, **shuffle)
    return [[sample["__key__"] for sample in rows] for _ in range(2)]


seen = {}
for name, options in (
    ("WebDataset(seed=3)", lambda: {"own": {"seed": 3}}),
    ("WebDataset(seed=3, detshuffle=True)", lambda: {"own": {"seed": 3, "detshuffle": True}}),
    ("shuffle(seed=3)", lambda: {"seed": 3}),
    ("shuffle(rng=Random(3))", lambda: {"rng": random.Random(3)}),
):
    one, two = epochs(**options()), epochs(**options())
    seen[name] = one == two, one[0] != one[1]
    print(f"{name}: runs agree {seen[name][0]}, epochs differ {seen[name][1]}")
assert list(seen.values()) == [(False, True), (False, True), (True, False), (True, True)], "a seed is heeded otherwise now"
PYTHON
echo "seen: as described"
