"""Step-level batching: requests join and leave a running batch at step boundaries."""

from langdesign_diffusion.engine.engine import Engine
from langdesign_diffusion.engine.events import Event, Finished, Preview, Started, Timings
from langdesign_diffusion.engine.job import Phase
from langdesign_diffusion.engine.metrics import EngineMetrics, Sample
from langdesign_diffusion.engine.options import EngineOptions
from langdesign_diffusion.engine.stepper import Stepper
from langdesign_diffusion.engine.ticket import Ticket

__all__ = [
    "Engine",
    "EngineMetrics",
    "EngineOptions",
    "Event",
    "Finished",
    "Phase",
    "Preview",
    "Sample",
    "Started",
    "Stepper",
    "Ticket",
    "Timings",
]
