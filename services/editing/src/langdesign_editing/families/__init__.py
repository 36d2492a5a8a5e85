"""The families of editors, and what each is asked by; a further one is a module and an entry."""

from collections.abc import Mapping
from typing import Any

from langdesign_editing.families import inpainting, instruct_pix2pix
from langdesign_editing.families.family import Family

# Each family takes its own options, which a mapping of them all cannot say.
FAMILIES: Mapping[str, Family[Any]] = {
    family.options.family: family for family in (instruct_pix2pix.FAMILY, inpainting.FAMILY)
}
"""By the name that the contract's `EditOptions.editor` gives the family's options."""

__all__ = ["FAMILIES", "Family"]
