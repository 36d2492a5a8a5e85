"""From radiance to a picture: exposure by incident light, a soft shoulder, sRGB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .looks import Colour

Layer = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_KNEE = 0.62  # where highlights begin to be compressed


def meter(colour: Layer, albedo: Layer, target: float, besides: NDArray[np.bool_]) -> float:
    """Return the factor that brings the light which falls on a scene to a target.

    As with an incident light meter, the colours of the things do not matter: radiance is divided by albedo.

    Args:
        colour: linear RGB [H, W, 3].
        albedo: [H, W, 3]; where it is dark, nothing is measured.
        target: what white paper in the scene's upper middle light becomes, linear 0..1.
        besides: what is left out [H, W].

    """
    reflected, share = colour @ _WEIGHTS, albedo @ _WEIGHTS
    bright = (share > 0.04) & ~besides
    if not bright.any():
        return 1.0
    light = float(np.percentile(reflected[bright] / share[bright], 60))
    return target / max(light, 1e-6)


def pane_share(colour: Layer, radiance: Colour) -> Layer:
    """Return which share of each pixel [H, W], 0..1, is a pane of this radiance and nothing darker.

    Panes are far brighter than all that they light, so the share follows from a pixel's own radiance.
    """
    bright = float(np.asarray(radiance, dtype=np.float32) @ _WEIGHTS)
    dark = 0.12 * bright
    share: Layer = np.clip((colour @ _WEIGHTS - dark) / (bright - dark), 0.0, 1.0)
    return share


def expose_outside(colour: Layer, view: Layer, share: Layer, radiance: Colour, exposure: float) -> Layer:
    """Expose what is seen through the windows on its own, as photographers of interiors do.

    Args:
        colour: linear RGB [H, W, 3].
        view: what is outside, as it shall appear [H, W, 3], 0..1.
        share: of the panes in each pixel [H, W].
        radiance: of the panes.
        exposure: factor that `develop` will use.

    """
    panes = np.asarray(radiance, dtype=np.float32)
    shown = view / np.float32(exposure)
    mixed = colour + share[..., None] * (shown - panes)
    # Where there is nothing but a pane, what the pane reflects is left out too.
    whole = np.clip((share[..., None] - 0.9) / 0.1, 0.0, 1.0)
    outside: Layer = np.maximum(mixed + whole * (shown - mixed), 0.0)
    return outside


def develop(colour: Layer, exposure: float) -> Pixels:
    """Return sRGB 0..255 [H, W, 3] of linear radiance.

    Below the knee a colour is reproduced as it is; above, the curve bends smoothly towards white.
    """
    exposed = np.maximum(colour, 0.0) * exposure
    over = np.maximum(exposed - _KNEE, 0.0)
    bent = np.minimum(exposed, _KNEE) + (1 - _KNEE) * (1 - np.exp(-over / (1 - _KNEE)))
    encoded = np.where(bent <= 0.0031308, 12.92 * bent, 1.055 * np.maximum(bent, 1e-8) ** (1 / 2.4) - 0.055)
    return np.rint(np.clip(encoded, 0.0, 1.0) * 255.0).astype(np.uint8)
