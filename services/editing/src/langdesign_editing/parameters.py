"""From what is asked to the engine's parameters."""

from typing import Any

from langdesign_edits import EditSpec, default_feather

from langdesign_editing.families import FAMILIES
from langdesign_editing.sampling import Sampling


def engine_parameters(spec: EditSpec, regions: int, sampling: Sampling) -> dict[str, Any]:
    """Returns the engine's parameters, every one stated, for a number of regions (0: the whole picture).

    Args:
        spec: What is asked, completed by `models.Models.completed`.
        regions: How many masks go along.
        sampling: What the model's checkpoint advises.

    """
    options = spec.editor
    assert options is not None  # noqa: S101 - a completed spec has the options of its model's family
    preserve = spec.preserve_over(regions)
    own = FAMILIES[options.family].parameters(options, preserve, regions, sampling)
    return {
        "instruction": spec.instruction,
        "seed": spec.seed,
        "preserve": preserve.value,
        "feather": default_feather(sampling.working_size) if spec.feather is None else spec.feather,
        "preview_every": spec.preview_every,
        **own,
    }
