#!/usr/bin/env bash
# diffusers 0.42.1 with peft 0.21.2: fuse_lora(lora_scale=0.5) and then unfuse_lora(), as one tries a style at several strengths.
#
# Expected: unfuse_lora() takes back what fuse_lora() did: the adapter acts as before, and fusing again with 0.5 gives the same
# picture again.
# Seen: the weights are taken back, the strength is not. It was multiplied into the adapter, which acts by half from then on; the
# second fuse_lora(lora_scale=0.5) gives a quarter, the third an eighth. A server that fuses for each request becomes
# weaker with every one, until it has to be started anew, and a table of strengths is not of what it says. set_adapters() with the
# weight wanted sets it right.
#
# So strengths are set by set_adapters(), and fuse_lora() is called without one.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  diffusers==0.42.1 peft==0.21.2 transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig

torch.manual_seed(0)
unet = UNet2DConditionModel(
    sample_size=8, block_out_channels=(32,), down_block_types=("CrossAttnDownBlock2D",), cross_attention_dim=16,
    up_block_types=("CrossAttnUpBlock2D",), layers_per_block=1, norm_num_groups=8, attention_head_dim=8,
).eval()
plain = unet.mid_block.attentions[0].transformer_blocks[0].attn1.to_v.weight.detach().clone()
unet.add_adapter(LoraConfig(r=4, target_modules=["to_v"], init_lora_weights=False), adapter_name="oak")
layer = unet.mid_block.attentions[0].transformer_blocks[0].attn1.to_v
whole = layer.get_delta_weight("oak").detach().clone()


def strength(change):
    """How much of the adapter, as trained, is in a change of the weights."""
    return round(((change * whole).sum() / (whole * whole).sum()).item(), 3)


fused, after = [], []
for _ in range(3):
    unet.fuse_lora(lora_scale=0.5)
    fused.append(strength(layer.base_layer.weight.detach() - plain))
    unet.unfuse_lora()
    assert torch.allclose(layer.base_layer.weight, plain, atol=1e-6)
    after.append(strength(layer.get_delta_weight("oak").detach()))
print("strength of the adapter, each time fused with 0.5:", fused, "unfused again:", after)
unet.set_adapters(["oak"], [1.0])
again = strength(layer.get_delta_weight("oak").detach())
print("after set_adapters with 1.0:", again)
assert fused == after == [0.5, 0.25, 0.125], "unfusing takes the strength back now"
assert again == 1
PYTHON
echo "seen: as described"
