#!/usr/bin/env bash
# safetensors 0.8.0, safetensors.numpy.save_file (and save), and arrays that do not lie row by row in memory.
#
# Expected: what is saved is what is loaded. safetensors.torch refuses a tensor that is not contiguous and says what to
# call; the numpy side either does too or copies, as numpy.save does.
# Seen: the bytes are written as they lie in memory, under the shape that the array shows. A transposed weight (a JAX or
# Keras kernel on its way to PyTorch's layout) comes back with the right shape and dtype and its numbers shuffled; so does
# whatever numpy returns in Fortran order. Nothing complains on either side; only a square matrix betrays itself as .T.
#
# So arrays pass through numpy.ascontiguousarray first, and what was converted is loaded and compared.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from safetensors.numpy import load, load_file, save, save_file

kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
seen = {}
for name, array in (
    ("as made", kernel), ("transposed", kernel.T), ("Fortran order", np.asfortranarray(kernel)),
    ("transposed, then copied", np.ascontiguousarray(kernel.T)),
):
    save_file({"kernel": array}, "kernel.safetensors")
    back = load_file("kernel.safetensors")["kernel"]
    assert back.shape == array.shape and back.dtype == array.dtype
    assert (back == load(save({"kernel": array}))["kernel"]).all()
    np.save("kernel.npy", array)
    assert (np.load("kernel.npy") == array).all()
    seen[name] = bool((back == array).all())
    print(f"{name}: saved {array.tolist()}, loaded {back.tolist()}")
assert seen["as made"] and seen["transposed, then copied"]
assert not seen["transposed"] and not seen["Fortran order"], "the numbers come back in their places now"
PYTHON
echo "seen: as described"
