"""Step-level batching: requests join and leave a running batch at step boundaries."""

from langdesign_diffusion.engine.engine import Engine
from langdesign_diffusion.engine.events import Event, Finished, Previewed, Started, Timings
from langdesign_diffusion.engine.export import Metric, MetricsExport
from langdesign_diffusion.engine.job import Phase
from langdesign_diffusion.engine.loading import engine_over, start_engine, synchronizer
from langdesign_diffusion.engine.messages import Message, error_message, event_message, submit_message
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
    "Message",
    "Metric",
    "MetricsExport",
    "Phase",
    "Previewed",
    "Sample",
    "Started",
    "Stepper",
    "Ticket",
    "Timings",
    "engine_over",
    "error_message",
    "event_message",
    "start_engine",
    "submit_message",
    "synchronizer",
]
