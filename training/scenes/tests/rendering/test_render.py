import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from langdesign_scenes import Finish, SceneError
from langdesign_scenes.rendering import render
from scenes import WINDOW, board, centre_rays, room, thing

SIZE = 48


def shown(scene, **options):
    return render(scene, samples=4, size=SIZE, build=board, **options)


@pytest.fixture(scope="module")
def plain():
    return shown(room(thing(), windows=(WINDOW,)))


def test_the_index_names_what_the_ray_through_each_pixels_middle_meets(plain):
    rays = centre_rays(room(), SIZE)
    hit = np.array([0, -0.5, 1.2]) + rays * (2.5 / rays[..., 1:2])
    expected = (abs(hit[..., 0] - 0.3) < 0.5) & (abs(hit[..., 2] - 0.9) < 0.5)
    assert plain.ids[0] == "board-1"
    np.testing.assert_array_equal(plain.index == 1, expected)


def test_depth_is_the_distance_along_the_ray(plain):
    rays = centre_rays(room(), SIZE)
    expected = 2.5 / rays[..., 1]
    board_pixels = plain.index == 1
    np.testing.assert_allclose(plain.depth[board_pixels], expected[board_pixels], atol=2e-3)


def test_ids_are_the_things_then_the_shell_then_the_windows(plain):
    assert plain.ids == ("board-1", "wall", "floor", "ceiling", "window-1")
    assert set(np.unique(plain.index)) == {1, 2, 3, 4, 5}


def test_a_turned_thing_shows_its_front_where_its_yaw_points():
    edge_on = shown(room(thing(yaw=90.0)))
    whole = shown(room(thing()))
    assert (edge_on.index == 1).sum() < 0.35 * (whole.index == 1).sum()


def test_a_scene_always_renders_to_the_same_picture(plain):
    again = shown(room(thing(), windows=(WINDOW,)))
    np.testing.assert_array_equal(plain.image, again.image)
    assert plain.exposure == again.exposure


def test_a_recoloured_thing_leaves_the_rest_as_it_was():
    before = shown(room(thing("red")))
    after = shown(room(thing("blue")), exposure=before.exposure)
    outside = before.index != 1
    change = np.abs(before.image.astype(int) - after.image)
    assert change[outside].mean() < 4.0
    assert change[~outside].mean() > 30.0
    np.testing.assert_array_equal(before.index, after.index)


@pytest.mark.parametrize("colour", ["red", "green", "blue", "yellow", "pink", "teal"])
def test_a_colour_is_recognised_in_the_picture(colour):
    from langdesign_scenes.vocabulary import COLOURS

    rendering = shown(room(thing(colour)))
    seen = np.median(rendering.image[rendering.index == 1], axis=0)
    distance = {name: np.linalg.norm(hue(rgb) - hue(seen)) for name, rgb in COLOURS.items()}
    assert colour in sorted(distance, key=distance.get)[:2]


def hue(rgb):
    value = np.asarray(rgb, dtype=float)
    return value / value.sum()


def test_the_view_from_a_window_is_not_a_white_hole(plain):
    pane = plain.image[plain.index == 5]
    assert np.median(pane.max(axis=-1)) > 120
    assert np.median(pane.min(axis=-1)) < 245


def test_paper_is_bright_whatever_the_walls_are():
    dark = shown(room(thing("white"), wall=Finish("black", "paint"), floor=Finish("black", "tile")))
    pale = shown(room(thing("white")))
    for rendering in (dark, pale):
        assert 150 < np.median(rendering.image[rendering.index == 1]) < 253


def test_a_single_object_stands_before_a_seamless_backdrop():
    scene = replace(room(thing(position=(0.0, 1.0, 0.0))), room="", wall=Finish("grey", "paint"))
    rendering = shown(scene)
    assert rendering.ids == ("board-1", "wall")
    assert set(np.unique(rendering.index)) == {1, 2}
    backdrop = rendering.image[rendering.index == 2].astype(float)
    assert np.abs(backdrop - backdrop.mean(axis=-1, keepdims=True)).mean() < 12


def test_two_things_of_one_id_are_refused():
    with pytest.raises(SceneError, match="one id"):
        shown(room(thing(), thing()))


def test_a_window_in_no_wall_is_refused():
    with pytest.raises(SceneError, match="back wall"):
        shown(room(windows=(replace(WINDOW, wall="floor"),)))


def test_the_renderer_is_not_loaded_by_readers_of_a_set():
    code = "import sys, langdesign_scenes; sys.exit('mitsuba' in sys.modules or 'pyoidn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
