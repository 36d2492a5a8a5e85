#!/usr/bin/env bash
# diffusers 0.42.1, StableDiffusionInpaintPipeline: what becomes of a thin mask.
#
# Expected: a latent position that the mask touches is repainted, so that a masked cable or chair leg changes.
# Seen: the mask is scaled to the latents by nearest neighbour, which looks at one pixel in 64. A line of three pixels
# is kept or lost by where it lies; here 903 masked pixels leave no masked latent, and the pipeline would repaint
# nothing, without a word. Four pixels further right the same line masks 38 latents, eight pixels wide each.
#
# So a mask is scaled by coverage (any or half of the pixels of a position), or grown to eight pixels first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  diffusers==0.42.1 transformers==5.23.0 torch==2.13.0 pillow==13.0.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
from PIL import Image, ImageDraw

torch.manual_seed(0)
vae = AutoencoderKL(block_out_channels=(8, 8, 8, 8), norm_num_groups=4, latent_channels=4,
                    down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
unet = UNet2DConditionModel(sample_size=64, in_channels=9, block_out_channels=(8,), norm_num_groups=4, cross_attention_dim=8,
                            down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",), layers_per_block=1)
pipeline = StableDiffusionInpaintPipeline(
    vae=vae, text_encoder=None, tokenizer=None, unet=unet, scheduler=DDIMScheduler(steps_offset=1),
    safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def masked(left):
    mask = Image.new("L", (512, 512))
    ImageDraw.Draw(mask).rectangle((left, 100, left + 2, 400), fill=255)
    pixels = pipeline.mask_processor.preprocess(mask, 512, 512)
    latents, _ = pipeline.prepare_mask_latents(
        pixels, torch.zeros(1, 3, 512, 512), 1, 512, 512, torch.float32, "cpu", torch.Generator().manual_seed(0), False)
    return int(pixels.sum()), int(latents.sum())


for left in (99, 103):
    print("a line of 3 x 301 pixels at x = %d: %d masked pixels, %d masked latents" % (left, *masked(left)))
assert masked(99) == (903, 0), "thin masks survive now"
assert masked(103)[1] == 38
PYTHON
echo "seen: as described"
