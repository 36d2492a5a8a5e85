#!/usr/bin/env bash
# ImageHash 4.3.2, hash(imagehash.ImageHash): what sets and dictionaries of perceptual hashes are kept by.
#
# Expected: 64 random bits seldom have the same Python hash, so that finding duplicates with a set takes linear time.
# Seen: it is a sum over the bits of 2 ** (place % 8), at most 2,040 for an 8 x 8 hash; of 20,000 random ones fewer than
# 1,300 differ. Every look-up then compares arrays with all others of its value: twice the pictures take four times as long
# (a second for 20,000 here, so two minutes for 200,000), with the right result.
#
# So sets are made of str(hash) or of the bits as bytes.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ImageHash==4.3.2 numpy==2.4.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import imagehash
import numpy as np

compared = 0


class Counted(imagehash.ImageHash):
    """A hash that counts how often it is compared."""

    __hash__ = imagehash.ImageHash.__hash__

    def __eq__(self, other):
        global compared
        compared += 1
        return super().__eq__(other)


bits = np.random.default_rng(0).random((8000, 8, 8)) < 0.5
hashes = [Counted(one) for one in bits]
distinct = len({hash(one) for one in hashes})
print(f"{len(hashes)} random hashes of 64 bits, {len({str(one) for one in hashes})} distinct, {distinct} values of hash()")
needed = {}
for count in (2000, 4000, 8000):
    compared = 0
    assert len(set(hashes[:count])) == count
    needed[count] = compared
    print(f"a set of {count}: {compared} comparisons")
assert distinct < 1300, "hash() tells more of them apart now"
assert needed[8000] > 12 * needed[2000], "a set takes less than quadratic time now"
PYTHON
echo "seen: as described"
