"""Pairs by Prompt-to-Prompt from the embedded generator, with more and less of attention shared."""

from __future__ import annotations

from drawing import Panel, figure, write
from langdesign_dataset.prompt_to_prompt import PairParameters, generate_pairs
from langdesign_dataset.prompt_to_prompt.alignment import replace
from langdesign_diffusion.checkpoint import load_checkpoint
from PIL import Image

BEFORE, AFTER = "a red armchair on a plain background", "a blue armchair on a plain background"
SHARES = (0.0, 0.4, 0.8)
SEED, STEPS, SIDE = 3, 25, 128


def draw() -> None:
    """Draw one picture, and what its caption's change makes of it under three shares."""
    checkpoint = load_checkpoint("deploy/models/mini/generate")
    made = [
        generate_pairs(
            checkpoint,
            BEFORE,
            AFTER,
            [PairParameters(SEED, share)],
            size=(SIDE, SIDE),
            steps=STEPS,
            cross=replace(checkpoint.tokenizer, BEFORE, AFTER) if share else None,
        )[0]
        for share in SHARES
    ]
    panels = [Panel("before", Image.fromarray(made[0].before), f"“{BEFORE}”")]
    for share, pair in zip(SHARES, made, strict=True):
        shared = f"self-attention shared in {share:.0%} of the steps, cross-attention in 80%"
        caption = shared if share else "nothing shared: the same noise alone"
        panels.append(Panel("after", Image.fromarray(pair.after), f"“{AFTER}”; {caption}"))
    write("pairs", figure(panels, columns=len(panels), side=165))
