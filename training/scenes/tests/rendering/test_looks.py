from dataclasses import replace

import numpy as np
import pytest
from langdesign_scenes import Finish, SceneError
from langdesign_scenes.rendering.looks import (
    Weave,
    finish_look,
    floor_look,
    linear,
    luminance,
    part_look,
    wall_look,
)
from langdesign_scenes.rendering.textures import paint
from langdesign_scenes.vocabulary import COLOURS, FLOOR, KINDS, WALL

FINISHES = sorted(
    {
        (colour, material, pattern)
        for kind in KINDS.values()
        for colour in kind.colours
        for material in kind.materials
        for pattern in kind.patterns
    }
)


def test_every_finish_of_the_vocabulary_has_a_look():
    for finish in FINISHES:
        look = finish_look(Finish(*finish))
        assert 0 <= look.roughness <= 1
        assert look.texture is None or paint(look.texture)[0].shape == (192, 192, 3)


@pytest.mark.parametrize(("surface", "look_of"), [(FLOOR, floor_look), (WALL, wall_look)])
def test_every_floor_and_wall_has_a_look(surface, look_of):
    for material in surface.materials:
        for pattern in surface.patterns:
            look = look_of(Finish("grey", material, pattern))
            assert look.texture is None or paint(look.texture)[1] > 0


def test_a_plain_texture_keeps_the_colour_it_is_named_for():
    named = {name: np.array(linear(rgb)) for name, rgb in COLOURS.items()}
    for colour, material, pattern in FINISHES:
        look = finish_look(Finish(colour, material, pattern))
        if pattern != "plain" or look.texture is None or material == "rattan":
            continue
        mean = paint(look.texture)[0].mean(axis=(0, 1))
        nearest = sorted(named, key=lambda name: np.linalg.norm(np.sqrt(named[name]) - np.sqrt(mean)))
        assert colour in nearest[:2], (colour, material, nearest[:3])


def test_a_pattern_shows_its_colour_on_half_or_more():
    for pattern in ("striped", "checked", "dotted"):
        look = finish_look(Finish("navy", "fabric", pattern))
        pixels, _ = paint(look.texture)
        own = np.abs(pixels - np.array(look.colour, dtype=np.float32)).max(axis=-1) < 0.02
        assert 0.45 < own.mean() < 0.9


def test_a_texture_repeats_without_a_seam():
    for name in ("wood", "marble", "fabric"):
        pixels, _ = paint(Weave(name, (0.5, 0.4, 0.3), (0.1, 0.1, 0.1)))
        inner = np.abs(np.diff(pixels, axis=0)).mean()
        seam = np.abs(pixels[0] - pixels[-1]).mean()
        assert seam < 3 * inner


def test_legs_do_not_change_when_the_upholstery_is_recoloured():
    red, blue = (part_look("frame", "chair", 3, Finish(colour, "fabric"), 0.5) for colour in ("red", "blue"))
    assert red == blue


def test_a_lampshade_shines_more_when_the_lamps_are_up():
    def shine(lamps):
        return luminance(part_look("main", "lamp", 1, Finish("white", "fabric"), lamps).emission)

    assert shine(1.0) > 3 * shine(0.0) > 0


def test_the_frame_of_a_picture_is_not_of_the_artworks_colour():
    finish = Finish("red", "wood")
    assert part_look("frame", "picture", 0, finish, 0).colour == (
        part_look("frame", "picture", 0, replace(finish, colour="blue"), 0).colour
    )
    assert part_look("main", "picture", 0, finish, 0).texture.colour == linear(COLOURS["red"])


def test_an_unknown_colour_is_refused():
    with pytest.raises(SceneError, match="vocabulary"):
        finish_look(Finish("mauve", "wood"))
