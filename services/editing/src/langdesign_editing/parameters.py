"""From what is asked to the engine's parameters."""

from collections.abc import Sequence
from typing import Any

from langdesign_edits import EditSpec, default_feather

from langdesign_editing.families import FAMILIES
from langdesign_editing.sampling import Sampling


def engine_parameters(
    spec: EditSpec, instructions: Sequence[str], sampling: Sampling, *, seed: int, whole: bool = False
) -> dict[str, Any]:
    """Return the engine's parameters, every one stated.

    Args:
        spec: What is asked, completed by `models.Models.completed`.
        instructions: What to do in each region; at least one.
        sampling: What the model's checkpoint advises.
        seed: Of the noise.
        whole: Whether there is no region: the first instruction is done to the whole picture.

    """
    options = spec.editor
    assert options is not None  # noqa: S101 - a completed spec has the options of its model's family
    one = len(set(instructions)) == 1
    regions = [] if whole else [None if one else instruction for instruction in instructions]
    preserve = spec.preserve_over(len(regions))
    own = FAMILIES[options.family].parameters(options, preserve, regions, sampling)
    return {
        "instruction": instructions[0] if one else "",
        "seed": seed,
        "preserve": preserve.value,
        "feather": feather_of(spec, sampling),
        "preview_every": spec.preview_every,
        **own,
    }


def feather_of(spec: EditSpec, sampling: Sampling) -> int:
    """Return over how many pixels of what the network sees an edit fades out."""
    return default_feather(sampling.working_size) if spec.feather is None else spec.feather
