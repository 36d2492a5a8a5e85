#!/usr/bin/env bash
# peft 0.21.2: add_weighted_adapter(adapters, weights, combination_type="linear").
#
# Expected: "linear" gives the weighted sum of what the adapters do, sum(w * B @ A), of no higher rank than theirs, as near as
# that goes; half of an adapter and half of itself is the adapter.
# Seen: the factors are added, not their products: (sum sqrt(w) B) @ (sum sqrt(w) A), which holds every B @ A of two different
# adapters as well. The mean of an adapter and itself is twice the adapter; of two adapters with nothing in common the result
# differs from their mean by more than the mean's own size. Two styles "at half strength each" are neither. "cat" is exact,
# and so is set_adapters() of diffusers, which adds in the forward pass.
#
# So adapters are combined by "cat", or merged one after the other.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check peft==0.21.2 transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from peft import LoraConfig, get_peft_model

torch.manual_seed(0)
options = {"r": 4, "target_modules": ["0"], "init_lora_weights": False}
model = get_peft_model(torch.nn.Sequential(torch.nn.Linear(64, 64, bias=False)), LoraConfig(**options), adapter_name="oak")
model.add_adapter("linen", LoraConfig(**options))
layer = model.base_model.model[0]


def combined(names, kind):
    """Size of the mean of the adapters' updates, of what peft makes of them, and of the difference."""
    wanted = sum(layer.get_delta_weight(name) for name in names) / len(names)
    model.add_weighted_adapter(names, [1 / len(names)] * len(names), "-".join((*names, kind)), combination_type=kind)
    made = layer.get_delta_weight("-".join((*names, kind)))
    return tuple(round((part.norm() / wanted.norm()).item(), 2) for part in (made, made - wanted))


seen = {}
for names in (["oak", "oak"], ["oak", "linen"]):
    for kind in ("linear", "cat"):
        seen[*names, kind] = combined(names, kind)
        print("mean of %s and %s, %s: %.2f of its size, wrong by %.2f" % (*names, kind, *seen[*names, kind]))
assert seen["oak", "oak", "linear"] == (2, 1), "the mean of an adapter and itself is the adapter now"
assert seen["oak", "linen", "linear"][1] > 0.9, "the factors' cross terms are gone now"
assert seen["oak", "oak", "cat"] == seen["oak", "linen", "cat"] == (1, 0)
PYTHON
echo "seen: as described"
