#!/usr/bin/env bash
# peft 0.21.2: LoraConfig(target_modules=[...]) with a name that no module of the model has.
#
# Expected: a list of targets is a request. Where one of them is not found peft says so, as it does where none is found
# (an error) and for the keys of rank_pattern and alpha_pattern and for exclude_modules (warnings).
# Seen: as long as one name matches, the others are passed over without a word, and modules_to_save likewise. Names of
# another model family ("q_proj" beside diffusers' "to_q", "to_out" where the linear layer is "to_out.0") train a part of
# what was asked for; the loss falls, the adapter saves and loads, and its file names all of them as targets.
#
# So after injection each name is compared with what was adapted, and a training begins only if all are there.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check peft==0.21.2 transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import warnings

import torch
from peft import LoraConfig, get_peft_model


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.to_q, self.to_v = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)
        self.norm = torch.nn.LayerNorm(4)


def adapted(**options):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = get_peft_model(Attention(), LoraConfig(**options))
    trained = {name.split("model.")[-1].split(".")[0] for name, weight in model.named_parameters() if weight.requires_grad}
    return sorted(trained), len(said)


seen = {
    "both, by their names": adapted(target_modules=["to_q", "to_v"]),
    "one of another family": adapted(target_modules=["to_q", "v_proj"]),
    "a layer to save that is not there": adapted(target_modules=["to_q", "to_v"], modules_to_save=["norm1"]),
    "a rank for what is not there": adapted(target_modules=["to_q"], rank_pattern={"v_proj": 4}),
}
for name, (trained, warned) in seen.items():
    print(f"{name}: trained {trained}, {warned} warnings")
try:
    adapted(target_modules=["v_proj"])
except ValueError as error:
    print("none that is there:", str(error).splitlines()[0])
else:
    raise AssertionError("no target need be found now")
assert seen["both, by their names"] == (["to_q", "to_v"], 0)
assert seen["one of another family"] == (["to_q"], 0), "it tells of each target now"
assert seen["a layer to save that is not there"] == (["to_q", "to_v"], 0), "it tells of each layer to save now"
assert seen["a rank for what is not there"][1] > 0
PYTHON
echo "seen: as described"
