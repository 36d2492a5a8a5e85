"""Solids that furniture is made of. Lengths are metres; `at` is the middle of a solid's bottom."""

from .boxes import block, box, cushion
from .curves import cylinder, ellipsoid, lathe, tube
from .faces import grid_faces
from .plates import prism, ring, rounded_rectangle, sheet, shell

__all__ = [
    "block",
    "box",
    "cushion",
    "cylinder",
    "ellipsoid",
    "grid_faces",
    "lathe",
    "prism",
    "ring",
    "rounded_rectangle",
    "sheet",
    "shell",
    "tube",
]
