"""Step-level batching: requests join and leave a running batch at step boundaries.

The engine knows time (slots, queues, fairness, cancellation, deadlines) and no model; an editor stands behind
`Stepper`.
"""

from langdesign_engine.editors import AnyEngine, Loader, find_loader, start_engine
from langdesign_engine.engine import Engine
from langdesign_engine.errors import (
    Cancelled,
    DeadlineExceeded,
    EngineError,
    EngineStopped,
    ImageMissing,
    InvalidMasks,
    QueueFull,
    UnknownEditor,
)
from langdesign_engine.events import Event, Finished, Previewed, Started, Timings
from langdesign_engine.export import Metric, MetricsExport
from langdesign_engine.job import Phase
from langdesign_engine.messages import (
    Message,
    check_message,
    error_message,
    event_message,
    submit_message,
    wants_check,
)
from langdesign_engine.metrics import EngineMetrics, Sample
from langdesign_engine.options import EngineOptions
from langdesign_engine.stepper import InstructionCheck, Output, Request, State, Stepper
from langdesign_engine.ticket import Ticket

__all__ = [
    "AnyEngine",
    "Cancelled",
    "DeadlineExceeded",
    "Engine",
    "EngineError",
    "EngineMetrics",
    "EngineOptions",
    "EngineStopped",
    "Event",
    "Finished",
    "ImageMissing",
    "InstructionCheck",
    "InvalidMasks",
    "Loader",
    "Message",
    "Metric",
    "MetricsExport",
    "Output",
    "Phase",
    "Previewed",
    "QueueFull",
    "Request",
    "Sample",
    "Started",
    "State",
    "Stepper",
    "Ticket",
    "Timings",
    "UnknownEditor",
    "check_message",
    "error_message",
    "event_message",
    "find_loader",
    "start_engine",
    "submit_message",
    "wants_check",
]
