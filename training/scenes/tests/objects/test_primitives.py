from itertools import pairwise

import numpy as np
import pytest
from langdesign_scenes.objects.mesh import Mesh, join
from langdesign_scenes.objects.primitives import (
    block,
    box,
    cushion,
    cylinder,
    ellipsoid,
    lathe,
    prism,
    ring,
    rounded_rectangle,
    sheet,
    shell,
    tube,
)


def _volume(mesh: Mesh) -> float:
    """Signed volume: positive where faces look outward (divergence theorem)."""
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    return float((np.cross(a, b) * c).sum() / 6)


def _open_edges(mesh: Mesh) -> int:
    """Edges without a partner that runs the other way, where points at one place count as one."""
    _, point = np.unique(mesh.vertices.round(7), axis=0, return_inverse=True)
    faces = point.reshape(-1)[mesh.faces]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    there, back = ({tuple(edge) for edge in order.tolist()} for order in (edges, edges[:, ::-1]))
    return len(there ^ back)


def _plate() -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 1, 6), np.linspace(0, 2, 5), indexing="ij")
    return np.stack([x, y, 0.1 * np.sin(3 * x)], axis=-1)


_OUTLINE = rounded_rectangle(1.0, 2.0, 0.2)
SOLIDS = {
    "box": (box((1, 2, 3), bevel=0.01), 6.0),
    "block": (block((1, 2, 3)), 6.0),
    "cushion": (cushion((1, 2, 3), radius=0.02), 6.0),
    "coarse cushion": (cushion((1, 2, 3), radius=0.02, fine=False), 6.0),
    "cushion with uv": (cushion((1, 2, 3), radius=0.02, uv=True), 6.0),
    "cylinder": (cylinder(1.0, 2.0, segments=64), 2 * np.pi),
    "cone": (cylinder(1.0, 3.0, top=0.5, segments=64), np.pi * 1.75),
    "ellipsoid": (ellipsoid((2, 4, 6), segments=48), 4 / 3 * np.pi * 6),
    "ring lathe": (lathe([(1, 0), (2, 0), (2, 1), (1, 1), (1, 0)], segments=64), 3 * np.pi),
    "tube": (tube([(0, 0, 0), (0, 0, 1), (0, 0, 2)], 0.5, sides=48), 0.5 * np.pi),
    "prism": (prism(_OUTLINE, 0.5), 0.5 * (2 - (4 - np.pi) * 0.04)),
    "shell": (shell(_plate(), 0.01), 0.0205),
    "ring": (ring(_OUTLINE * 0.5, _OUTLINE, 0.2), 0.2 * 0.75 * (2 - (4 - np.pi) * 0.04)),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_solids_are_closed_look_outward_and_hold_what_they_should(name: str) -> None:
    mesh, volume = SOLIDS[name]
    assert _open_edges(mesh) == 0
    assert _volume(mesh) == pytest.approx(volume, rel=0.08)


def test_mirroring_keeps_the_outside_outside() -> None:
    assert _volume(box((1, 1, 1)).scaled(x=-1)) > 0


def test_turning_is_counter_clockwise_seen_from_the_axis_tip() -> None:
    mesh = block((0.1, 0.1, 0.1), (1.0, 0.0, 0.0)).turned("z", 90)
    assert mesh.vertices.mean(axis=0) == pytest.approx((0.0, 1.0, 0.05))


def test_joining_keeps_uv_only_where_all_have_it() -> None:
    with_uv, without = cushion((1, 1, 1), uv=True), block((1, 1, 1))
    assert join([with_uv, with_uv]).uv is not None
    assert join([with_uv, without]).uv is None


def test_a_sheet_looks_where_its_columns_turn_left_from_its_rows() -> None:
    mesh = sheet(_plate())
    first = mesh.vertices[mesh.faces[0]]
    assert np.cross(first[1] - first[0], first[2] - first[0])[2] > 0


def test_stripes_run_on_from_a_cushions_front_over_its_top() -> None:
    mesh = cushion((1, 1, 1), radius=0.1, uv=True)
    assert mesh.uv is not None
    line = np.isclose(mesh.vertices[:, 0], 0) & (mesh.vertices[:, 1] < 0.4) & (mesh.vertices[:, 2] > 0.1)
    along = np.sort(np.unique(mesh.uv[line & np.isclose(mesh.uv[:, 0], mesh.vertices[:, 0])][:, 1].round(6)))
    assert max(b - a for a, b in pairwise(along)) < 0.51


def test_a_puffed_cushion_swells_in_the_middle_and_not_at_its_edges() -> None:
    plain, puffed = cushion((1, 1, 0.2)), cushion((1, 1, 0.2), puff=(0, 0, 0.05))
    assert puffed.vertices[:, 2].max() == pytest.approx(plain.vertices[:, 2].max() + 0.05)
    assert puffed.vertices[:, 0].max() == pytest.approx(plain.vertices[:, 0].max())
