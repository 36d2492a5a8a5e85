"""What the figures of validations mean, for cards."""

from __future__ import annotations

from collections.abc import Mapping

_OPERATIONS = (
    "of edits with their exact region given: L1 to the truth inside it, over a copy's; 1 gains nothing"
)

MEANINGS: Mapping[str, str] = {
    "psnr": "dB, pictures encoded and decoded",
    "latent_mean": "of the latents, before they are standardised",
    "latent_std": "of one channel of the latents, before they are standardised",
    "retrieval": "share of pictures whose caption is found among those of all validation families",
    "pair": "share of edits' pictures that fit their own caption better than the other's; 0.5 is chance",
    "clip_dir": "mean CLIP_dir of true edits",
    "clip_dir_shuffled": "the same with the captions of other edits",
    "room_accuracy": "share of pictures whose nearest others show the same kind of room",
    "room_chance": "the same for the most frequent kind",
    "mean_similarity": "mean cosine between pictures; 1 would be a collapse",
    "kind": "share of pixels whose class is read right",
    "colour": "share of pixels whose colour is read right",
    "material": "share of pixels whose material is read right",
    "pattern": "share of pixels whose pattern is read right",
    "loss": "mean squared error of what is predicted",
    "inside": "the same where the picture is to change",
    "outside": "the same elsewhere",
    "error": _OPERATIONS,
    "error_whole": f"{_OPERATIONS}; with nothing enlarged",
    "loss_crop": "mean squared error of what is predicted on crops of small regions",
    "inside_crop": "the same where the crop is to change",
    "outside_crop": "the same elsewhere in the crop",
    "false_edit": "mean absolute change, 0..255, by instructions about what the picture does not show",
    "guidance_scale": "s_T, of those tried the one with the least error",
    "image_guidance_scale": "s_I, chosen with it",
    "iou": "mean mask IoU of expressions with a target; 0 where it was not found",
    "drawn": "mean IoU of the masks alone, whatever was said about a target",
    "giou": "mean IoU over all expressions; an absent target noticed counts 1 (Liu et al., GRES)",
    "ciou": "intersections over unions, both summed over expressions",
    "n_acc": "share of absent targets that are not taken for found",
    "t_acc": "share of present targets that are found",
    "false_certificates": "share of present targets that are certified absent",
    "certified": "share of absent targets that are certified absent",
    "false_edits": "share of absent targets that are taken for found",
    "uncertain_present": "share of present targets that are left as uncertain",
    "uncertain_absent": "share of absent targets that are left as uncertain",
}


def meaning(metric: str) -> str:
    """Return what a metric says; one of a group, as "iou_unique" or "error_add", is told as such."""
    if metric in MEANINGS:
        return MEANINGS[metric]
    group, _, of = metric.rpartition("_")
    return f"{MEANINGS[group]}; {of} alone" if group in MEANINGS else ""
