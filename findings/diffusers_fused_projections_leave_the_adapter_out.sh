#!/usr/bin/env bash
# diffusers 0.42.1 with peft 0.21.2: fuse_qkv_projections() of a network that has a LoRA.
#
# Expected: one matrix product in place of three, for speed: the picture stays what it was, with an adapter as without; or a network
# with an adapter is refused, as fused projections refuse attention with added keys.
# Seen: the fused matrix is put together from the base layers' weights, and the adapter's layers are no longer called. Where the LoRA
# is in self-attention alone the result is the untrained network's; where it is in cross-attention too, whose query is not
# fused, a part of it still works. A LoRA that is loaded or trained after fusing does nothing either and gets no gradient.
# unfuse_qkv_projections() brings it back. No warning.
#
# So a LoRA is fused into the weights (fuse_lora) before the projections are.
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

draw = torch.Generator().manual_seed(0)
latent, prompt = torch.randn(1, 4, 8, 8, generator=draw), torch.randn(1, 3, 16, generator=draw)


def network(attention):
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=(32,), down_block_types=("CrossAttnDownBlock2D",), cross_attention_dim=16,
        up_block_types=("CrossAttnUpBlock2D",), layers_per_block=1, norm_num_groups=8, attention_head_dim=8,
    ).eval()
    before = result(unet)
    targets = rf".*{attention}\.(to_q|to_k|to_v)"
    unet.add_adapter(LoraConfig(r=4, lora_alpha=16, target_modules=targets, init_lora_weights=False))
    return unet, before


@torch.no_grad()
def result(unet):
    return unet(latent, 500, prompt).sample


def difference(one, other):
    return (one - other).abs().max().item()


kept = {}
for attention in ("attn1", "attn2"):
    unet, before = network(attention)
    adapted = result(unet)
    unet.fuse_qkv_projections()
    fused = result(unet)
    kept[attention] = difference(fused, before) / difference(adapted, before)
    print(f"{attention}: the adapter changes the result by {difference(adapted, before):.3f}, fused by {difference(fused, before):.3f}")
    unet(latent, 500, prompt).sample.sum().backward()
    without = {name.split(".lora_")[0].split(".")[-1] for name, value in unet.named_parameters() if "lora_A" in name and value.grad is None}
    print("  adapters without a gradient:", *sorted(without))
    assert without == ({"to_q", "to_k", "to_v"} if attention == "attn1" else {"to_k", "to_v"})
    unet.unfuse_qkv_projections()
    assert difference(result(unet), adapted) == 0
assert kept["attn1"] < 1e-3, "the adapter is in the fused matrix now"
assert 0.01 < kept["attn2"], "nothing of the adapter works now"
PYTHON
echo "seen: as described"
