"""Metrics of instruction-guided editing, and LangDesign-Bench: edits judged where the truth is known exactly.

`metrics` are pure functions; `features` are CLIP and DINO from local folders; `cases` chooses from a rendered
set; `editors`, `services` and `folders` are what can be judged; `bench` is `langdesign bench edits`.
"""

from .cases import Case, Choice, choice_digest, open_set
from .editors import (
    EditorUnderTest,
    EngineEditor,
    Identity,
    Outcome,
    RoundTrip,
    Sampling,
    Truth,
)
from .errors import AnswerError, BenchSetError, EvaluationError, ModelError
from .features import Clip, Dino
from .finders import ExactRegions, Finder, Found, RelaRegions
from .folders import FolderEditor, export
from .measures import Judge, Measures
from .services import ServiceEditor

__all__ = [
    "AnswerError",
    "BenchSetError",
    "Case",
    "Choice",
    "Clip",
    "Dino",
    "EditorUnderTest",
    "EngineEditor",
    "EvaluationError",
    "ExactRegions",
    "Finder",
    "FolderEditor",
    "Found",
    "Identity",
    "Judge",
    "Measures",
    "ModelError",
    "Outcome",
    "RelaRegions",
    "RoundTrip",
    "Sampling",
    "ServiceEditor",
    "Truth",
    "choice_digest",
    "export",
    "open_set",
]
