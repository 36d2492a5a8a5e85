"""The denoiser on CUDA: compiled and captured per batch shape, with the attention kernels pinned."""

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from langdesign_diffusion.denoiser import Biases, Denoiser
from langdesign_diffusion.editor import LatentEditor, RequestT, StateT
from langdesign_diffusion.errors import UnsupportedDevice

# Never the math kernel: it would hold an L x L map. Flash takes no bias, so cross-attention uses the other.
PINNED_KERNELS = (SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION)
_MAX_COMPILED_SHAPES = 256  # row buckets x resolutions x kinds of requests (`warming`); torch's default is 8


class DenoiserInputs(NamedTuple):
    """Arguments of a `Denoiser`."""

    sample: torch.Tensor  # [B, C, h, w]
    timesteps: torch.Tensor  # [B]
    context: torch.Tensor  # [B, 77 K, D]
    biases: Biases | None  # {L: [B, 1, L, 77 K]}

    @property
    def shapes(self) -> tuple[torch.Size, torch.Size, bool]:
        """What a capture holds for: the sample's shape, the context's, and whether any row carries a bias."""
        return self.sample.shape, self.context.shape, bool(self.biases)

    def tensors(self) -> list[torch.Tensor]:
        """Return every tensor, in a fixed order."""
        return [self.sample, self.timesteps, self.context, *(self.biases or {}).values()]


Replay = Callable[[DenoiserInputs], torch.Tensor]
Capture = Callable[[Denoiser, DenoiserInputs], Replay]


class CapturedDenoiser:
    """A denoiser that replays what it captured for a batch shape, and runs other shapes as they are.

    The region is data, never part of the shape: a change of region neither compiles nor captures anew.
    """

    def __init__(self, plain: Denoiser, compiled: Denoiser, capture: Capture) -> None:
        self._plain = plain
        self._compiled = compiled
        self._capture = capture
        self._replays: dict[tuple[torch.Size, torch.Size, bool], tuple[DenoiserInputs, Replay]] = {}
        self._capturing = False

    @property
    def captured(self) -> int:
        """How many batch shapes were captured."""
        return len(self._replays)

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Capture every new batch shape that is called inside the block."""
        self._capturing = True
        try:
            yield
        finally:
            self._capturing = False

    def __call__(
        self, sample: torch.Tensor, timesteps: torch.Tensor, context: torch.Tensor, biases: Biases | None
    ) -> torch.Tensor:
        """Predict `[B, 4, h, w]` (see `Denoiser`)."""
        inputs = DenoiserInputs(sample, timesteps, context, biases)
        key = inputs.shapes
        with sdpa_kernel(list(PINNED_KERNELS)):
            if self._capturing and key not in self._replays:
                self._replays[key] = inputs, self._capture(self._compiled, inputs)
            example, replay = self._replays.get(key, (None, None))
            fitting = _fitted(inputs, example) if example else None
            return replay(fitting) if replay and fitting else self._plain(*inputs)


def accelerate(
    editor: LatentEditor[RequestT, StateT],
    requests: Iterable[RequestT],
    row_buckets: Sequence[int],
    *,
    compiled: bool,
    cache: Path | None,
) -> CapturedDenoiser:
    """Give an editor a denoiser that is compiled and captured for requests' shapes, before it serves.

    Args:
        editor: in bfloat16, on a CUDA device.
        requests: of one step, of every shape to be ready for.
        row_buckets: rows of the batch to be ready for.
        compiled: whether to fuse with torch.compile before capturing; minutes at the first start.
        cache: file that keeps compiled code over restarts; trusted like code.

    Raises:
        UnsupportedDevice: this device lacks a memory-efficient attention kernel.

    """
    check_attention_kernels(editor.checkpoint.device, editor.checkpoint.dtype)
    for module in (editor.checkpoint.unet, editor.checkpoint.vae):
        module.to(memory_format=torch.channels_last)
    served: Denoiser = editor.predict
    if compiled:
        torch._dynamo.config.recompile_limit = _MAX_COMPILED_SHAPES
        served = torch.compile(editor.predict, dynamic=False, fullgraph=True)
    captured = CapturedDenoiser(editor.predict, served, capture_graph)
    editor.denoiser = captured
    with _kept(cache), captured.capturing():
        editor.warm_up(requests, row_buckets)
    return captured


def check_attention_kernels(device: torch.device, dtype: torch.dtype) -> None:
    """Run self-attention, and cross-attention with a bias, on the pinned kernels alone.

    Raises:
        UnsupportedDevice: no pinned kernel serves this device and type.

    """
    query = torch.zeros(1, 8, 64, 40, device=device, dtype=dtype)
    bias = torch.zeros(1, 1, 64, 80, device=device, dtype=dtype)[..., :77]
    try:
        with sdpa_kernel(list(PINNED_KERNELS)):
            scaled_dot_product_attention(query, query, query)
            words = query[:, :, :1].expand(-1, -1, 77, -1)
            scaled_dot_product_attention(query, words, words, attn_mask=bias)
    except RuntimeError as error:
        raise UnsupportedDevice(
            f"{device} has no flash or memory-efficient attention for {dtype}: use a GPU of compute "
            "capability 8.0 or later, with bfloat16"
        ) from error


def capture_graph(denoiser: Denoiser, inputs: DenoiserInputs) -> Replay:
    """Capture one call as a CUDA graph; the replay copies its inputs in and its output out."""
    static = _copied(inputs)
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # compiling and choosing kernels must not happen inside the capture
        for _ in range(3):
            denoiser(*static)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = denoiser(*static)

    def replay(fresh: DenoiserInputs) -> torch.Tensor:
        for target, source in zip(static.tensors(), fresh.tensors(), strict=True):
            target.copy_(source)
        graph.replay()
        return output.clone()

    return replay


def _fitted(inputs: DenoiserInputs, example: DenoiserInputs) -> DenoiserInputs | None:
    """Order the biases as captured, with zeros for absent resolutions; None where one was not captured."""
    biases, known = inputs.biases or {}, example.biases or {}
    if not biases.keys() <= known.keys():
        return None
    complete = {length: biases.get(length, torch.zeros_like(known[length])) for length in known}
    return inputs._replace(biases=complete or None)


def _copied(inputs: DenoiserInputs) -> DenoiserInputs:
    """Copy the tensors into memory of their own; biases keep their aligned stride."""
    biases = {length: _like(bias).copy_(bias) for length, bias in (inputs.biases or {}).items()}
    return DenoiserInputs(
        inputs.sample.clone(), inputs.timesteps.clone(), inputs.context.clone(), biases or None
    )


def _like(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=tensor.device)


@contextmanager
def _kept(cache: Path | None) -> Iterator[None]:
    """Load what earlier starts compiled, and store what this one compiled."""
    if cache and cache.is_file():
        torch.compiler.load_cache_artifacts(cache.read_bytes())
    yield
    artifacts = torch.compiler.save_cache_artifacts() if cache else None
    if cache and artifacts:
        cache.parent.mkdir(parents=True, exist_ok=True)
        # A name of this process's own: replicas may share the folder, and write at once.
        partial = cache.with_name(f"{cache.name}.{platform.node()}.{os.getpid()}")
        partial.write_bytes(artifacts[0])
        partial.replace(cache)
