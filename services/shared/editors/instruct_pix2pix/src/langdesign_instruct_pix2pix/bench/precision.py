"""The engine in float32 and in bfloat16 against diffusers' own pipeline in both, on the same weights."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch
from diffusers.models.attention_processor import AttnProcessor2_0
from langdesign_diffusion.attention import RegionAttention
from langdesign_diffusion.imaging import to_pillow
from langdesign_diffusion.precision import Precision, choose_dtype
from langdesign_diffusion.random_weights import Size, random_checkpoint
from langdesign_diffusion.serving import to_serve
from langdesign_edits import Pixels, Preserve

from langdesign_instruct_pix2pix.bench.contestants import INSTRUCTION, pipeline_of
from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.parameters import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest

_EXACT = "engine float32"  # what the others are compared with

AfterStep = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to edit; calls back after each step."""

    name: str
    edit: Callable[[Pixels, AfterStep], Pixels]


@dataclass(frozen=True, slots=True)
class _Timing:
    edit: float  # seconds
    step: float  # seconds, the median of the edit's steps but the first
    processor: float  # seconds of processor time that the edit took, over all threads


def measure_precision(
    size: Size, device: str, pixels: int, steps: int, rounds: int, advance: Callable[[], None]
) -> dict[str, Any]:
    """Time every way in turn, in an order that rotates, and compare the pictures with float32's.

    Args:
        size: shapes of the random weights.
        device: where all run.
        pixels: side of the square pictures.
        steps: of each edit, 2 or more.
        rounds: edits of each way, after one that warms up.
        advance: called after each edit.

    Returns:
        Per way its median seconds of an edit, of a step and of processor time; the ratio of processor time
        to the engine's in float32, which other work on the machine distorts least, and that of the clock's
        (medians of each round's); the PSNR of its last picture against that engine's, in dB.

    """
    ways = [way for precision in ("float32", "bfloat16") for way in _pair(size, device, steps, precision)]
    timings: dict[str, list[_Timing]] = {way.name: [] for way in ways}
    pictures: dict[str, Pixels] = {}
    for number in range(rounds + 1):
        image = np.random.default_rng(number).integers(0, 256, (pixels, pixels, 3), np.uint8)
        shift = number % len(ways)
        for way in ways[shift:] + ways[:shift]:
            timing, pictures[way.name] = _timed(way, image)
            timings[way.name] += [timing] if number else []
            advance()
    return {
        name: _row(own, timings[_EXACT]) | {"psnr": psnr(pictures[name], pictures[_EXACT])}
        for name, own in timings.items()
    }


def psnr(picture: Pixels, exact: Pixels) -> float | None:
    """Return the peak signal-to-noise ratio of two pictures of one shape in dB; None where they are equal."""
    error = float(np.square(picture.astype(np.float64) - exact).mean())
    return 10.0 * float(np.log10(255.0**2 / error)) if error else None


def _pair(size: Size, device: str, steps: int, precision: Precision) -> list[_Way]:
    """Return the engine's way and diffusers', over the same networks where serving changes none."""
    checkpoint = random_checkpoint(size).placed(device, choose_dtype(precision, torch.device(device), ()))
    changed = checkpoint.dtype == torch.bfloat16
    plain = replace(checkpoint, unet=deepcopy(checkpoint.unet)) if changed else checkpoint
    editor = Editor(to_serve(checkpoint, device, precision))
    pipeline = pipeline_of(plain)
    parameters = EditParameters(INSTRUCTION, steps=steps, preserve=Preserve.NONE)

    def ours(image: Pixels, after_step: AfterStep) -> Pixels:
        checkpoint.unet.set_attn_processor(RegionAttention())
        state = editor.prepare(Pix2PixRequest(image, None, parameters))
        while not state.done:
            editor.denoise_step([state])
            editor.synchronize()
            after_step()
        return editor.finish(state).image

    def theirs(image: Pixels, after_step: AfterStep) -> Pixels:
        def ended(pipe: object, step: int, timestep: object, tensors: dict[str, Any]) -> dict[str, Any]:
            editor.synchronize()
            after_step()
            return tensors

        plain.unet.set_attn_processor(AttnProcessor2_0())
        made = pipeline(
            INSTRUCTION,
            image=to_pillow(image),
            num_inference_steps=steps,
            guidance_scale=parameters.guidance_scale,
            image_guidance_scale=parameters.image_guidance_scale,
            generator=torch.Generator().manual_seed(parameters.seed),
            callback_on_step_end=ended,
        )
        return np.asarray(made.images[0])

    return [_Way(f"engine {precision}", ours), _Way(f"diffusers {precision}", theirs)]


def _timed(way: _Way, image: Pixels) -> tuple[_Timing, Pixels]:
    ends: list[float] = []
    began, processor = perf_counter(), process_time()
    picture = way.edit(image, lambda: ends.append(perf_counter()))
    edit, processor = perf_counter() - began, process_time() - processor
    return _Timing(edit, statistics.median(np.diff(ends).tolist()), processor), picture


def _row(own: Sequence[_Timing], exact: Sequence[_Timing]) -> dict[str, Any]:
    rounds = list(zip(own, exact, strict=True))
    return {
        "edit": statistics.median(timing.edit for timing in own),
        "step": statistics.median(timing.step for timing in own),
        "processor": statistics.median(timing.processor for timing in own),
        "times_as_fast": statistics.median(base.edit / timing.edit for timing, base in rounds),
        "times_less_work": statistics.median(base.processor / timing.processor for timing, base in rounds),
    }
