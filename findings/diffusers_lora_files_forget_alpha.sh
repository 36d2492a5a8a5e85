#!/usr/bin/env bash
# diffusers 0.42.1 with peft 0.21.2: save_lora_weights(folder, unet_lora_layers=...) as it is documented, then
# load_lora_weights(folder).
#
# Expected: what was trained is what is loaded: lora_alpha belongs to the adapter as its rank does, and is in the file, or has to
# be told when it is loaded.
# Seen: the file holds A and B alone, the rank is read from their shapes, and alpha is taken to be equal to it. An adapter of
# rank 4 trained with alpha 16 does a quarter of what it did in training, one with alpha 1 four times as much; its file
# loads without a word. Likewise UNet2DConditionModel's own save_lora_adapter() without metadata, of a model that knows alpha.
#
# So alpha equals the rank in training, or unet_lora_adapter_metadata=config.to_dict() is given when saving, as below.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  diffusers==0.42.1 peft==0.21.2 transformers==5.23.0 torch==2.13.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig, get_peft_model_state_dict


def fresh():
    torch.manual_seed(0)
    return UNet2DConditionModel(
        sample_size=8, block_out_channels=(8,), norm_num_groups=4, cross_attention_dim=8, attention_head_dim=4, layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D",), up_block_types=("CrossAttnUpBlock2D",))


def loaded(*source, **options):
    pipeline = StableDiffusionPipeline(
        vae=AutoencoderKL(block_out_channels=(8,), norm_num_groups=4), text_encoder=None, tokenizer=None, unet=fresh(),
        scheduler=DDIMScheduler(steps_offset=1), safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipeline.load_lora_weights(*source, **options)
    return pipeline.unet


def updates(unet):
    """All that its adapter adds to the weights."""
    return torch.cat([part.get_delta_weight(part.active_adapters[0]).flatten().detach()
                      for part in unet.modules() if hasattr(part, "lora_A")])


seen = {}
for alpha in (4, 16, 1):
    unet, config = fresh(), LoraConfig(r=4, lora_alpha=alpha, target_modules=["to_q", "to_v"], init_lora_weights=False)
    unet.add_adapter(config)
    layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet))
    StableDiffusionPipeline.save_lora_weights("plain", unet_lora_layers=layers)
    StableDiffusionPipeline.save_lora_weights("told", unet_lora_layers=layers, unet_lora_adapter_metadata=config.to_dict())
    unet.save_lora_adapter("own")
    trained, other = updates(unet), fresh()
    other.load_lora_adapter("own/pytorch_lora_weights.safetensors", prefix=None)
    for name, model in (("plain", loaded("plain")), ("told", loaded("told")), ("own", other)):
        seen[alpha, name] = round((updates(model).norm() / trained.norm()).item(), 3)
    print(f"rank 4, alpha {alpha}: of the trained update, loaded {seen[alpha, 'plain']}, of save_lora_adapter "
          f"{seen[alpha, 'own']}, with metadata {seen[alpha, 'told']}")
    assert seen[alpha, "told"] == 1
assert seen[4, "plain"] == seen[4, "own"] == 1
assert seen[16, "plain"] == seen[16, "own"] == 0.25 and seen[1, "plain"] == 4, "alpha is kept now"
PYTHON
echo "seen: as described"
