"""What is promised of the picture outside the region of an edit."""

from enum import StrEnum


class Preserve(StrEnum):
    """How strongly what was not asked for is kept, from not at all to bit for bit outside the region."""

    NONE = "none"
    ATTENTION = "attention"
    LATENT = "latent"
    STRICT = "strict"
