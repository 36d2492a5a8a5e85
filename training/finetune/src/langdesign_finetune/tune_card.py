"""The card of a tuned editor: what it was tuned from and on, how it is sampled, how far it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .glossary import meaning
from .sampling import Sampling
from .usage import usage


def tune_card(described: Mapping[str, Any], sampling: Sampling, metrics: Mapping[str, float]) -> str:
    """Return the card in Markdown.

    Args:
        described: what is tuned, as tune.json says it.
        sampling: that is advised.
        metrics: of the last validation; none before it.

    """
    sections = [
        "# Tuned editor",
        _first(described),
        _table("Tuned from", _origin(described)),
        usage("StableDiffusionInstructPix2PixPipeline", sampling),
        _validation(metrics),
        "## Limits\n\nIt edits pictures like those of its data set, no finer than its base encodes them.",
        "## Recipe\n\n```json\n" + json.dumps(described["recipe"], indent=2) + "\n```",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _first(described: Mapping[str, Any]) -> str:
    recipe = described["recipe"]
    how = (
        f"low-rank updates (rank {recipe['lora']['rank']}, alpha {recipe['lora']['alpha']}), merged"
        if recipe["method"] == "lora"
        else "all weights of the UNet"
    )
    return (
        f"Edits pictures by an instruction (InstructPix2Pix, Brooks et al., CVPR 2023): {how}, "
        f"at {recipe['side']} pixels."
    )


def _origin(described: Mapping[str, Any]) -> dict[str, str]:
    generator = " (a generator, widened to 8 input channels)" if described["from_generator"] else ""
    sets = zip(described["samples"], described["counts"], strict=True)
    return {
        "base": f"`{described['base']}`{generator}",
        "samples": "; replayed: ".join(f"{count} of `{digest}`" for digest, count in sets),
        "recipe": f"`{described['recipe_digest']}`",
    }


def _validation(metrics: Mapping[str, float]) -> str:
    rows = {name: f"{value:.4g} | {meaning(name)}" for name, value in metrics.items()}
    return _table("Validation", rows, columns=3)


def _table(title: str, rows: Mapping[str, str], columns: int = 2) -> str:
    if not rows:
        return ""
    lines = [f"| {key} | {value} |" for key, value in rows.items()]
    return "\n".join([f"## {title}\n", "| " * columns + "|", "|---" * columns + "|", *lines])
