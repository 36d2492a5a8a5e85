#!/usr/bin/env bash
# peft 0.21.2 with torch 2.13.0: LoRA on the feed-forward layers of torch's own nn.TransformerEncoder.
#
# Expected: what has been trained is what is evaluated: eval() ends dropout and nothing else, and a model that fits in training
# fits then, as those of transformers and diffusers do under peft.
# Seen: in eval() the adapter is not there. The layer has a faster way for evaluation, which takes linear1.weight and linear2.weight
# by itself and never calls the modules; peft's module gives the base layer's weight under that name. Since the base is frozen, the
# faster way is taken with gradients switched on as well. The training's loss falls to a thousandth, that of the validation is what
# it was before, as if nothing generalised, and the file holds a good adapter. No warning.
#
# So the adapter is merged before evaluation, or torch.backends.mha.set_fastpath_enabled(False) is called.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check peft==0.21.2 transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import mse_loss

torch.manual_seed(0)
layer = torch.nn.TransformerEncoderLayer(16, 2, 32, dropout=0, batch_first=True)
base = torch.nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
words = torch.randn(4, 6, 16)
with torch.no_grad():
    wanted = base(words).roll(1, -1)
model = get_peft_model(base, LoraConfig(r=16, target_modules=["linear1", "linear2"]))


def loss(training):
    model.train(training)
    return mse_loss(model(words), wanted)


before = loss(False).item()
optimizer = torch.optim.Adam(model.parameters(), 0.01)
for _ in range(300):
    optimizer.zero_grad()
    loss(True).backward()
    optimizer.step()
fitted, evaluated = loss(True).item(), loss(False).item()
torch.backends.mha.set_fastpath_enabled(False)
slower = loss(False).item()
torch.backends.mha.set_fastpath_enabled(True)
model = model.merge_and_unload()
merged = loss(False).item()
print(f"loss before {before:.4f}; trained: in train() {fitted:.4f}, in eval() {evaluated:.4f}, "
      f"without the faster way {slower:.4f}, merged {merged:.4f}")
assert fitted < before / 20
assert abs(evaluated - before) < 1e-6, "the adapter is there in eval() now"
assert abs(slower - fitted) < 1e-3 and abs(merged - fitted) < 1e-3
PYTHON
echo "seen: as described"
