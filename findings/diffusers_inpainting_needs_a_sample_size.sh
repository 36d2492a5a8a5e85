#!/usr/bin/env bash
# diffusers 0.42.1: a UNet without sample_size, its own default, in StableDiffusionInpaintPipeline.
#
# Expected: UNet2DConditionModel says that sample_size may be None, so pipelines take such a UNet; the plain Stable
# Diffusion pipeline and InstructPix2Pix do.
# Seen: the inpainting pipeline compares it with 64 and ends in "'<' not supported between 'NoneType' and 'int'", which
# names neither the UNet nor the missing number. Checkpoints that are trained at several sizes have none.
#
# So an exported inpainting UNet states a sample_size, also where it knows more than one.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  diffusers==0.42.1 transformers==5.23.0 torch==2.13.0 pillow==13.0.0 numpy==2.4.1
cd "$folder"
OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HOME="$folder/cache" "$folder/venv/bin/python" - <<'PYTHON' 2>"$folder/log" || { cat "$folder/log"; exit 1; }
from diffusers import (
    AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline, UNet2DConditionModel,
)

small = {"block_out_channels": (8,), "norm_num_groups": 4}
for pipeline, channels in (
    (StableDiffusionPipeline, 4), (StableDiffusionInstructPix2PixPipeline, 8), (StableDiffusionInpaintPipeline, 9),
):
    unet = UNet2DConditionModel(in_channels=channels, cross_attention_dim=8, layers_per_block=1,
                                down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",), **small)
    assert unet.config.sample_size is None
    try:
        pipeline(vae=AutoencoderKL(**small), text_encoder=None, tokenizer=None, unet=unet,
                 scheduler=DDIMScheduler(steps_offset=1), safety_checker=None, feature_extractor=None,
                 requires_safety_checker=False)
        said = "takes it"
    except TypeError as error:
        said = f"TypeError: {error}"
    print(f"{pipeline.__name__}: {said}")
    assert ("NoneType" in said) == (channels == 9), "it asks for no sample_size now, or another asks"
PYTHON
echo "seen: as described"
