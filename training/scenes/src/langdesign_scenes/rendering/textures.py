"""Procedural textures: small bitmaps in linear RGB that repeat without a seam."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .looks import CREAM, Weave

Texture = NDArray[np.float32]
_Grid = NDArray[np.float64]

SIZE = 192
"""Pixels of a side."""


@lru_cache(maxsize=64)
def paint(weave: Weave) -> tuple[Texture, float]:
    """Return a texture, linear RGB [192, 192, 3], and the metres that one repetition spans.

    The same weave always gives the same texture.
    """
    draw, metres = _DRAWN[weave.name]
    generator = np.random.default_rng([zlib.crc32(weave.name.encode()), weave.seed])
    picture = draw(np.asarray(weave.colour), np.asarray(weave.second), generator)
    return np.clip(picture, 0.0, 1.0).astype(np.float32), metres


def noise(generator: np.random.Generator, stretch: float = 1.0, falloff: float = 1.0) -> _Grid:
    """Return seamless noise [SIZE, SIZE] of mean 0 and standard deviation 1.

    Args:
        generator: where it comes from.
        stretch: how many times longer its features are along x (columns) than along y.
        falloff: exponent of its amplitude over the frequency; 0 is white noise.

    """
    frequency = np.fft.fftfreq(SIZE, 1.0 / SIZE)
    radius = np.hypot(frequency[:, None], frequency[None, :] * stretch)
    radius[0, 0] = 1.0
    spectrum = np.fft.fft2(generator.standard_normal((SIZE, SIZE))) / np.maximum(radius, 1.0) ** falloff
    spectrum[0, 0] = 0.0
    field = np.fft.ifft2(spectrum).real
    grain: _Grid = field / field.std()
    return grain


def _blend(first: _Grid, second: _Grid, share: _Grid) -> _Grid:
    blended: _Grid = first + (second - first) * np.clip(share, 0.0, 1.0)[..., None]
    return blended


def _axes() -> tuple[_Grid, _Grid]:
    line = (np.arange(SIZE) + 0.5) / SIZE
    return np.meshgrid(line, line)


def _shade(colour: _Grid, factor: _Grid) -> _Grid:
    shaded: _Grid = colour * factor[..., None]
    return shaded


def _fabric(colour: _Grid, _: _Grid, generator: np.random.Generator) -> _Grid:
    x, y = _axes()
    threads = np.sin(2 * np.pi * 48 * x) * np.sin(2 * np.pi * 48 * y)
    return _shade(colour, 1.0 + 0.05 * threads + 0.03 * noise(generator, falloff=0.6))


def _canvas(colour: _Grid, dark: _Grid, generator: np.random.Generator) -> _Grid:
    return _blend(colour, dark, 0.18 + 0.22 * noise(generator, falloff=1.5))


def _velvet(colour: _Grid, _: _Grid, generator: np.random.Generator) -> _Grid:
    return _shade(colour, 0.86 + 0.13 * noise(generator, falloff=1.4))


def _leather(colour: _Grid, _: _Grid, generator: np.random.Generator) -> _Grid:
    creases = np.abs(noise(generator, falloff=1.0))
    return _shade(colour, 1.0 - 0.10 * np.exp(-4.0 * creases) + 0.03 * noise(generator))


def _wood(colour: _Grid, dark: _Grid, generator: np.random.Generator) -> _Grid:
    return _blend(colour, dark, _rings(generator))


def _rings(generator: np.random.Generator) -> _Grid:
    _, y = _axes()
    drift = noise(generator, stretch=6.0, falloff=1.6)
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (5 * y + 0.35 * drift))
    pores = np.clip(noise(generator, stretch=14.0, falloff=0.5), 0.0, 2.0)
    grain: _Grid = 0.42 * rings**3 + 0.16 * pores + 0.08 * drift
    return grain


def _painted_wood(colour: _Grid, dark: _Grid, generator: np.random.Generator) -> _Grid:
    return _blend(colour, dark, 0.4 * _rings(generator))


def _joints(columns: int, rows: int, width: float, offset: float) -> tuple[_Grid, NDArray[np.int64]]:
    """Return where the joints of a bond are (0..1) and the number of each pixel's stone."""
    x, y = _axes()
    row = np.floor(y * rows)
    along = (x * columns + offset * row) % columns
    column = np.floor(along)
    near_x = np.minimum(along - column, column + 1 - along) / columns
    near_y = np.minimum(y * rows - row, row + 1 - y * rows) / rows
    joint = np.clip(1.5 - np.minimum(near_x, near_y) / width, 0.0, 1.0)
    return joint, (row * columns + column).astype(np.int64)


def _stones(
    colour: _Grid, columns: int, rows: int, offset: float, spread: float, generator: np.random.Generator
) -> tuple[_Grid, _Grid]:
    joint, which = _joints(columns, rows, 0.5 / SIZE, offset)
    tone = 1.0 + spread * generator.standard_normal(columns * rows)
    return _shade(colour, tone[which]), joint


def _planks(columns: int, rows: int, offset: float, spread: float) -> _Draw:
    def draw(colour: _Grid, joint_colour: _Grid, generator: np.random.Generator) -> _Grid:
        picture, joint = _stones(colour, columns, rows, offset, spread, generator)
        grain = _blend(picture, picture * 0.55, 0.55 * _rings(generator))
        return _blend(grain, joint_colour, 0.8 * joint)

    return draw


def _slabs(columns: int, rows: int, offset: float, spread: float, surface: _Draw, grout: float) -> _Draw:
    def draw(colour: _Grid, joint_colour: _Grid, generator: np.random.Generator) -> _Grid:
        tone, joint = _stones(np.ones(3), columns, rows, offset, spread, generator)
        picture = surface(colour, joint_colour, generator) * tone
        return _blend(picture, joint_colour, grout * joint)

    return draw


def _even(colour: _Grid, _: _Grid, generator: np.random.Generator) -> _Grid:
    return _shade(colour, 1.0 + 0.02 * noise(generator))


def _marble(colour: _Grid, vein: _Grid, generator: np.random.Generator) -> _Grid:
    warp = noise(generator, falloff=1.7)
    thin = np.exp(-9.0 * np.abs(warp + 0.25 * noise(generator, falloff=1.2)))
    clouds = np.clip(0.12 * noise(generator, falloff=1.8) + 0.07, 0.0, 1.0)
    return _blend(colour, vein, 0.75 * thin + clouds)


def _stone(colour: _Grid, dark: _Grid, generator: np.random.Generator) -> _Grid:
    speckle = np.clip(noise(generator, falloff=0.3), 0.0, 2.0)
    return _blend(colour, dark, 0.35 * speckle + 0.12 * noise(generator, falloff=1.4))


def _rattan(colour: _Grid, gap: _Grid, generator: np.random.Generator) -> _Grid:
    x, y = _axes()
    over = (np.floor(8 * x) + np.floor(8 * y)) % 2
    strand = np.where(over > 0, np.sin(np.pi * ((8 * y) % 1)), np.sin(np.pi * ((8 * x) % 1)))
    return _blend(_shade(colour, 1.0 + 0.05 * noise(generator)), gap, (1.0 - strand) ** 1.5)


def _leaf(colour: _Grid, dark: _Grid, generator: np.random.Generator) -> _Grid:
    return _blend(colour, dark, 0.35 + 0.3 * noise(generator, falloff=1.2))


def _bands(count: int, share: float) -> _Draw:
    def draw(colour: _Grid, second: _Grid, _: np.random.Generator) -> _Grid:
        x, __ = _axes()
        return _blend(colour, second, ((x * count) % 1.0 < share).astype(np.float64))

    return draw


def _checked(colour: _Grid, second: _Grid, _: np.random.Generator) -> _Grid:
    x, y = _axes()
    across, along = (x * 2) % 1.0 < 0.5, (y * 2) % 1.0 < 0.5
    return _blend(colour, second, (across ^ along).astype(np.float64) * 0.92)


def _dotted(colour: _Grid, second: _Grid, _: np.random.Generator) -> _Grid:
    x, y = _axes()
    row = np.floor(y * 4)
    across, along = (x * 4 + 0.5 * (row % 2)) % 1.0 - 0.5, (y * 4) % 1.0 - 0.5
    return _blend(colour, second, (np.hypot(across, along) < 0.29).astype(np.float64))


def _art(colour: _Grid, second: _Grid, generator: np.random.Generator) -> _Grid:
    """Draw an abstract picture: paper, soft fields of the colour and its neighbours, a disc, a line."""
    x, y = _axes()
    picture = np.broadcast_to(mix_grid(colour, np.asarray(CREAM), 0.25), (SIZE, SIZE, 3))
    tones = (colour, second, colour * 0.55, mix_grid(colour, np.asarray(CREAM), 0.6))
    for layer in range(5):
        level, slope, bend = generator.uniform(0.1, 0.9), generator.normal(0, 0.35), generator.normal(0, 0.08)
        edge = level + slope * (x - 0.5) + bend * np.sin(7 * x + layer)
        picture = _blend(picture, tones[layer % 4], (y - edge) * SIZE * 0.5 * generator.choice((-1, 1)) * 0.5)
    centre, radius = generator.uniform(0.25, 0.75, 2), generator.uniform(0.1, 0.22)
    disc = (radius - np.hypot(x - centre[0], y - centre[1])) * SIZE
    return _blend(picture, tones[int(generator.integers(4))], disc) * (1 + 0.03 * noise(generator))[..., None]


def _view(_: _Grid, __: _Grid, generator: np.random.Generator) -> _Grid:
    """Draw what is outside, far away and out of focus: a bright sky over trees."""
    # The renderer counts v upwards from the last row.
    x, up = _axes()
    sky = _blend(np.array([0.93, 0.95, 0.96]), np.array([0.50, 0.68, 0.92]), 1.1 * up - 0.25)
    hills = 0.34 + 0.10 * np.sin(2 * np.pi * (x + generator.random())) + 0.05 * noise(generator, falloff=1.8)
    leaves = _shade(np.array([0.30, 0.42, 0.20]), 1.0 + 0.25 * noise(generator, falloff=1.3))
    return _blend(sky, _blend(leaves, sky, np.full_like(x, 0.35)), (hills - up) * 14.0)


def mix_grid(first: _Grid, second: _Grid, share: float) -> _Grid:
    """Return `first` with a share of `second`, linear RGB."""
    return first + (second - first) * share


_Draw = Callable[[_Grid, _Grid, np.random.Generator], _Grid]

_DRAWN: Mapping[str, tuple[_Draw, float]] = {
    "fabric": (_fabric, 0.3),
    "canvas": (_canvas, 0.9),
    "velvet": (_velvet, 0.6),
    "leather": (_leather, 0.5),
    "wood": (_wood, 0.6),
    "painted wood": (_painted_wood, 0.6),
    "marble": (_marble, 1.1),
    "stone": (_stone, 0.5),
    "rattan": (_rattan, 0.16),
    "leaf": (_leaf, 0.2),
    "tile": (_slabs(4, 4, 0.0, 0.025, _even, 0.9), 0.8),
    "brick": (_slabs(4, 12, 0.5, 0.12, _stone, 0.9), 1.0),
    "wood floor": (_planks(2, 8, 0.47, 0.09), 1.6),
    "wood wall": (_planks(1, 8, 0.0, 0.05), 1.2),
    "marble floor": (_slabs(2, 2, 0.0, 0.03, _marble, 0.6), 1.4),
    "marble wall": (_slabs(2, 2, 0.0, 0.02, _marble, 0.5), 1.8),
    "stone floor": (_slabs(2, 4, 0.5, 0.06, _stone, 0.8), 1.6),
    "striped": (_bands(1, 0.42), 0.16),
    "wallpaper": (_bands(1, 0.5), 0.36),
    "checked": (_checked, 0.36),
    "dotted": (_dotted, 0.5),
    "art": (_art, 1.0),
    "view": (_view, 1.0),
}
"""How each texture is drawn, and the metres of one repetition."""
