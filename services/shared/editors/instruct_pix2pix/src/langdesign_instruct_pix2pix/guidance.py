"""Classifier-free guidance over text and image (Brooks et al., "InstructPix2Pix", arXiv:2211.09800)."""

from __future__ import annotations

from dataclasses import dataclass

from langdesign_diffusion.guidance import within_share

from langdesign_instruct_pix2pix.parameters import EditParameters


@dataclass(frozen=True, slots=True)
class Branch:
    """One conditioning of the model and its weight in the guided prediction."""

    text: bool  # conditioned on the instruction, else on the empty text
    image: bool  # conditioned on the input image, else on zeros
    weight: float


UNGUIDED = (Branch(text=True, image=True, weight=1.0),)


def guidance_branches(guidance_scale: float, image_guidance_scale: float) -> tuple[Branch, ...]:
    """Return the branches of equation 3 of the paper, as weights that sum to 1.

    e(0,0) + s_I (e(I,0) - e(0,0)) + s_T (e(I,T) - e(I,0)), regrouped by branch; a branch whose
    weight is zero (s_I = 1, or s_T = s_I) is left out and costs nothing.
    """
    branches = (
        Branch(text=True, image=True, weight=guidance_scale),
        Branch(text=False, image=True, weight=image_guidance_scale - guidance_scale),
        Branch(text=False, image=False, weight=1.0 - image_guidance_scale),
    )
    return tuple(branch for branch in branches if branch.weight != 0.0)


def branches_at(parameters: EditParameters, step: int) -> tuple[Branch, ...]:
    """Return the branches of step `step` (0-based).

    Outside `guidance_interval` only the fully conditioned branch is left
    (Kynkäänniemi et al., arXiv:2404.07724).
    """
    interval = parameters.guidance_interval
    if interval is not None and not within_share(step, parameters.steps, *interval):
        return UNGUIDED
    return guidance_branches(parameters.guidance_scale, parameters.image_guidance_scale)
