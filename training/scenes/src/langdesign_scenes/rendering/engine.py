"""Mitsuba 3 and Open Image Denoise behind a few functions; nothing else imports them.

Both are loaded by the first picture, and each process renders on one thread: pictures are made in parallel by
processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..description import Camera
from ..errors import SceneError
from .looks import Colour, Look
from .surfaces import Surface
from .textures import paint

Layer = NDArray[np.float32]

_AOVS = "albedo:albedo,normal:sh_normal"


@dataclass(frozen=True, eq=False)
class Traced:
    """What the path tracer gives, before denoising."""

    colour: Layer  # linear RGB [H, W, 3]
    albedo: Layer  # [H, W, 3]
    normal: Layer  # [H, W, 3]
    shape: NDArray[np.int64]  # [H, W], 1 + place of the surface at the pixel's middle; 0 where there is none
    depth: Layer  # [H, W], metres along the ray, to a millimetre; 0 where there is none


@dataclass(frozen=True)
class Sun:
    """Parallel light."""

    towards: tuple[float, float, float]  # unit vector to it
    irradiance: Colour  # on a surface that faces it


@cache
def mitsuba() -> Any:
    """Load the renderer, once for each process.

    Raises:
        SceneError: it is not installed.

    """
    try:
        import drjit  # noqa: PLC0415 - loaded by the first picture, not by readers of a set
        import mitsuba as mi  # noqa: PLC0415
    except ImportError as error:
        raise SceneError("Rendering needs Mitsuba; `make setup` installs it") from error
    mi.set_variant("scalar_rgb")
    mi.set_log_level(mi.LogLevel.Error)
    drjit.set_thread_count(1)
    return mi


def trace(
    surfaces: Sequence[Surface],
    camera: Camera,
    sun: Sun | None = None,
    *,
    size: int,
    samples: int,
    depth: int,
    seed: int,
) -> Traced:
    """Trace the paths of one picture.

    Args:
        surfaces: all there is.
        camera: from where.
        sun: if it shines.
        size: pixels of a side.
        samples: paths of each pixel.
        depth: longest path, in edges.
        seed: of the noise; pixels are seeded one by one, so that what does not change keeps its noise.

    """
    mi = mitsuba()
    scene = mi.load_dict(
        {
            "type": "scene",
            "sensor": _sensor(camera, size, {"type": "multijitter", "sample_count": samples}),
            # One stratum without jitter is the middle of the pixel.
            "middle": _sensor(camera, size, {"type": "stratified", "sample_count": 1, "jitter": False}),
            **({} if sun is None else {"sun": _directional(sun)}),
            **{f"surface-{place}": _mesh(surface) for place, surface in enumerate(surfaces)},
        },
        optimize=False,  # or what looks alike may become one shape, and the index goes by shapes
    )
    picture = _integrate(scene, _AOVS, seed, samples, {"type": "path", "max_depth": depth, "rr_depth": 64})
    middle = _integrate(scene, "shape:shape_index,depth:depth", seed, 1, None)
    return Traced(
        colour=picture[..., 0:3],
        albedo=picture[..., -6:-3],
        normal=picture[..., -3:],
        shape=np.rint(middle[..., -2]).astype(np.int64),
        depth=middle[..., -1],
    )


def _integrate(scene: Any, aovs: str, seed: int, samples: int, inner: dict[str, Any] | None) -> Layer:
    nested = {} if inner is None else {"image": inner}
    integrator = mitsuba().load_dict({"type": "aov", "aovs": aovs, **nested})
    sensor = scene.sensors()[0 if inner is not None else 1]
    return np.array(integrator.render(scene, sensor=sensor, seed=seed, spp=samples), dtype=np.float32)


def _directional(sun: Sun) -> dict[str, Any]:
    return {
        "type": "directional",
        "direction": [-part for part in sun.towards],
        "irradiance": _rgb(sun.irradiance),
    }


def _sensor(camera: Camera, size: int, sampler: dict[str, Any]) -> dict[str, Any]:
    mi = mitsuba()
    return {
        "type": "perspective",
        "fov": camera.fov,
        "near_clip": 0.001,
        "far_clip": 100.0,
        "to_world": mi.ScalarTransform4f().look_at(camera.position, camera.target, [0, 0, 1]),
        "sampler": sampler,
        "film": {"type": "hdrfilm", "width": size, "height": size, "pixel_format": "rgb",
                 "component_format": "float32", "rfilter": {"type": "box"}},
    }  # fmt: skip


@lru_cache(maxsize=192)
def _bsdf(look: Look) -> Any:
    return mitsuba().load_dict(_model(look))


def _model(look: Look) -> dict[str, Any]:
    if look.model == "mirror":
        return {"type": "twosided", "inner": {"type": "conductor", "material": "none",
                                              "specular_reflectance": _rgb(look.colour)}}  # fmt: skip
    colour = _rgb(look.colour) if look.texture is None else _bitmap(look)
    if look.model == "diffuse":
        inner: dict[str, Any] = {"type": "diffuse", "reflectance": colour}
    else:
        inner = {"type": "principled", "base_color": colour, **_principled(look)}
    both = {"type": "twosided", "inner": inner}
    return both if look.opacity >= 1.0 else {"type": "mask", "opacity": look.opacity, "inner": both}


def _principled(look: Look) -> dict[str, float]:
    values = {"roughness": look.roughness, "specular": look.specular, "metallic": look.metallic,
              "sheen": look.sheen, "clearcoat": look.clearcoat}  # fmt: skip
    # A lobe of weight zero still costs time, if it is named.
    return {name: value for name, value in values.items() if value > 0.0}


def _rgb(colour: Colour) -> dict[str, Any]:
    return {"type": "rgb", "value": list(colour)}


def _bitmap(look: Look) -> dict[str, Any]:
    if look.texture is None:
        raise SceneError("A look without a texture has no bitmap")
    mi = mitsuba()
    pixels, metres = paint(look.texture)
    return {
        "type": "bitmap",
        "bitmap": mi.Bitmap(pixels),
        "raw": True,
        "to_uv": mi.ScalarTransform3f().scale([1.0 / metres, 1.0 / metres]),
    }


def _mesh(surface: Surface) -> Any:
    mi = mitsuba()
    properties = mi.Properties()
    properties["bsdf"] = _bsdf(surface.look)
    if surface.look.emission is not None:
        properties["emitter"] = mi.load_dict(
            {
                "type": "area",
                "radiance": _rgb(surface.look.emission),
                "sampling_weight": float(surface.look.sampled),
            }
        )
    smooth = surface.normals is not None
    mesh = mi.Mesh(
        surface.id, len(surface.vertices), len(surface.faces), props=properties,
        has_vertex_normals=smooth, has_vertex_texcoords=True,
    )  # fmt: skip
    buffers = mi.traverse(mesh)
    buffers["vertex_positions"] = np.ascontiguousarray(surface.vertices, dtype=np.float32).ravel()
    buffers["vertex_texcoords"] = np.ascontiguousarray(surface.uv, dtype=np.float32).ravel()
    if surface.normals is not None:
        buffers["vertex_normals"] = np.ascontiguousarray(surface.normals, dtype=np.float32).ravel()
    buffers["faces"] = np.ascontiguousarray(surface.faces, dtype=np.uint32).ravel()
    buffers.update()
    return mesh


@cache
def _denoiser() -> Any:
    import pyoidn  # noqa: PLC0415 - loaded by the first picture

    device = pyoidn.Device()
    device.set_int("numThreads", 1)
    # Pinned threads of several processes would share one core.
    device.set_bool("setAffinity", False)
    device.commit()
    return pyoidn.Filter(device, pyoidn.OIDN_FILTER_TYPE_RT), device


def denoise(traced: Traced) -> Layer:
    """Return the picture without its noise, linear RGB [H, W, 3].

    Raises:
        SceneError: the denoiser failed.

    """
    import pyoidn  # noqa: PLC0415

    filter_, device = _denoiser()
    result = np.zeros_like(traced.colour)
    layers = {"color": traced.colour, "albedo": traced.albedo, "normal": traced.normal, "output": result}
    bound = {name: np.ascontiguousarray(layer, dtype=np.float32) for name, layer in layers.items()}
    for name, layer in bound.items():
        filter_.set_image(name, layer, pyoidn.OIDN_FORMAT_FLOAT3)
    filter_.set_bool("hdr", True)
    filter_.commit()
    filter_.execute()
    message = device.get_error()
    if message:
        raise SceneError(f"The denoiser failed: {message}")
    return bound["output"]
