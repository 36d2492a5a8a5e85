"""Training recipes as functions of seeds and data."""

from .errors import DataError, FinetuneError, RecipeError, ResumeError, StorageError, TrainingError
from .loop import LoopReport, LoopSettings, train
from .task import Task

__all__ = [
    "DataError",
    "FinetuneError",
    "LoopReport",
    "LoopSettings",
    "RecipeError",
    "ResumeError",
    "StorageError",
    "Task",
    "TrainingError",
    "train",
]
