import dataclasses
import functools
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import get_args

import numpy as np
import pytest
from langdesign_scenes.errors import SceneError
from langdesign_scenes.objects import build, extent, top, top_extent
from langdesign_scenes.objects.catalogue import _assembled
from langdesign_scenes.parts import Part, Role
from langdesign_scenes.vocabulary import KINDS

STYLES = range(12)
MILLIMETRE = 1e-3
PATTERNED = [name for name, kind in KINDS.items() if len(kind.patterns) > 1]
CARRIERS = ["table", "coffee table", "desk", "nightstand", "dresser", "cabinet"]
# What of these is seen besides their finish is the thing itself: leaves, a pane, a picture tube, blossoms.
OTHERS = {"plant": {"leaf"}, "vase": {"leaf", "paper"}, "mirror": {"mirror"}, "television": {"screen"}}


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MEASURES = _beside("measures").MEASURES
shares = _beside("visible").shares


@functools.cache
def built(kind: str, style: int) -> tuple[Part, ...]:
    return build(kind, style)


def _corners(parts: tuple[Part, ...]) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate([part.vertices for part in parts])
    return points.min(axis=0), points.max(axis=0)


def _bytes(parts: tuple[Part, ...]) -> bytes:
    arrays = [array for part in parts for array in (part.vertices, part.faces, part.uv) if array is not None]
    return b"".join(array.tobytes() for array in arrays)


def _areas(part: Part) -> np.ndarray:
    corners = part.vertices[part.faces].astype(float)
    sides = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.linalg.norm(np.cross(*sides), axis=1) / 2


def test_every_class_of_the_vocabulary_has_known_measures() -> None:
    assert set(MEASURES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_meshes_are_sound_in_every_style(kind: str) -> None:
    for style in STYLES:
        for part in built(kind, style):
            assert part.role in get_args(Role)
            assert part.vertices.dtype == np.float32
            assert np.isfinite(part.vertices).all()
            assert part.faces.min() >= 0
            assert part.faces.max() < len(part.vertices)
            assert len(np.unique(part.faces)) == len(part.vertices), "a vertex of no face has no normal"
            assert _areas(part).min() > 0
            assert part.uv is None or (
                part.uv.shape == (len(part.vertices), 2) and np.isfinite(part.uv).all()
            )


@pytest.mark.parametrize("kind", KINDS)
def test_measures_are_those_of_real_furniture(kind: str) -> None:
    least, greatest = np.array(MEASURES[kind])
    for style in STYLES:
        low, high = _corners(built(kind, style))
        assert (high - low >= least).all()
        assert (high - low <= greatest).all()
        assert extent(kind, style) == pytest.approx((high - low).tolist(), abs=MILLIMETRE)


@pytest.mark.parametrize("kind", KINDS)
def test_objects_stand_or_hang_in_their_frame(kind: str) -> None:
    anchored = {"wall": (0, 1, 0), "ceiling": (0, 0, 1)}.get(KINDS[kind].stands, (0, 0, -1))
    for style in STYLES:
        low, high = _corners(built(kind, style))
        for axis, end in enumerate(anchored):
            found = {0: (low + high) / 2, 1: high, -1: low}[end][axis]
            assert found == pytest.approx(0, abs=MILLIMETRE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_style_gives_the_same_bytes_again(kind: str) -> None:
    first = _bytes(build(kind, 3))
    build.cache_clear()
    _assembled.cache_clear()
    assert _bytes(build(kind, 3)) == first


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_styles_are_the_same(kind: str) -> None:
    assert len({_bytes(built(kind, style)) for style in STYLES}) == len(STYLES)


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_mostly_shows_its_own_finish(kind: str) -> None:
    seen = [shares(built(kind, style)) for style in range(8)]
    own = np.array([share.pop("main", 0.0) for share in seen])
    assert own.min() > 0.15
    rivals = [max((v for k, v in s.items() if k not in OTHERS.get(kind, set())), default=0.0) for s in seen]
    assert np.median(own) > np.median(rivals)


@pytest.mark.parametrize("kind", KINDS)
def test_meshes_are_light(kind: str) -> None:
    assert max(sum(len(part.faces) for part in built(kind, style)) for style in STYLES) < 9000


@pytest.mark.parametrize("kind", PATTERNED)
def test_what_bears_a_pattern_has_surface_coordinates_in_metres(kind: str) -> None:
    for style in STYLES:
        parts = [part for part in built(kind, style) if part.role == "main" and part.uv is not None]
        scale = np.concatenate([_uv_scale(part) for part in parts])
        assert 0.85 < np.median(scale) < 1.15


def _uv_scale(part: Part) -> np.ndarray:
    """Length of each face's first side in uv over its length in space, where neither is too short to tell."""
    assert part.uv is not None
    ends = part.faces[:, :2]
    space = np.linalg.norm(np.subtract(*part.vertices[ends].transpose(1, 0, 2)), axis=1)
    plane = np.linalg.norm(np.subtract(*part.uv[ends].transpose(1, 0, 2)), axis=1)
    told = space > 0.01
    return plane[told] / space[told]


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_has_a_free_top_carries_others(kind: str) -> None:
    for style in STYLES:
        height, area = top(kind, style), top_extent(kind, style)
        assert (height is None) == (area is None)
        assert (height is not None) == (kind in CARRIERS)
        if height is None or area is None:
            continue
        assert height == pytest.approx(extent(kind, style)[2], abs=0.01)
        assert 0.25 < area[0] <= extent(kind, style)[0]
        assert 0.25 < area[1] <= extent(kind, style)[1]


@pytest.mark.parametrize("kind", ["lamp", "table lamp", "pendant"])
def test_lamps_have_a_part_that_shines(kind: str) -> None:
    assert all(any(part.role == "glow" for part in built(kind, style)) for style in STYLES)


def test_a_mirror_has_a_pane_and_a_plant_leaves_and_soil() -> None:
    for style in STYLES:
        assert "mirror" in {part.role for part in built("mirror", style)}
        assert {"leaf", "soil"} <= {part.role for part in built("plant", style)}


def test_parts_that_are_handed_out_cannot_be_changed() -> None:
    part = build("chair", 0)[0]
    with pytest.raises(ValueError, match="read-only"):
        part.vertices[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        part.role = "metal"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (functools.partial(build, "piano", 0), "no object class 'piano'"),
        (functools.partial(build, "chair", -1), "0 or more"),
    ],
)
def test_a_wrong_class_or_style_is_refused_with_what_to_use(make: functools.partial, message: str) -> None:
    with pytest.raises(SceneError, match=message):
        make()
