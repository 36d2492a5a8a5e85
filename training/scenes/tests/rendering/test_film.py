import numpy as np
import pytest
from langdesign_scenes.rendering.film import develop, expose_outside, meter, pane_share

NONE = np.zeros((8, 8), dtype=bool)


def flat(value):
    return np.full((8, 8, 3), value, dtype=np.float32)


def test_the_meter_reads_light_and_not_the_colours_of_things():
    assert meter(flat(0.2), flat(0.8), 0.7, NONE) == pytest.approx(meter(flat(0.05), flat(0.2), 0.7, NONE))


def test_metered_paper_has_the_brightness_asked_for():
    exposure = meter(flat(0.2), flat(0.8), 0.5, NONE)
    assert develop(flat(0.25), exposure)[0, 0, 0] == round(255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055))


def test_what_is_masked_is_not_metered():
    colour, albedo, masked = flat(0.2), flat(0.8), NONE.copy()
    colour[:6], masked[:6] = 90.0, True
    assert meter(colour, albedo, 0.7, masked) == pytest.approx(meter(flat(0.2), flat(0.8), 0.7, NONE))


def test_brighter_light_never_gets_darker_and_never_wraps():
    ramp = np.repeat(np.linspace(0, 50, 600, dtype=np.float32)[None, :, None], 3, axis=2)
    levels = develop(ramp, 1.0)[0, :, 0].astype(int)
    assert (np.diff(levels) >= 0).all()
    assert levels[0] == 0
    assert levels[-1] == 255


def test_a_pane_shows_the_view_and_a_wall_stays():
    radiance = (8.0, 8.0, 8.0)
    colour, view = flat(0.2), flat(0.5)
    colour[:4] = 8.0
    share = pane_share(colour, radiance)
    result = expose_outside(colour, view, share, radiance, 2.0)
    np.testing.assert_allclose(result[:4], 0.25, atol=1e-5)
    np.testing.assert_array_equal(result[4:], colour[4:])
