"""What an object is made of: triangle meshes with a finish, in the object's own frame.

The frame is in metres: z up from the floor (or from what carries it), the origin in the middle of the
footprint, the front towards -y. What hangs on a wall has its back at y = 0 and its middle at the origin; what
hangs from the ceiling has its top at z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Role = Literal[
    "main", "frame", "cushion", "metal", "glass", "mirror", "glow", "leaf", "soil", "paper", "art", "screen"
]
"""Which finish a part takes: "main" the object's own; "frame" legs and carcasses that go with it; "cushion"
textiles in a lighter or contrasting tone; the others a fixed look."""


@dataclass(frozen=True, eq=False)
class Part:
    """One mesh of one finish."""

    vertices: NDArray[np.float32]  # [V, 3], metres
    faces: NDArray[np.int32]  # [F, 3], counter-clockwise seen from outside
    role: Role
    smooth: bool = False  # whether normals are interpolated over the faces
    uv: NDArray[np.float32] | None = None  # [V, 2], metres along the surface; None: box projection
