#!/usr/bin/env bash
# diffusers 0.42.1 with peft 0.21.2: cross_attention_kwargs={"scale": 0.0} in one call, after set_adapters(["oak"], [0.5]).
#
# Expected: the scale is an argument of one call: it multiplies what set_adapters() has set, and afterwards all is as before, as it is
# with 0.3 or any other number.
# Seen: after a call with 0 the adapter acts at its full strength, 1.0, for good: to undo a product with 0 the weight is set to 1 in
# place of what it was. A picture "without the adapter" for comparison changes all that come after it; on a server, one user's
# request changes everybody's. Two such pictures in a row, the first before and the second after it, differ; nothing says so.
#
# So a call without adapters is made within disable_adapters() and enable_adapters(), which keep the weights.
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
    sample_size=8, block_out_channels=(8,), norm_num_groups=4, cross_attention_dim=8, attention_head_dim=4, layers_per_block=1,
    down_block_types=("CrossAttnDownBlock2D",), up_block_types=("CrossAttnUpBlock2D",)).eval()
unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_v"], init_lora_weights=False), adapter_name="oak")
inputs = torch.randn(1, 4, 8, 8), torch.tensor([500]), torch.randn(1, 3, 8)


@torch.no_grad()
def called(**scale):
    return unet(*inputs, cross_attention_kwargs=scale or None).sample


def between(call):
    """Whether the same call gives the same before and after another one, and the adapter's weight after it."""
    unet.set_adapters(["oak"], [0.5])
    first = called()
    call()
    weights = {part.scaling["oak"] for part in unet.modules() if hasattr(part, "lora_A")}
    return torch.allclose(first, called(), atol=1e-5), *weights


def switched_off():
    unet.disable_adapters()
    called()
    unet.enable_adapters()


seen = {
    "a call with scale 0.3": between(lambda: called(scale=0.3)),
    "a call with scale 0": between(lambda: called(scale=0.0)),
    "a call with adapters disabled": between(switched_off),
}
for name, (same, weight) in seen.items():
    print(f"adapter at 0.5, then {name}: its weight is {weight:g}, the next call gives the same as the one before: {same}")
assert seen["a call with scale 0.3"] == (True, 0.5) and seen["a call with adapters disabled"] == (True, 0.5)
assert seen["a call with scale 0"] == (False, 1.0), "the weight survives now"
PYTHON
echo "seen: as described"
