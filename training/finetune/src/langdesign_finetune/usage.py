"""How a diffusers folder is used: what its card says of sampler and type of numbers."""

from __future__ import annotations

from langdesign_instruct_pix2pix import EditParameters

from .sampling import Sampling

_SAMPLER = EditParameters("an edit").sampler  # the default


def usage(pipeline: str, sampling: Sampling | None = None) -> str:
    """Return the section of a card in Markdown.

    Args:
        pipeline: diffusers' class that loads the folder.
        sampling: what is advised; None where nothing is.

    """
    rows = {
        "sampler": f"`{_SAMPLER}` (diffusers: `EulerAncestralDiscreteScheduler`)",
        "torch_dtype": "`torch.float16` on disk; name it, and compute in `torch.float32` or `torch.bfloat16`",
    }
    if sampling is not None:
        rows |= {
            "steps": f"{sampling.steps}",
            "guidance_scale": f"{sampling.guidance_scale:g}",
            "image_guidance_scale": f"{sampling.image_guidance_scale:g}",
        }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return (
        f"## Use\n\n| | |\n|---|---|\n{table}\n\n"
        f"```python\n{pipeline}.from_pretrained(folder, torch_dtype=torch.float32)\n```\n\n"
        "Without `torch_dtype` some parts load in float16 and others in float32, and the first call fails."
    )
