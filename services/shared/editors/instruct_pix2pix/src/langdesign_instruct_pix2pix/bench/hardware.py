"""What the device can do, and how much of it an edit uses."""

import resource
from time import perf_counter

import numpy as np
import torch
from langdesign_edits import Preserve
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from langdesign_instruct_pix2pix.editor import Editor
from langdesign_instruct_pix2pix.parameters import EditParameters
from langdesign_instruct_pix2pix.state import Pix2PixRequest


def matmul_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Return the best FLOP/s of five square matrix products: the peak that this device shows."""
    side = 8192 if device.type == "cuda" else 1536
    left = torch.randn(side, side, device=device, dtype=dtype)
    seconds = []
    for _ in range(6):
        began = perf_counter()
        left @ left
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(perf_counter() - began)
    return 2 * side**3 / min(seconds[1:])


def edit_flops(editor: Editor, size: int, steps: int) -> float:
    """Count the floating-point operations of one plain edit of a `size` x `size` image."""
    parameters = EditParameters("count", steps=1, preserve=Preserve.NONE)
    # The counter knows the products of the math kernel on every device.
    with sdpa_kernel(SDPBackend.MATH):
        with FlopCounterMode(display=False) as around:
            state = editor.prepare(Pix2PixRequest(np.zeros((size, size, 3), np.uint8), None, parameters))
        with FlopCounterMode(display=False) as step:
            editor.denoise_step([state])
        with around:
            editor.finish(state)
    return float(around.get_total_flops() + steps * step.get_total_flops())


def peak_memory(device: torch.device) -> int:
    """Return the most bytes held so far: on CUDA by tensors, else by the process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB


def device_name(device: torch.device) -> str:
    """Name the device with its threads or its model."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"
