#!/usr/bin/env bash
# diffusers 0.42.1: StableDiffusionInstructPix2PixPipeline with an image guidance scale just below 1.
#
# Expected: the two scales of InstructPix2Pix (s_T of the text, s_I of the image) act each for itself: with s_I = 0.9 the
# result stays a little less close to the input than with 1, and s_T goes on to work.
# Seen: guidance is on only where guidance_scale > 1 and image_guidance_scale >= 1. With s_I = 0.9 the text's scale has no
# effect at all: 1 and 15 give the same picture, bit for bit, and nothing says so. At s_I = 1 they differ.
#
# So a search over guidance that goes through s_I = 1 jumps there; our editor keeps both scales at 1 or above.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  diffusers==0.42.1 transformers==5.23.0 torch==2.13.0 pillow==13.0.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInstructPix2PixPipeline, UNet2DConditionModel
from PIL import Image

torch.manual_seed(0)
unet = UNet2DConditionModel(
    sample_size=8, in_channels=8, out_channels=4, cross_attention_dim=8, layers_per_block=1, norm_num_groups=4,
    block_out_channels=(8, 8), attention_head_dim=4, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
    up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
)
vae = AutoencoderKL(block_out_channels=(8, 8), norm_num_groups=4, down_block_types=("DownEncoderBlock2D",) * 2,
                    up_block_types=("UpDecoderBlock2D",) * 2)
pipeline = StableDiffusionInstructPix2PixPipeline(
    vae=vae, text_encoder=None, tokenizer=None, unet=unet, scheduler=DDIMScheduler(steps_offset=1),
    safety_checker=None, feature_extractor=None, requires_safety_checker=False,
)
pipeline.set_progress_bar_config(disable=True)
picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8))

def edit(text, image):
    return pipeline(prompt_embeds=torch.ones(1, 4, 8), negative_prompt_embeds=torch.zeros(1, 4, 8), image=picture,
                    guidance_scale=text, image_guidance_scale=image, num_inference_steps=3,
                    generator=torch.Generator().manual_seed(0), output_type="np").images

for image in (1.0, 0.9):
    off = float(np.abs(edit(1.1, image) - edit(15.0, image)).max())
    print(f"s_I = {image}: results of s_T = 1.1 and s_T = 15 differ by at most {off:.4f}")
    assert (off == 0) == (image < 1), "the text's scale works at any scale of the image now"
PYTHON
echo "seen: as described"
