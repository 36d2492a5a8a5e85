"""Samplers: solvers behind one signature, over x = x0 + sigma * noise (Karras et al., arXiv:2206.00364).

A solver is a pair of pure functions: one lays the schedule of a number of steps, one takes a step.
Whatever is random comes from the generator that the caller passes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from langdesign_edits import Sampler
from numpy.typing import NDArray

from langdesign_diffusion.errors import InvalidParameters
from langdesign_diffusion.hyperparameters import Prediction

_TORCH_SEEDS = 2**32  # that PyTorch's generator on the CPU tells apart


@dataclass(frozen=True, slots=True)
class NoiseSchedule:
    """The diffusion process that a model was trained on (DDPM, arXiv:2006.11239), and what it predicts."""

    train_timesteps: int = 1000
    beta_start: float = 0.00085
    beta_end: float = 0.012
    beta_schedule: str = "scaled_linear"  # or "linear"
    steps_offset: int = 1  # added to "leading" timesteps (DDIM)
    prediction: Prediction = "epsilon"  # what the UNet predicts

    def sigmas(self) -> NDArray[np.float64]:
        """Return sigma at every training timestep: sqrt((1 - a) / a), a the cumulative alpha.

        In float32, as the reference implementations: at 1000 factors the rounding shows.
        """
        power = 0.5 if self.beta_schedule == "scaled_linear" else 1.0
        roots = torch.linspace(
            self.beta_start**power, self.beta_end**power, self.train_timesteps, dtype=torch.float32
        )
        alphas = torch.cumprod(1.0 - roots ** (1.0 / power), dim=0)
        sigmas: NDArray[np.float64] = ((1.0 - alphas) / alphas).sqrt().double().numpy()
        return sigmas


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps of one run."""

    timesteps: tuple[float, ...]  # [n], what the model is told, falling
    sigmas: tuple[float, ...]  # [n + 1], the noise before each step and after the last
    start: float  # scale of the unit noise that the run starts from

    @property
    def steps(self) -> int:
        """Return the number of steps."""
        return len(self.timesteps)

    def input_scale(self, index: int) -> float:
        """Return what x is multiplied by before the model sees it: 1 / sqrt(sigma^2 + 1)."""
        return 1.0 / math.sqrt(self.sigmas[index] ** 2 + 1.0)


StepFunction = Callable[
    [torch.Tensor, torch.Tensor, torch.Tensor | None, Schedule, int, torch.Generator], torch.Tensor
]  # (x, x0 estimate, x0 estimate of the step before, schedule, index, CPU generator) -> next x


@dataclass(frozen=True, slots=True)
class Solver:
    """A schedule and a step that belong together."""

    lay: Callable[[NoiseSchedule, int], Schedule]
    step: StepFunction

    def schedule(self, noise: NoiseSchedule, steps: int) -> Schedule:
        """Lay the schedule of `steps` steps.

        Raises:
            InvalidParameters: if the model was trained on fewer timesteps than that.

        """
        if steps >= noise.train_timesteps:
            raise InvalidParameters("steps", f"is {steps}; choose fewer than {noise.train_timesteps}")
        return self.lay(noise, steps)


def noise_generator(seed: int) -> torch.Generator:
    """Return a generator on the CPU that another seed, 0 to 2 ** 63 - 1, does not share.

    PyTorch starts its generator by the lower 32 bits of a seed alone, so that 7 and 7 + 2 ** 32 would give
    the same noise: longer seeds are hashed.
    """
    if seed >= _TORCH_SEEDS:
        seed = int.from_bytes(hashlib.sha256(seed.to_bytes(8)).digest()[:4])
    return torch.Generator("cpu").manual_seed(seed)


def draw_noise(shape: Sequence[int], generator: torch.Generator, device: torch.device) -> torch.Tensor:
    """Draw unit noise on the CPU and move it: a seed means the same noise on every machine."""
    return torch.randn(tuple(shape), generator=generator, dtype=torch.float32).to(device)


def denoised_of(
    sample: torch.Tensor, predicted: torch.Tensor, sigma: float, prediction: Prediction
) -> torch.Tensor:
    """Return the estimate of x0 that a prediction amounts to.

    It is affine in the prediction, so guidance, whose weights sum to 1, may come before or after it.

    Args:
        sample: x = x0 + sigma * noise, any shape.
        predicted: the UNet's (guided) output for x / sqrt(1 + sigma^2), of the same shape.
        sigma: noise level of the sample.
        prediction: what the output means. "v_prediction" (Salimans & Ho, arXiv:2202.00512, appendix D) is
            v = a * noise - s * x0, with a = 1 / sqrt(1 + sigma^2) and s = sigma * a.

    """
    if prediction == "epsilon":
        return sample - sigma * predicted
    variance = sigma**2
    return sample / (1.0 + variance) - predicted * (sigma / math.sqrt(1.0 + variance))


def euler(
    sample: torch.Tensor,
    denoised: torch.Tensor,
    previous: torch.Tensor | None,
    schedule: Schedule,
    index: int,
    generator: torch.Generator,
) -> torch.Tensor:
    """Take an Euler step of the probability flow (Karras et al., arXiv:2206.00364, algorithm 1)."""
    sigma, following = schedule.sigmas[index], schedule.sigmas[index + 1]
    return sample + (sample - denoised) * ((following - sigma) / sigma)


def euler_ancestral(
    sample: torch.Tensor,
    denoised: torch.Tensor,
    previous: torch.Tensor | None,
    schedule: Schedule,
    index: int,
    generator: torch.Generator,
) -> torch.Tensor:
    """Take an Euler step to below the next noise level and renoise (DDPM, arXiv:2006.11239)."""
    sigma, following = schedule.sigmas[index], schedule.sigmas[index + 1]
    up = math.sqrt(following**2 * (sigma**2 - following**2) / sigma**2)
    down = math.sqrt(max(following**2 - up**2, 0.0))
    noise = draw_noise(sample.shape, generator, sample.device)
    return sample + (sample - denoised) * ((down - sigma) / sigma) + noise * up


def ddim(
    sample: torch.Tensor,
    denoised: torch.Tensor,
    previous: torch.Tensor | None,
    schedule: Schedule,
    index: int,
    generator: torch.Generator,
) -> torch.Tensor:
    """Take a DDIM step with eta 0 (Song et al., arXiv:2010.02502, equation 12)."""
    noise = (sample - denoised) / schedule.sigmas[index]
    return denoised + schedule.sigmas[index + 1] * noise


def dpmpp_2m(
    sample: torch.Tensor,
    denoised: torch.Tensor,
    previous: torch.Tensor | None,
    schedule: Schedule,
    index: int,
    generator: torch.Generator,
) -> torch.Tensor:
    """Take a DPM-Solver++ (2M) step (Lu et al., arXiv:2211.01095, algorithm 2)."""
    sigma, following = schedule.sigmas[index], schedule.sigmas[index + 1]
    if following == 0.0:
        return denoised
    if previous is not None:
        ratio = math.log(schedule.sigmas[index - 1] / sigma) / math.log(sigma / following)
        denoised = denoised + (denoised - previous) / (2.0 * ratio)
    return sample * (following / sigma) + denoised * (1.0 - following / sigma)


# A single step starts from the most noise. diffusers' formulas start it from the least, at timestep 0 or 1,
# where the sample is taken for the picture already, and pure noise comes out as flat grey.


def _lay_linear(noise: NoiseSchedule, steps: int) -> Schedule:
    table = noise.sigmas()
    last = noise.train_timesteps - 1
    timesteps = np.linspace(0 if steps > 1 else last, last, steps)[::-1]
    sigmas = [*np.interp(timesteps, np.arange(len(table)), table).tolist(), 0.0]
    return Schedule(tuple(timesteps.tolist()), tuple(sigmas), start=max(sigmas))


def _lay_leading(noise: NoiseSchedule, steps: int) -> Schedule:
    table = noise.sigmas()
    timesteps = np.arange(steps)[::-1] * (noise.train_timesteps // steps) + noise.steps_offset
    if steps == 1:
        timesteps = np.array([noise.train_timesteps - 1])
    sigmas = [*table[timesteps].tolist(), float(table[0])]
    return Schedule(tuple(timesteps.tolist()), tuple(sigmas), start=math.hypot(sigmas[0], 1.0))


def _lay_rounded(noise: NoiseSchedule, steps: int) -> Schedule:
    table = noise.sigmas()
    timesteps = np.linspace(0, noise.train_timesteps - 1, steps + 1).round()[::-1][:-1].astype(np.int64)
    sigmas = [*table[timesteps].tolist(), 0.0]
    return Schedule(tuple(timesteps.tolist()), tuple(sigmas), start=math.hypot(sigmas[0], 1.0))


SOLVERS: dict[Sampler, Solver] = {
    "euler_ancestral": Solver(_lay_linear, euler_ancestral),
    "euler": Solver(_lay_linear, euler),
    "ddim": Solver(_lay_leading, ddim),
    "dpmpp_2m": Solver(_lay_rounded, dpmpp_2m),
}
