#!/usr/bin/env bash
# peft 0.21.2 with torch 2.13.0: LoraConfig(target_modules="all-linear") on a network with torch's own nn.MultiheadAttention, as
# open_clip's and torchvision's vision transformers are built.
#
# Expected: every linear layer gets an adapter and every adapter is trained; layers that peft cannot adapt are refused, as it
# refuses normalisations.
# Seen: out_proj gets one that is never called: the attention takes its weight, not the module. Its parameters are counted as
# trainable, are in the optimizer and in the file, and have no gradient in any step; the inner projection of query, key and value,
# which is a parameter, has no adapter. So attention is not adapted at all, in whatever share of the parameters seems to be
# trained. A comment in peft's source says not to name out_proj; "all-linear" does, without a warning. The attention's own name as a
# target is handled: both projections are adapted then.
#
# So gradients are looked at after the first step, and the attention itself is named as a target.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check peft==0.21.2 transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import warnings

import torch
from peft import LoraConfig, get_peft_model


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = torch.nn.MultiheadAttention(16, 2, batch_first=True)
        self.forward_layer = torch.nn.Linear(16, 16)
        self.head = torch.nn.Linear(16, 3)

    def forward(self, words):
        return self.head(self.forward_layer(self.attention(words, words, words)[0]))


def trained(targets):
    """Parameters that are trainable in the attention, and how many of them get a gradient."""
    torch.manual_seed(0)
    model = get_peft_model(Block(), LoraConfig(r=4, target_modules=targets, init_lora_weights=False)).train()
    model(torch.randn(2, 5, 16)).square().sum().backward()
    inside = [value for name, value in model.named_parameters() if "attention" in name and value.requires_grad]
    other = [value for name, value in model.named_parameters() if "attention" not in name and value.requires_grad]
    assert all(value.grad is not None for value in other)
    return sum(value.numel() for value in inside), sum(value.numel() for value in inside if value.grad is not None)


with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    everything = trained("all-linear")
named = trained(["attention", "forward_layer"])
print("all-linear: %d parameters of the attention are trainable, %d get a gradient" % everything)
print("the attention by name: %d and %d" % named, "warnings of all-linear:", [str(one.message) for one in warned])
assert everything[0] > 0 and everything[1] == 0, "the attention is trained now"
assert named[0] == named[1] > 0
assert not warned
PYTHON
echo "seen: as described"
